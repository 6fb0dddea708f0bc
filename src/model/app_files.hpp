#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/cluster.hpp"

namespace nap {

/// What the manifest in an app's folder may be called; of several the first counts, as in Compose.
inline constexpr std::array<std::string_view, 4> main_file_names{
    "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"};

[[nodiscard]] bool is_main_file(std::string_view name);

/// One key under `nap/apps/`, or one file of a folder of apps.
struct AppFile {
    std::string name;  ///< without `nap/apps/`: `shop.yml`, `shop/compose.yml`, `shop/conf/a.cnf`
    std::string bytes;
    std::uint64_t modify_index = 0;
};

/// All files of one app put together.
struct AppSource {
    ManifestText text;
    std::uint64_t modify_index = 0;     ///< the highest of its files
    std::vector<ManifestError> errors;  ///< why there is no manifest among them
};

/// The name of the app that a key or file is for, which may be none that an app can have. Keys
/// below `shop.yml/` count for `shop`, so that its status can say what is wrong with them.
[[nodiscard]] std::string app_of_name(const std::string& name);

/// `files` are all those of one app, one or more, in any order.
[[nodiscard]] AppSource assemble_app(const std::string& app, std::vector<AppFile> files);

/// A tool has made keys of the scalars in a manifest: `services/web/image`. `paths` are relative to
/// the app's folder.
[[nodiscard]] bool is_exploded(const std::vector<std::string_view>& paths);

}  // namespace nap
