#pragma once

#include <string>

#include "sim/cluster.hpp"

namespace nap::sim {

/// What still differs from what operators want, in one line for people; empty once all is as
/// wanted: exactly one container of each instance, made from the newest manifest and running,
/// nothing left of what was removed, and every status saying so.
[[nodiscard]] std::string difference(const Cluster& cluster);

}  // namespace nap::sim
