#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/readers.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

// Configs and secrets: declared at top level, delivered to containers as files.
namespace nap {
namespace {

constexpr int id_max = std::numeric_limits<int>::max() - 1;
constexpr char secrets_folder[] = "/run/secrets/";

std::optional<std::string> read_content(const YamlField& field) {
    const auto content = field.find("content");
    if (content) return content->text();
    for (const char* key : {"file", "environment"}) {
        const auto source = field.find(key);
        if (!source) continue;
        source->error("could not be resolved: it must be in the app's project directory");
        return std::nullopt;
    }
    field.error("expected one of the keys `content`, `file` and `environment`, found none");
    return std::nullopt;
}

int read_id(const YamlField& field, const char* key) {
    const auto id = field.find(key);
    return id ? static_cast<int>(id->integer(0, id_max).value_or(0)) : 0;
}

/// A use of `name`; nullopt, and said so, when it is not declared.
std::optional<ContainerFile> use(const YamlField& field, const std::string& name,
                                 const FileKind& kind, const Draft& draft) {
    const auto& declared = draft.*kind.declared;
    const auto found = declared.find(name);
    if (found == declared.end()) {
        std::vector<std::string_view> names;
        names.reserve(declared.size());
        for (const auto& [candidate, content] : declared)
            names.push_back(candidate);
        const std::string near = suggestion(name, names);
        field.error(fmt::format(
            "{} is not declared{}", quoted(name),
            near.empty() ? fmt::format("; declare it under the top-level `{}:`", kind.section)
                         : near));
        return std::nullopt;
    }
    return ContainerFile{.path = kind.folder + name, .content = found->second};
}

std::optional<ContainerFile> read_use(const YamlField& field, const FileKind& kind,
                                      const Draft& draft) {
    if (!field.is_mapping()) {
        const auto name = field.string();
        return name ? use(field, *name, kind, draft) : std::nullopt;
    }
    check_keys(field, keys::file_use);
    const auto source = require(field, "source", "the name of the top-level entry");
    if (!source) return std::nullopt;
    const auto name = source->string();
    auto file = name ? use(*source, *name, kind, draft) : std::nullopt;
    if (!file) return std::nullopt;
    file->uid = read_id(field, "uid");
    file->gid = read_id(field, "gid");
    if (const auto mode = field.find("mode")) file->mode = read_mode_bits(*mode).value_or(0);
    if (const auto target = field.find("target")) {
        const auto path = target->string();
        if (!path) return std::nullopt;
        file->path = is_absolute(*path) ? *path : kind.folder + *path;
    }
    return file;
}

bool is_below(const std::string& path, const std::string& folder) {
    return path.starts_with(folder) && (folder.ends_with('/') || path[folder.size()] == '/');
}

/// Whether the file would still be there once the container runs.
void check_place(const YamlField& field, const ContainerFile& file, const ServiceSpec& service) {
    const bool climbs = (file.path + "/").find("/../") != std::string::npos;
    if (climbs || file.path.ends_with('/')) {
        field.error("expected the path of a file, without `..`");
        return;
    }
    // What is mounted is mounted over a tmpfs, not below.
    const bool is_written = !service.options.read_only;
    for (const auto& [path, options] : service.options.tmpfs) {
        if (is_written && is_below(file.path, path)) {
            field.error(
                fmt::format("the file would be hidden by the tmpfs on {}; give it another "
                            "`target`",
                            quoted(path)));
        }
    }
    for (const MountSpec& mount : service.mounts) {
        if (is_written && mount.kind == MountKind::tmpfs && is_below(file.path, mount.target)) {
            field.error(
                fmt::format("the file would be hidden by the tmpfs on {}; give it another "
                            "`target`",
                            quoted(mount.target)));
        }
        if (mount.kind == MountKind::project && mount.target != file.path &&
            is_below(file.path, mount.target)) {
            field.error(
                fmt::format("the file would be hidden by the app's files on {}; give it another "
                            "`target`",
                            quoted(mount.target)));
        }
        if (mount.kind == MountKind::bind && is_below(file.path, mount.target)) {
            field.error(
                fmt::format("the file would be written into the host's own folder, mounted "
                            "on {}; give it another `target`",
                            quoted(mount.target)));
        }
    }
}

bool is_taken(const std::string& path, const ServiceSpec& service) {
    return std::any_of(service.files.begin(), service.files.end(),
                       [&](const ContainerFile& other) { return other.path == path; }) ||
           std::any_of(service.mounts.begin(), service.mounts.end(),
                       [&](const MountSpec& mount) { return mount.target == path; });
}

/// Takes out a file of the same path, as the last one counts; false when it is no file that is
/// there.
bool replace(const ContainerFile& file, const YamlField& item, ServiceSpec& service) {
    const auto same = [&](const ContainerFile& other) { return other.path == file.path; };
    if (std::erase_if(service.files, same) == 0) return false;
    item.warn(fmt::format("{} is delivered twice, and the last one counts; remove the other",
                          quoted(file.path)));
    return true;
}

/// Into the container, or, where its root file system cannot be written to, by a mount.
void deliver(ContainerFile file, ServiceSpec& service) {
    if (!service.options.read_only) {
        service.files.push_back(std::move(file));
        return;
    }
    BoundFiles files;
    files.by_path = std::make_shared<const StringMap>(StringMap{{"", std::move(file.content)}});
    files.uid = file.uid;
    files.gid = file.gid;
    files.mode = file.mode;
    service.mounts.push_back({.kind = MountKind::project,
                              .source = file.path,
                              .target = file.path,
                              .read_only = true,
                              .files = std::move(files)});
}

}  // namespace

const FileKind configs_kind{"configs", "/", &Draft::configs_declared};
const FileKind secrets_kind{"secrets", secrets_folder, &Draft::secrets_declared};

void read_files_declared(const YamlField& field, const FileKind& kind, Draft& draft) {
    if (field.node.is_null() || !field.expect_mapping()) return;
    for (const YamlEntry& entry : field.node.entries) {
        const YamlField child = field.child(entry);
        if (!is_plain_name(entry.key)) child.error("expected a name of letters, digits and `._-`");
        if (!child.expect_mapping()) continue;
        check_keys(child, keys::file_source);
        const bool is_external = child.find("external").has_value();
        const auto content = is_external ? std::nullopt : read_content(child);
        (draft.*kind.declared)[entry.key] = content.value_or("");
    }
}

void read_files(const YamlField& field, const FileKind& kind, const Draft& draft,
                ServiceSpec& service) {
    const auto list = field.find(kind.section);
    if (!list || list->node.is_null() || !list->expect_sequence()) return;
    for (std::size_t i = 0; i < list->node.items.size(); ++i) {
        const YamlField item = list->item(i);
        auto file = read_use(item, kind, draft);
        if (!file) continue;
        check_place(item, *file, service);
        if (is_taken(file->path, service) && !replace(*file, item, service)) {
            item.error(
                fmt::format("{} is delivered twice; remove one of the two", quoted(file->path)));
        }
        deliver(std::move(*file), service);
    }
}

}  // namespace nap
