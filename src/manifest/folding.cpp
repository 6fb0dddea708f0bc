#include "manifest/folding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "manifest/env_file.hpp"
#include "manifest/merge.hpp"
#include "manifest/project.hpp"
#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr std::string_view env_file_keys[] = {"path", "required", "format"};

struct Value {
    std::string text;
    YamlPosition position;
};
using Values = std::map<std::string, Value>;

std::string not_passed_on(std::string_view name) {
    return fmt::format(
        "the variable {} has no value here and is not set in `.env`, so it is left out; give it "
        "one",
        quoted(name));
}

YamlNode string_node(std::string text, YamlPosition at) {
    YamlNode node;
    node.text = std::move(text);
    node.position = at;
    return node;
}

bool erase_key(YamlNode& node, std::string_view key) {
    return std::erase_if(node.entries, [&](const YamlEntry& entry) { return entry.key == key; }) >
           0;
}

void add_content(YamlNode& node, std::string text, YamlPosition at) {
    YamlEntry& added = node.entries.emplace_back();
    added.key = "content";
    added.position = at;
    added.value = string_node(std::move(text), at);
}

/// An entry of a list of `KEY=value` that has no value.
bool is_name_alone(const YamlNode& item) {
    return item.kind == YamlKind::scalar && !item.text.empty() &&
           item.text.find('=') == std::string::npos && item.type() == YamlType::string;
}

/// Gives variables without a value that of `variables`, where it is set.
void give_values(YamlNode& environment, const Variables& variables) {
    for (YamlEntry& entry : environment.entries) {
        const std::string* value = entry.value.is_null() ? variables.find(entry.key) : nullptr;
        if (value != nullptr) entry.value = string_node(*value, entry.value.position);
    }
    for (YamlNode& item : environment.items) {
        const std::string* value = is_name_alone(item) ? variables.find(item.text) : nullptr;
        if (value != nullptr) item.text += "=" + *value;
    }
}

bool has_names_alone(const YamlNode& environment) {
    return std::any_of(environment.items.begin(), environment.items.end(), is_name_alone) ||
           std::any_of(environment.entries.begin(), environment.entries.end(),
                       [](const YamlEntry& entry) { return entry.value.is_null(); });
}

class Folder {
  public:
    Folder(ProjectReading& reading, Variables& variables)
        : reading_(reading), variables_(variables) {}

    void service(YamlNode& service, const std::string& parent, const std::string& name) {
        YamlNode* environment = service.find("environment");
        const bool has_env_files = service.find("env_file") != nullptr;
        const bool has_label_files = service.find("label_file") != nullptr;
        const bool passes_on = environment != nullptr && has_names_alone(*environment);
        if (!has_env_files && !has_label_files && !passes_on) return;
        const std::string path = join_path(parent, name);
        const Values env = read_files({service, path, reading_.errors}, "env_file");
        if (passes_on) {
            pass_on({*environment, join_path(path, "environment"), reading_.errors}, *environment,
                    env);
        }
        if (!env.empty()) add(service, "environment", env);
        const Values labels = read_files({service, path, reading_.errors}, "label_file");
        if (!labels.empty()) add(service, "labels", labels);
        erase_key(service, "env_file");
        erase_key(service, "label_file");
    }

    /// An entry of `configs` or `secrets`.
    void content(YamlNode& entry, const std::string& path) {
        for (const char* key : {"file", "environment"}) {
            const YamlNode* found = entry.find(key);
            if (found == nullptr) continue;
            const YamlField field{*found, join_path(path, key), reading_.errors};
            std::optional<Value> value;
            if (entry.find("content") != nullptr) {
                field.error("expected one of `content`, `file` and `environment`; drop the others");
            } else {
                value = key == std::string_view("file") ? read_file(field) : read_variable(field);
            }
            erase_key(entry, key);
            if (entry.find("content") != nullptr) continue;
            // Also after an error, which would be followed by another one on what is missing.
            add_content(entry, value ? std::move(value->text) : "", field_position(value, entry));
        }
    }

  private:
    static YamlPosition field_position(const std::optional<Value>& value, const YamlNode& entry) {
        return value ? value->position : entry.position;
    }

    Values read_files(const YamlField& service, const char* key) {
        Values values;
        const auto files = service.find(key);
        if (!files) return values;
        Variables earlier;
        for (const YamlField& item : one_or_more(*files))
            read_one(item, earlier, values);
        return values;
    }

    void read_one(const YamlField& item, Variables& earlier, Values& values) {
        const auto path_field = item.is_mapping() ? item.find("path") : std::optional(item);
        bool is_required = true;
        bool is_raw = false;
        if (item.is_mapping()) {
            item.check_keys(env_file_keys);
            if (const auto required = item.find("required")) {
                is_required = required->boolean().value_or(true);
            }
            if (const auto format = item.find("format")) {
                const auto value = format->string();
                is_raw = value == "raw";
                if (value && !is_raw) format->error("expected `raw`, or no format at all");
            }
        }
        if (!path_field) {
            item.error("expected the key `path`, found none; add it");
            return;
        }
        const auto path = path_field->string();
        if (!path) return;
        if (!is_required && ProjectFiles::problem(*path).empty() && !reading_.files.find(*path)) {
            return;
        }
        const auto file = reading_.files.open(*path, *path_field);
        if (file) take_lines(*file, is_raw, earlier, values);
    }

