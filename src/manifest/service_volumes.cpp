#include <fmt/format.h>

#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

constexpr char relative_bind[] =
    "expected an absolute host path or the name of a volume; there is no project directory on the "
    "hosts, so write the whole path, beginning with `/`";

std::vector<std::string_view> split_colons(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t colon = text.find(':');
        parts.push_back(text.substr(0, colon));
        if (colon == std::string_view::npos) return parts;
        text.remove_prefix(colon + 1);
    }
}

/// Decides between volume and bind by how the source looks, as Compose does.
bool set_source(const YamlField& field, const std::string& source, MountSpec& mount) {
    mount.source = source;
    mount.kind = is_absolute(source) ? MountKind::bind : MountKind::volume;
    if (mount.kind == MountKind::bind || is_engine_name(source)) return true;
    field.error(relative_bind);
    return false;
}

/// `ro` and `rw`, and nothing that would be dropped silently.
bool set_mode(const YamlField& field, std::string_view mode, MountSpec& mount) {
    if (mode != "ro" && mode != "rw") {
        field.error(
            fmt::format("expected the mode `ro` or `rw`, found {}; others are not supported "
                        "yet",
                        quoted(mode)));
        return false;
    }
    mount.read_only = mode == "ro";
    return true;
}

std::optional<MountSpec> read_short(const YamlField& field) {
    const auto text = field.string();
    if (!text) return std::nullopt;
    const auto parts = split_colons(*text);
    MountSpec mount;
    if (parts.size() > 3) {
        field.error("expected `[source:]target[:ro|rw]`, found more parts");
        return std::nullopt;
    }
    if (parts.size() == 1) {
        mount.kind = MountKind::anonymous;
        mount.target = parts[0];
        return mount;
    }
    mount.target = parts[1];
    if (!set_source(field, std::string(parts[0]), mount)) return std::nullopt;
    if (parts.size() == 3 && !set_mode(field, parts[2], mount)) return std::nullopt;
    return mount;
}

bool set_long_source(const YamlField& field, bool is_bind, MountSpec& mount) {
    const auto source = field.find("source");
    mount.kind = is_bind ? MountKind::bind : MountKind::anonymous;
    if (!source) {
        if (is_bind) field.error("expected the key `source`, the absolute host path to mount");
        return !is_bind;
    }
    const auto text = source->string();
    if (!text) return false;
    mount.source = *text;
    if (is_bind) {
        if (!is_absolute(*text)) source->error(relative_bind);
        return is_absolute(*text);
    }
    mount.kind = MountKind::volume;
    if (!is_engine_name(*text)) source->error("expected the name of a volume");
    return is_engine_name(*text);
}

std::optional<MountSpec> read_long(const YamlField& field) {
    field.check_keys(keys::mount);
    MountSpec mount;
    if (const auto read_only = field.find("read_only")) {
        mount.read_only = read_only->boolean().value_or(false);
    }
    const auto type = field.find("type");
    const auto target = field.find("target");
    if (!type) field.error("expected the key `type`, `volume` or `bind`");
    if (!target) field.error("expected the key `target`, the path in the container");
    if (!type || !target) return std::nullopt;
    const auto kind = type->string();
    const auto path = target->string();
    if (!kind || !path) return std::nullopt;
    if (*kind != "volume" && *kind != "bind") {
        type->error(
            fmt::format("expected `volume` or `bind`, found {}; other types are not "
                        "supported yet",
                        quoted(*kind)));
        return std::nullopt;
    }
    mount.target = *path;
    if (!set_long_source(field, *kind == "bind", mount)) return std::nullopt;
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
    std::set<std::string> targets;
    for (std::size_t i = 0; i < field.node.items.size(); ++i) {
        const YamlField item = field.item(i);
        const auto mount = item.is_mapping() ? read_long(item) : read_short(item);
        if (!mount) continue;
        const std::string target = without_trailing_slashes(mount->target);
        if (!is_absolute(target) || target == "/") {
            item.error("expected an absolute path in the container, other than `/`");
            continue;
        }
        if (!targets.insert(target).second) {
            item.error(
                fmt::format("{} is mounted on twice; remove one of the two", quoted(target)));
            continue;
        }
        if (mount->kind == MountKind::volume && !use_volume(item, mount->source, draft)) continue;
        service.mounts.push_back(*mount);
    }
}

}  // namespace nap
