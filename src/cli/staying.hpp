#pragma once

#include <vector>

#include "clients/cli_json_cluster.hpp"

namespace nap {

/// The instances that a node's assignments leave on it, by app and name, and of those that a drain
/// does not move, why.
[[nodiscard]] std::vector<StayingInstance> instances_left(
    const std::vector<Assignment>& assignments);

}  // namespace nap
