#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/readers.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

constexpr char bad_source[] =
    "expected the name of a volume, an absolute host path, or `./` and a path in the app's project "
    "directory";
constexpr char home_source[] =
    "`~` is the home of whoever runs Compose, and nap runs for nobody: write the host path from "
    "`/` on";
constexpr char windows_source[] =
    "looks like a path of Windows, and nap runs Linux containers on Linux hosts; write a path from "
    "`/` on";
constexpr char lost_source[] =
    "the variable that the host path begins with is not set, and the rest would be another path; "
    "set it in `.env`, or give it a default, as `${NAME:-value}`";

std::vector<std::string_view> split_colons(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t colon = text.find(':');
        parts.push_back(text.substr(0, colon));
        if (colon == std::string_view::npos) return parts;
        text.remove_prefix(colon + 1);
    }
}

bool is_relative(const std::string& path) {
    return path.starts_with('.');
}

/// Decides between volume and bind by how the source looks, as Compose does.
bool set_source(const YamlField& field, const std::string& source, MountSpec& mount) {
    mount.source = source;
    mount.kind = MountKind::volume;
    if (is_absolute(source)) mount.kind = MountKind::bind;
    if (is_relative(source)) mount.kind = MountKind::project;
    if (field.node.lost_start) {
        field.error(lost_source);
        return false;
    }
    if (mount.kind != MountKind::volume || is_engine_name(source)) return true;
    field.error(source.starts_with('~') ? home_source : bad_source);
    return false;
}

/// `C:\\data:/data`, or with slashes.
bool is_windows_path(std::string_view text) {
    const bool drive = text.size() > 2 && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
    const char letter = text.empty() ? ' ' : text[0];
    const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    // `a:/b` is a volume and a folder; with a third part it is not.
    const bool more = text.find(':', 2) != std::string_view::npos;
    return is_letter && drive && (more || text[2] == '\\');
}

/// What can be written in one place and not in the other.
bool is_bind(const MountSpec& mount) {
    return mount.kind == MountKind::bind || mount.kind == MountKind::project;
}

constexpr std::string_view propagations[] = {"private", "rprivate", "shared",
                                             "rshared", "slave",    "rslave"};

bool is_propagation(std::string_view text) {
    return std::find(std::begin(propagations), std::end(propagations), text) !=
           std::end(propagations);
}

/// One of the options after the second colon.
bool set_option(const YamlField& field, std::string_view option, MountSpec& mount) {
    const bool binds = is_bind(mount);
    if (option == "ro" || option == "rw") {
        mount.read_only = option == "ro";
    } else if (option == "nocopy" && !binds) {
        mount.options.copy = false;
    } else if ((option == "z" || option == "Z") && binds) {
        mount.options.selinux = option;
    } else if (is_propagation(option) && binds) {
        mount.options.propagation = option;
    } else if (option == "cached" || option == "delegated" || option == "consistent") {
        field.warn(fmt::format("`{}` is ignored: only Docker Desktop knows it", option));
    } else if (option == "z" || option == "Z") {
        field.warn(fmt::format("`{}` is ignored: it is for host paths", option));
    } else {
        field.error(fmt::format("expected the options `ro`, `rw`, {}, found {}",
                                binds ? "`z`, `Z` or a propagation as `rslave`" : "`nocopy`",
                                quoted(option)));
        return false;
    }
    return true;
}

bool set_options(const YamlField& field, std::string_view options, MountSpec& mount) {
    for (;;) {
        const std::size_t comma = options.find(',');
        if (!set_option(field, options.substr(0, comma), mount)) return false;
        if (comma == std::string_view::npos) return true;
        options.remove_prefix(comma + 1);
    }
}

