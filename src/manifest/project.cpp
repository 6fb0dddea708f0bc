#include "manifest/project.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manifest/dollars.hpp"
#include "manifest/env_file.hpp"
#include "manifest/extends.hpp"
#include "manifest/folding.hpp"
#include "manifest/merge.hpp"
#include "manifest/project_files.hpp"
#include "manifest/rebase.hpp"
#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr std::string_view override_names[] = {"compose.override.yml", "compose.override.yaml",
                                               "docker-compose.override.yml",
                                               "docker-compose.override.yaml"};
constexpr std::string_view include_keys[] = {"path", "env_file", "project_directory"};
constexpr std::string_view sections[] = {"services", "networks", "volumes",
                                         "configs",  "secrets",  "models"};
constexpr std::size_t include_depth_max = 16;

bool same_value(const YamlNode& a, const YamlNode& b) {
    return a.kind == b.kind && a.text == b.text &&
           std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same_value) &&
           std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                      [](const YamlEntry& x, const YamlEntry& y) {
                          return x.key == y.key && same_value(x.value, y.value);
                      });
}

/// Files that make up one model: the first, and those that are merged over it.
struct Model {
    std::vector<ProjectFile> files;
    std::string folder;  ///< what their paths are relative to
};

class Project {
  public:
    Project(const AppId& app, const ManifestText& manifest, ErrorSink& errors,
            std::set<std::string>* asked)
        : app_(app), reading_{.files = ProjectFiles(manifest, errors, asked), .errors = errors} {}

    std::optional<YamlNode> read() {
        Variables variables(app_);
        if (const auto env = reading_.files.find(".env")) read_variables(*env, variables);
        Model model;
        model.files.push_back(reading_.files.main());
        add_override(model);
        std::optional<YamlNode> root = load(model, variables);
        if (!root) return std::nullopt;
        if (reading_.has_tags) settle_tags(*root);
        add_profiles(*root, variables);
        fold_files(*root, reading_, variables, profiles_of(*root));
        return root;
    }

