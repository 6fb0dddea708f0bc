#pragma once

#include <span>
#include <string_view>

#include "manifest/yaml_field.hpp"

namespace nap {

enum class KeyStatus {
    supported,  ///< does what its row says
    ignored,    ///< let through with a warning
    refused,    ///< an error
};

/// One key, and what the reference says of it. Of keys that are not supported the text is the
/// reason, which warnings and errors give too.
struct KeyRow {
    std::string_view key;
    KeyStatus status = KeyStatus::supported;
    std::string_view text;
};

/// The keys that may stand in one place. docs/reference/manifest.md has a table for each, made of
/// these rows; `paths` are its places in the Compose Specification, apart by blanks.
struct KeySection {
    std::string_view title;
    std::string_view paths;
    std::span<const KeyRow> rows;
};

/// All of them, in the order of the reference.
[[nodiscard]] std::span<const KeySection* const> key_sections();

/// Reports keys of this mapping that are unknown, refused or ignored; `x-` keys are let through.
void check_keys(const YamlField& field, const KeySection& section);

/// Every key of the Compose Specification and of the version-1 form, where it may stand, and nap's
/// own.
namespace keys {

extern const KeySection top_level;
extern const KeySection service;
extern const KeySection blkio;
extern const KeySection blkio_device;
extern const KeySection device;
extern const KeySection device_request;
extern const KeySection ulimit;
extern const KeySection logging;
extern const KeySection dependency;
extern const KeySection file_use;
extern const KeySection deploy;
extern const KeySection placement;
extern const KeySection preference;
extern const KeySection resources;
extern const KeySection limits;
extern const KeySection reservations;
extern const KeySection restart_policy;
extern const KeySection hook;
extern const KeySection healthcheck;
extern const KeySection port;
extern const KeySection mount;
extern const KeySection mount_bind;
extern const KeySection mount_volume;
extern const KeySection mount_tmpfs;
extern const KeySection service_network;
extern const KeySection network;
extern const KeySection ipam;
extern const KeySection ipam_pool;
extern const KeySection volume;
extern const KeySection file_source;
extern const KeySection x_nap;
extern const KeySection app_x_nap;

}  // namespace keys
}  // namespace nap
