#pragma once

/// The labels nap puts on what it creates (docs/reference/labels.md).
namespace nap::labels {

inline constexpr char cluster[] = "io.nap.cluster";
inline constexpr char app[] = "io.nap.app";
inline constexpr char service[] = "io.nap.service";
inline constexpr char slot[] = "io.nap.slot";
inline constexpr char revision[] = "io.nap.revision";
inline constexpr char config_hash[] = "io.nap.config-hash";

inline constexpr char hooks[] = "io.nap.hooks";

inline constexpr char compose_project[] = "com.docker.compose.project";
inline constexpr char compose_service[] = "com.docker.compose.service";
inline constexpr char compose_number[] = "com.docker.compose.container-number";
inline constexpr char compose_oneoff[] = "com.docker.compose.oneoff";
inline constexpr char compose_config_hash[] = "com.docker.compose.config-hash";
inline constexpr char compose_network[] = "com.docker.compose.network";
inline constexpr char compose_volume[] = "com.docker.compose.volume";

}  // namespace nap::labels