std::optional<MountSpec> read_short(const YamlField& field, Writing& writing) {
    const auto text = field.string();
    if (!text) return std::nullopt;
    if (is_windows_path(*text)) {
        field.error(windows_source);
        return std::nullopt;
    }
    const auto parts = split_colons(*text);
    MountSpec mount;
    if (parts.size() > 3) {
        field.error("expected `[source:]target[:options]`, found more parts");
        return std::nullopt;
    }
    if (parts.size() == 1) {
        mount.kind = MountKind::anonymous;
        mount.target = parts[0];
        return mount;
    }
    mount.target = parts[1];
    if (!set_source(field, std::string(parts[0]), mount)) return std::nullopt;
    if (parts.size() == 3 && !set_options(field, parts[2], mount)) return std::nullopt;
    if (parts.size() == 3 && has_mount_option(parts[2], {"rw"})) writing = Writing::wanted;
    return mount;
}

/// A bind that is not absolute is relative, with `./` or without.
bool set_bind_source(const YamlField& field, const std::string& text, MountSpec& mount) {
    if (field.node.lost_start) {
        field.error(lost_source);
    } else if (text.empty() || text.starts_with('~')) {
        field.error(text.empty() ? bad_source : home_source);
    } else {
        if (!is_absolute(text)) mount.kind = MountKind::project;
        return true;
    }
    return false;
}

bool set_long_source(const YamlField& field, bool binds, MountSpec& mount) {
    const auto source = field.find("source");
    mount.kind = binds ? MountKind::bind : MountKind::anonymous;
    if (!source) {
        if (binds) field.error("expected the key `source`, the host path to mount");
        return !binds;
    }
    const auto text = source->string();
    if (!text) return false;
    mount.source = *text;
    if (binds) return set_bind_source(*source, *text, mount);
    mount.kind = MountKind::volume;
    if (!is_engine_name(*text)) source->error("expected the name of a volume");
    return is_engine_name(*text);
}

void read_bind_options(const YamlField& field, MountOptions& options) {
    check_keys(field, keys::mount_bind);
    if (const auto propagation = field.find("propagation")) {
        const auto value = propagation->string();
        if (value && !is_propagation(*value)) {
            propagation->error(fmt::format("expected one of {}, found {}{}",
                                           fmt::join(propagations, ", "), quoted(*value),
                                           suggestion(*value, propagations)));
        }
        options.propagation = value.value_or("");
    }
    if (const auto create = field.find("create_host_path")) {
        options.create_host_path = create->boolean().value_or(true);
    }
    if (const auto selinux = field.find("selinux")) {
        const auto value = selinux->string();
        if (value && value != "z" && value != "Z") selinux->error("expected `z` or `Z`");
        options.selinux = value.value_or("");
        const auto create = field.find("create_host_path");
        if (create && !options.create_host_path) {
            create->error("`false` cannot be combined with `selinux`; drop one of the two");
        }
    }
}

/// The mappings under a mount that are named as its type is; others have no effect.
void read_mount_options(const YamlField& field, MountSpec& mount) {
    const auto find = [&](const char* key, bool fits) -> std::optional<YamlField> {
        const auto found = field.find(key);
        if (!found || found->node.is_null()) return std::nullopt;
        if (!fits) found->warn("has no effect: the mount is of another type");
        return fits && found->expect_mapping() ? found : std::nullopt;
    };
    const bool is_volume = mount.kind == MountKind::volume || mount.kind == MountKind::anonymous;
    if (const auto bind = find("bind", is_bind(mount))) {
        read_bind_options(*bind, mount.options);
    }
    if (const auto volume = find("volume", is_volume)) {
        check_keys(*volume, keys::mount_volume);
        if (const auto nocopy = volume->find("nocopy")) {
            mount.options.copy = !nocopy->boolean().value_or(false);
        }
    }
    if (const auto tmpfs = find("tmpfs", mount.kind == MountKind::tmpfs)) {
        check_keys(*tmpfs, keys::mount_tmpfs);
        if (const auto size = tmpfs->find("size")) {
            mount.options.tmpfs_bytes_max = read_amount(*size, parse_bytes).value_or(0);
        }
        if (const auto mode = tmpfs->find("mode")) {
            mount.options.tmpfs_mode = read_mode_bits(*mode).value_or(0);
        }
    }
}

