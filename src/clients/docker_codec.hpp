#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/container_config.hpp"
#include "model/error.hpp"
#include "model/observed.hpp"
#include "ports/engine.hpp"

namespace nap {

// Requests, from the fields given and no others.

[[nodiscard]] std::string encode_create_container(const ContainerConfig& config);
[[nodiscard]] std::string encode_connect(const ContainerId& id, const ContainerNetwork& network);
[[nodiscard]] std::string encode_create_network(const NetworkSpec& spec);
[[nodiscard]] std::string encode_create_volume(const VolumeSpec& spec);

/// An image reference as the engine's pull wants it: never without a tag, which would pull all.
struct PullReference {
    std::string name;
    std::string tag;  ///< or a digest
};
[[nodiscard]] PullReference split_reference(const std::string& reference);

// Answers. All fail with `malformed`, naming the field.

[[nodiscard]] Result<std::vector<ContainerSummary>> decode_container_list(std::string_view text);
[[nodiscard]] Result<ObservedContainer> decode_container(std::string_view text);
[[nodiscard]] Result<std::vector<ObservedNetwork>> decode_network_list(std::string_view text);
[[nodiscard]] Result<std::vector<ObservedVolume>> decode_volume_list(std::string_view text);
[[nodiscard]] Result<ImageId> decode_image(std::string_view text);
[[nodiscard]] Result<ContainerId> decode_created(std::string_view text);
/// The versions; the rest is in `/info`.
[[nodiscard]] Result<EngineInfo> decode_version(std::string_view text);
/// All but the versions.
[[nodiscard]] Result<EngineInfo> decode_info(std::string_view text);

/// One line of the event stream. What happens to a container's networks is told as an event of that
/// container.
[[nodiscard]] Result<EngineEvent> decode_event(std::string_view line);
/// `internal` with the engine's words when the line of a pull tells of a failure.
[[nodiscard]] Result<void> check_pull_line(std::string_view line);

/// The error an answer with a status that is no success stands for.
[[nodiscard]] Error docker_error(std::string_view op, int status, std::string_view body);

}  // namespace nap
