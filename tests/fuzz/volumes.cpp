#include <fmt/format.h>

#include <algorithm>

#include "fuzz.hpp"
#include "manifest/draft.hpp"
#include "manifest/merge_keys.hpp"

namespace nap::fuzz {
namespace {

struct Read {
    ServiceSpec service;
    std::map<std::string, VolumeSpec> volumes;
    std::vector<ManifestError> errors;
    std::size_t replaced = 0;  ///< by a later one of the same target
};

Read read(const YamlNode& list) {
    ErrorSink errors("volumes");
    const ManifestText alone;  // without files beside it, that could be mounted
    Draft draft;
    draft.manifest = &alone;
    draft.form = ManifestForm::version1;  // where volumes need no declaration
    Read result;
    read_volumes({list, "volumes", errors}, draft, result.service);
    result.volumes = draft.spec.volumes;
    result.errors = errors.take();
    for (const ManifestError& warning : errors.take_warnings()) {
        if (warning.message.ends_with("the last one counts; remove the other")) ++result.replaced;
    }
    return result;
}

YamlNode boolean(bool value) {
    YamlNode node = string_node(value ? "true" : "false");
    node.plain = true;
    return node;
}

YamlNode long_form(const MountSpec& mount) {
    // A folder without files beside the manifest is a volume, written as the bind it was.
    const bool is_bind = mount.kind == MountKind::bind || mount.source.starts_with('.');
    const bool is_tmpfs = mount.kind == MountKind::tmpfs;
    const MountOptions& options = mount.options;
    std::vector<std::pair<std::string, YamlNode>> entries;
    entries.emplace_back("type", string_node(is_bind ? "bind" : (is_tmpfs ? "tmpfs" : "volume")));
    if (!mount.source.empty()) entries.emplace_back("source", string_node(mount.source));
    entries.emplace_back("target", string_node(mount.target));
    entries.emplace_back("read_only", boolean(mount.read_only));
    std::vector<std::pair<std::string, YamlNode>> more;
    if (is_bind && !options.propagation.empty()) {
        more.emplace_back("propagation", string_node(options.propagation));
    }
    if (is_bind && !options.selinux.empty()) {
        more.emplace_back("selinux", string_node(options.selinux));
    }
    if (is_bind && !options.create_host_path) more.emplace_back("create_host_path", boolean(false));
    if (!is_bind && !is_tmpfs) more.emplace_back("nocopy", boolean(!options.copy));
    if (is_tmpfs) {
        more.emplace_back("size", string_node(std::to_string(options.tmpfs_bytes_max)));
        if (options.tmpfs_mode != 0) {
            more.emplace_back("mode", string_node(fmt::format("0{:o}", options.tmpfs_mode)));
        }
    }
    entries.emplace_back(is_bind ? "bind" : (is_tmpfs ? "tmpfs" : "volume"),
                         mapping_node(std::move(more)));
    return mapping_node(std::move(entries));
}

}  // namespace

void volumes(std::string_view input) {
    const YamlNode list = list_of(input);
    const Read first = read(list);
    for (const ManifestError& error : first.errors)
        require(!error.message.empty(), "an error without a message", input);
    if (list.kind == YamlKind::sequence && !list.items.empty()) {
        require(!first.errors.empty() ||
                    first.service.mounts.size() + first.replaced == list.items.size(),
                "neither a mount nor an error", input);
    }
    if (!first.errors.empty()) return;
    std::vector<YamlNode> longs;
    for (std::size_t i = 0; i < first.service.mounts.size(); ++i) {
        const MountSpec& mount = first.service.mounts[i];
        require(mount.target.starts_with('/'), "a target that is not absolute", input);
        require(mount.kind != MountKind::volume || first.volumes.contains(mount.source),
                "a volume that is not known", input);
        longs.push_back(long_form(mount));
        const bool is_merged = std::any_of(
            list.items.begin(), list.items.end(),
            [&](const YamlNode& item) { return mount_key(item) == mount_key(longs.back()); });
        require(is_merged, "the two forms of a mount are not merged as one", mount.target);
    }
    const Read again = read(list_node(std::move(longs)));
    require(again.errors.empty(), "a mount that was read is refused",
            again.errors.empty() ? input : to_string(again.errors.front()));
    require(again.service.mounts == first.service.mounts, "a mount reads otherwise", input);
}

}  // namespace nap::fuzz