std::optional<MountSpec> read_long(const YamlField& field, Writing& writing) {
    static constexpr std::string_view types[] = {"volume", "bind", "tmpfs"};
    check_keys(field, keys::mount);
    MountSpec mount;
    if (const auto read_only = field.find("read_only")) {
        mount.read_only = read_only->boolean().value_or(false);
        if (!mount.read_only) writing = Writing::wanted;
    }
    const auto type = require(field, "type", "`volume`, `bind` or `tmpfs`");
    const auto target = require(field, "target", "the path in the container");
    if (!type || !target) return std::nullopt;
    const auto kind = type->string();
    const auto path = target->string();
    if (!kind || !path) return std::nullopt;
    if (std::find(std::begin(types), std::end(types), *kind) == std::end(types)) {
        type->error(fmt::format(
            "expected {}, found {}{}{}", fmt::join(types, ", "), quoted(*kind),
            *kind == "image" ? ", which needs Docker 28 or newer" : suggestion(*kind, types),
            *kind == "npipe" ? ", which is of Windows" : ""));
        return std::nullopt;
    }
    mount.target = *path;
    mount.kind = MountKind::tmpfs;
    if (*kind != "tmpfs" && !set_long_source(field, *kind == "bind", mount)) return std::nullopt;
    read_mount_options(field, mount);
    return mount;
}

/// Knows the volume, taking it into the spec, or reports.
bool use_volume(const YamlField& field, const std::string& name, Draft& draft) {
    if (draft.form == ManifestForm::version1) {
        VolumeSpec& volume = draft.spec.volumes[name];
        volume.name = fmt::format("{}_{}", draft.spec.app.str(), name);
        return true;
    }
    const auto declared = draft.volumes_declared.find(name);
    if (declared != draft.volumes_declared.end()) {
        draft.spec.volumes.insert(*declared);
        return true;
    }
    if (field.errors.full()) return false;
    std::vector<std::string_view> names;
    for (const auto& [candidate, volume] : draft.volumes_declared)
        names.push_back(candidate);
    field.error(fmt::format(
        "the volume {} is not declared{}", quoted(name),
        names.empty() ? "; declare it under the top-level `volumes:`" : suggestion(name, names)));
    return false;
}

std::string without_trailing_slashes(std::string path) {
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    return path;
}

}  // namespace

void read_volumes(const YamlField& field, Draft& draft, ServiceSpec& service) {
    if (!field.expect_sequence()) return;
    std::map<std::string, std::size_t> targets;  // → its place among the mounts
    for (std::size_t i = 0; i < field.node.items.size(); ++i) {
        const YamlField item = field.item(i);
        Writing writing = Writing::unsaid;
        auto mount = item.is_mapping() ? read_long(item, writing) : read_short(item, writing);
        if (!mount) continue;
        const std::string target = without_trailing_slashes(mount->target);
        if (!is_absolute(target) || target == "/") {
            item.error("expected an absolute path in the container, other than `/`");
            continue;
        }
        if (service.options.tmpfs.contains(target)) {
            item.error(
                fmt::format("{} is under `tmpfs` too; remove one of the two", quoted(target)));
            continue;
        }
        if (mount->kind == MountKind::volume && !use_volume(item, mount->source, draft)) continue;
        const bool is_project = mount->kind == MountKind::project;
        if (is_project && !bind_files(item, writing, *mount, draft)) continue;
        const auto [place, is_new] = targets.emplace(target, service.mounts.size());
        if (is_new) {
            service.mounts.push_back(std::move(*mount));
            continue;
        }
        item.warn(fmt::format("{} is mounted on twice, and the last one counts; remove the other",
                              quoted(target)));
        service.mounts[place->second] = std::move(*mount);
    }
}

}  // namespace nap
