#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/app_spec.hpp"
#include "model/cluster.hpp"
#include "model/manifest_error.hpp"

namespace nap {

/// The largest manifest accepted. With base64 and JSON around it, it must fit Consul's 512 KB.
inline constexpr std::size_t manifest_bytes_max = 256 * 1024;

/// Either a spec and no errors, or no spec and every error that could be found. Warnings come with
/// both.
struct ParsedManifest {
    std::optional<AppSpec> spec;
    std::vector<ManifestError> errors;
    std::vector<ManifestError> warnings = {};
    /// What it names of its project directory, files and folders, whether they are there or not;
    /// empty is the directory itself.
    std::set<std::string> asked = {};
};

/// Reads a Compose file, version-1 (services at top level) or `services:` form. Never throws on
/// bad input. JSON is read as the YAML it is. The other files of the app are read where the
/// manifest names them; see docs/reference/manifest-reading.md.
[[nodiscard]] ParsedManifest parse_manifest(const AppId& app, const ManifestText& manifest);

/// Why `name` cannot be the name of an app; nullopt when it can.
[[nodiscard]] std::optional<std::string> app_name_problem(const std::string& name);

}  // namespace nap