  private:
    /// Puts those of `COMPOSE_PROFILES` beside those of the app's `x-nap`.
    static void add_profiles(YamlNode& root, const Variables& variables) {
        const std::string* listed = variables.find("COMPOSE_PROFILES");
        std::string_view rest = listed == nullptr ? std::string_view() : *listed;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view name = trimmed(rest.substr(0, comma));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
            YamlNode* x_nap = at(root, "x-nap", YamlKind::mapping);
            YamlNode* list =
                x_nap == nullptr ? nullptr : at(*x_nap, "profiles", YamlKind::sequence);
            if (list == nullptr || name.empty()) continue;
            YamlNode& item = list->items.emplace_back();
            item.text = name;
            item.position = list->position;
        }
    }

    /// The value of `key`, made when it is missing; nullptr when it is of another kind.
    static YamlNode* at(YamlNode& mapping, std::string_view key, YamlKind kind) {
        YamlNode* found = mapping.find(key);
        if (found == nullptr) {
            YamlEntry& entry = mapping.entries.emplace_back();
            entry.key = key;
            entry.position = mapping.position;
            entry.value.kind = kind;
            entry.value.position = mapping.position;
            found = &entry.value;
        }
        return found->kind == kind ? found : nullptr;
    }

    static std::set<std::string> profiles_of(const YamlNode& root) {
        std::set<std::string> profiles;
        const YamlNode* x_nap = root.find("x-nap");
        const YamlNode* list = x_nap == nullptr ? nullptr : x_nap->find("profiles");
        if (list == nullptr) return profiles;
        for (const YamlNode& item : list->items)
            profiles.insert(item.text);
        return profiles;
    }

    void add_override(Model& model) {
        for (const std::string_view name : override_names) {
            const auto file = reading_.files.find(std::string(name));
            if (!file || file->number == 0) continue;
            if (model.files.size() == 1) {
                model.files.push_back(*file);
                continue;
            }
            reading_.errors.warn({1, 1, file->number}, "",
                                 fmt::format("is not read, as there is {} too; keep one of the two",
                                             quoted(model.files.back().path)));
        }
    }

    void read_variables(const ProjectFile& file, Variables& variables) {
        const EnvReading how{variables, reading_.budget, reading_.errors};
        // The last of several lines for a variable counts, as in the env files of services.
        std::map<std::string, std::string> values;
        for (EnvLine& line : read_env_file(file.number, *file.text, how)) {
            if (line.key == "COMPOSE_FILE" || Variables::is_own(line.key)) {
                reading_.errors.warn(line.position, line.key,
                                     line.key == "COMPOSE_FILE"
                                         ? "is not followed: nap reads the manifest and its "
                                           "override file"
                                         : "is not used: the name of the app is its key's");
            }
            if (!line.value) {
                reading_.errors.warn(line.position, line.key,
                                     "has no value here, so it is not set; write `KEY=value`");
                continue;
            }
            values[line.key] = std::move(*line.value);
        }
        for (auto& [key, value] : values)
            variables.set_default(key, std::move(value));
    }

    std::optional<YamlNode> load(const Model& model, Variables& variables) {
        std::optional<YamlNode> root;
        Extender extender(reading_, variables);
        for (const ProjectFile& file : model.files) {
            auto documents = read_documents(file, reading_);
            if (!documents) return std::nullopt;
            if (documents->empty() && &file == &model.files.front()) {
                reading_.errors.add({1, 1, file.number}, "",
                                    "expected a mapping, found an empty document");
                return std::nullopt;
            }
            for (YamlNode& document : *documents) {
                interpolate_tree(document, variables, reading_.budget, reading_.errors);
                rebase_paths(document, model.folder);
                extender.resolve(document, root ? &*root : nullptr);
                include_all(document, variables);
                if (root) {
                    merge_file(*root, std::move(document));
                } else {
                    root = std::move(document);
                }
            }
        }
        return root;
    }

    void include_all(YamlNode& document, Variables& variables) {
        const YamlNode* found = document.find("include");
        if (found == nullptr || is_version1(document)) return;
        const YamlNode include = *found;
        std::erase_if(document.entries, [](const YamlEntry& key) { return key.key == "include"; });
        if (document.find("services") == nullptr) {
            // What includes others has the services form, also when it has no services of its own.
            YamlEntry& services = document.entries.emplace_back();
            services.key = "services";
            services.position = include.position;
            services.value.kind = YamlKind::mapping;
            services.value.position = include.position;
        }
        const YamlField field{include, "include", reading_.errors};
        if (include.is_null() || !field.expect_sequence()) return;
        for (std::size_t i = 0; i < include.items.size() && !reading_.errors.full(); ++i)
            include_one(document, field.item(i), variables);
    }

    void include_one(YamlNode& document, const YamlField& item, Variables& outer) {
        const auto paths = item.is_mapping() ? item.find("path") : std::optional(item);
        if (item.is_mapping()) item.check_keys(include_keys);
        if (!paths) {
            item.error("expected the key `path`, found none; add it");
            return;
        }
        Model model;
        for (const YamlField& path : one_or_more(*paths)) {
            const auto text = path.string();
            const auto file = text ? reading_.files.open(*text, path) : std::nullopt;
            if (!file) return;
            model.files.push_back(*file);
        }
        if (model.files.empty()) return;
        const std::string& first = model.files.front().path;
        if (std::find(including_.begin(), including_.end(), first) != including_.end() ||
            first == reading_.files.main().path || including_.size() >= include_depth_max) {
            item.error(
                fmt::format("the file {} includes itself, directly or by way of others, or "
                            "is more than {} deep; include it once, from one file",
                            quoted(first), include_depth_max));
            return;
        }
        Variables variables({&outer});
        if (!set_up(item, model, variables)) return;
        including_.push_back(first);
        auto root = load(model, variables);
        including_.pop_back();
        if (!root) return;
        pass_variables(*root, reading_, variables);
        take_over(document, *root, item);
    }

    /// The folder and the variables of an included model; false when they cannot be had.
    bool set_up(const YamlField& item, Model& model, Variables& variables) {
        model.folder = folder_of(model.files.front().path);
        if (const auto directory = item.find("project_directory")) {
            const auto text = directory->string();
            if (!text) return false;
            const std::string problem = ProjectFiles::problem(*text);
            if (!problem.empty() && !normal_path(*text).empty()) {
                directory->error(problem);
                return false;
            }
            model.folder = normal_path(*text);
        }
        const auto env_files = item.find("env_file");
        if (!env_files) {
            const auto env = reading_.files.find(model.folder + "/.env");
            if (env && !model.folder.empty()) read_variables(*env, variables);
            return true;
        }
        for (const YamlField& path : one_or_more(*env_files)) {
            const auto text = path.string();
            const auto file = text ? reading_.files.open(*text, path) : std::nullopt;
            if (!file) return false;
            read_variables(*file, variables);
        }
        return true;
    }

    /// Copies what an included model defines; what is defined twice must be the same.
    void take_over(YamlNode& document, YamlNode& model, const YamlField& item) {
        const bool services_at_top = is_version1(model);
        for (const std::string_view section : sections) {
            if (services_at_top && section != "services") continue;
            YamlNode* from = services_at_top ? &model : model.find(section);
            if (from == nullptr || from->kind != YamlKind::mapping) continue;
            YamlNode* to = document.find(section);
            if (to == nullptr) {
                YamlEntry& entry = document.entries.emplace_back();
                entry.key = section;
                entry.position = item.node.position;
                to = &entry.value;
            }
            if (to->kind == YamlKind::scalar) {
                *to = {};
                to->kind = YamlKind::mapping;
                to->position = item.node.position;
            }
            take_section(*to, *from, std::string(section));
        }
    }

    void take_section(YamlNode& to, YamlNode& from, const std::string& section) {
        for (YamlEntry& entry : from.entries) {
            const YamlNode* own = to.find(entry.key);
            if (own == nullptr) {
                to.entries.push_back(std::move(entry));
            } else if (!same_value(*own, entry.value)) {
                reading_.errors.add(
                    own->position, join_path(section, entry.key),
                    fmt::format("an included file has it too, at {}:{}:{}; rename one of the two, "
                                "or change it in an override file",
                                reading_.errors.file(entry.position.file), entry.position.line,
                                entry.position.column));
            }
        }
    }

    const AppId& app_;
    ProjectReading reading_;
    std::vector<std::string> including_;  ///< the files that are being included just now
};

}  // namespace

std::optional<YamlNode> read_project(const AppId& app, const ManifestText& manifest,
                                     ErrorSink& errors, std::set<std::string>* asked) {
    return Project(app, manifest, errors, asked).read();
}

bool is_on(const YamlNode& service, const std::set<std::string>& profiles) {
    const YamlNode* own = service.find("profiles");
    if (own == nullptr || own->items.empty() || profiles.contains("*")) return true;
    return std::any_of(own->items.begin(), own->items.end(),
                       [&](const YamlNode& item) { return profiles.contains(item.text); });
}

}  // namespace nap
