#include "manifest/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "manifest/text.hpp"

namespace nap {

std::span<const KeySection* const> key_sections() {
    static constexpr const KeySection* all[] = {
        &keys::top_level,       &keys::service,        &keys::ulimit,       &keys::logging,
        &keys::device,          &keys::device_request, &keys::blkio,        &keys::blkio_device,
        &keys::dependency,      &keys::file_use,       &keys::deploy,       &keys::placement,
        &keys::preference,      &keys::resources,      &keys::limits,       &keys::reservations,
        &keys::restart_policy,  &keys::hook,           &keys::healthcheck,  &keys::port,
        &keys::mount,           &keys::mount_bind,     &keys::mount_volume, &keys::mount_tmpfs,
        &keys::service_network, &keys::network,        &keys::ipam,         &keys::ipam_pool,
        &keys::volume,          &keys::file_source,    &keys::x_nap,        &keys::app_x_nap};
    return all;
}

namespace {

/// Asks for nothing: a key that nap refuses does no harm then.
bool says_nothing(const YamlNode& node) {
    if (node.kind != YamlKind::scalar) return node.items.empty() && node.entries.empty();
    return node.is_null() || node.text.empty() || node.text == "false";
}

/// A driver for all of a service's volumes, that they have anyway.
bool is_default_driver(const YamlEntry& entry) {
    return entry.key == "volume_driver" && entry.value.text == "local";
}

void check_key(const YamlField& field, const YamlEntry& entry, const KeySection& section) {
    const std::string path = join_path(field.path, entry.key);
    const auto row =
        std::find_if(section.rows.begin(), section.rows.end(),
                     [&](const KeyRow& candidate) { return candidate.key == entry.key; });
    if (row == section.rows.end()) {
        std::vector<std::string_view> candidates;
        for (const KeyRow& candidate : section.rows)
            candidates.push_back(candidate.key);
        field.errors.add(
            entry.position, path,
            fmt::format("unknown key {}{}", quoted(entry.key), suggestion(entry.key, candidates)));
    } else if (row->status == KeyStatus::refused) {
        if (says_nothing(entry.value) || is_default_driver(entry)) return;
        field.errors.add(entry.position, path,
                         fmt::format("`{}` is not supported: {}", entry.key, row->text));
    } else if (row->status == KeyStatus::ignored) {
        // Without an image it is an error, which is said.
        if (entry.key == "build" && field.node.find("image") == nullptr) return;
        field.errors.warn(entry.position, path,
                          fmt::format("`{}` is ignored: {}", entry.key, row->text));
    }
}

}  // namespace

void check_keys(const YamlField& field, const KeySection& section) {
    for (const YamlEntry& entry : field.node.entries) {
        if (entry.key.starts_with("x-") || field.errors.full()) continue;
        check_key(field, entry, section);
    }
}

}  // namespace nap