    /// What the files before it say can be used in a file.
    void take_lines(const ProjectFile& file, bool is_raw, Variables& earlier, Values& values) {
        Variables known({&earlier, &variables_});
        const EnvReading how{known, reading_.budget, reading_.errors};
        for (EnvLine& line : is_raw ? read_raw_env_file(file.number, *file.text, how)
                                    : read_env_file(file.number, *file.text, how)) {
            if (!line.value) {
                const std::string* value = variables_.find(line.key);
                if (value == nullptr) {
                    reading_.errors.warn(line.position, "", not_passed_on(line.key));
                    continue;
                }
                line.value = *value;
            }
            earlier.set(line.key, *line.value);
            values[line.key] = {std::move(*line.value), line.position};
        }
    }

    /// Gives variables without a value that of `.env`; those that it has not are left to the env
    /// files, or left out.
    void pass_on(const YamlField& field, YamlNode& environment, const Values& env) {
        give_values(environment, variables_);
        std::vector<std::string> gone;
        std::optional<YamlPosition> first;
        const auto is_gone = [&](const YamlPosition& at, const std::string& name) {
            if (env.contains(name)) return true;
            if (!first) first = at;
            gone.push_back(name);
            return true;
        };
        std::erase_if(environment.entries, [&](YamlEntry& entry) {
            return entry.value.is_null() && is_gone(entry.value.position, entry.key);
        });
        std::erase_if(environment.items, [&](YamlNode& item) {
            return is_name_alone(item) && is_gone(item.position, item.text);
        });
        if (gone.size() == 1) {
            reading_.errors.warn(*first, join_path(field.path, gone.front()),
                                 not_passed_on(gone.front()));
        } else if (first) {
            reading_.errors.warn(
                *first, field.path,
                fmt::format("{} variables have no value here and are not set in `.env`, so they "
                            "are left out: {}",
                            gone.size(), clipped(fmt::format("{}", fmt::join(gone, ", ")), 200)));
        }
    }

    /// Adds what is not there yet to a mapping or a list of `key=value`.
    void add(YamlNode& service, const char* key, const Values& values) {
        YamlNode* node = service.find(key);
        if (node == nullptr) {
            YamlEntry& entry = service.entries.emplace_back();
            entry.key = key;
            entry.position = service.position;
            entry.value.plain = true;
            node = &entry.value;
        }
        if (node->is_null()) {
            const YamlPosition at = values.begin()->second.position;
            *node = {};
            node->kind = YamlKind::mapping;
            node->position = at;
        }
        std::set<std::string> there;
        for (const YamlEntry& entry : node->entries)
            there.insert(entry.key);
        for (const YamlNode& item : node->items)
            there.insert(item.text.substr(0, item.text.find('=')));
        for (const auto& [name, value] : values) {
            if (there.contains(name)) continue;
            if (node->kind == YamlKind::sequence) {
                node->items.push_back(string_node(name + "=" + value.text, value.position));
            } else if (node->kind == YamlKind::mapping) {
                YamlEntry& entry = node->entries.emplace_back();
                entry.key = name;
                entry.position = value.position;
                entry.value = string_node(value.text, value.position);
            }
        }
    }

    std::optional<Value> read_file(const YamlField& field) {
        const auto path = field.string();
        if (!path) return std::nullopt;
        const auto file = reading_.files.open(*path, field);
        if (!file) return std::nullopt;
        if (!reading_.budget.charge(0, file->text->size())) {
            field.error("too large: the manifest with its files passes nap's limits");
            return std::nullopt;
        }
        return Value{*file->text, field.node.position};
    }

    std::optional<Value> read_variable(const YamlField& field) {
        const auto name = field.string();
        if (!name) return std::nullopt;
        const std::string* value = variables_.find(*name);
        if (value == nullptr) {
            field.error(fmt::format("the variable {} is not set; set it in `.env`", quoted(*name)));
            return std::nullopt;
        }
        return Value{*value, field.node.position};
    }

    ProjectReading& reading_;
    Variables& variables_;
};

}  // namespace

void fold_files(YamlNode& root, ProjectReading& reading, Variables& variables,
                const std::set<std::string>& profiles) {
    Folder folder(reading, variables);
    const std::string parent = is_version1(root) ? "" : "services";
    if (YamlNode* services = services_of(root)) {
        for (YamlEntry& entry : services->entries) {
            if (entry.value.kind != YamlKind::mapping || !is_on(entry.value, profiles)) continue;
            folder.service(entry.value, parent, entry.key);
        }
    }
    if (parent.empty()) return;
    for (const char* section : {"configs", "secrets"}) {
        YamlNode* entries = root.find(section);
        if (entries == nullptr) continue;
        for (YamlEntry& entry : entries->entries)
            folder.content(entry.value, join_path(section, entry.key));
    }
}

void pass_variables(YamlNode& root, ProjectReading& reading, const Variables& variables) {
    if (YamlNode* services = services_of(root)) {
        for (YamlEntry& entry : services->entries) {
            YamlNode* environment = entry.value.find("environment");
            if (environment != nullptr) give_values(*environment, variables);
        }
    }
    if (is_version1(root)) return;
    for (const char* section : {"configs", "secrets"}) {
        YamlNode* entries = root.find(section);
        if (entries == nullptr) continue;
        for (YamlEntry& entry : entries->entries) {
            YamlNode* name = entry.value.find("environment");
            const bool is_name = name != nullptr && name->kind == YamlKind::scalar;
            if (!is_name || entry.value.find("content") != nullptr) continue;
            const std::string* value = variables.find(name->text);
            if (value == nullptr || !reading.budget.charge(0, value->size())) continue;
            const YamlPosition at = name->position;
            erase_key(entry.value, "environment");
            add_content(entry.value, *value, at);
        }
    }
}

}  // namespace nap
