#pragma once

#include "model/cluster.hpp"
#include "reconciler/host_plan.hpp"

namespace nap {

/// A row of this many failures counts as a crash loop, and the app as degraded until it has run
/// well for a while.
inline constexpr int crash_loop_failures = 2;

/// What a host publishes about one app, from what the planner saw and what it decided. Holds
/// nothing that changes by time alone, so that an idle host writes nothing.
[[nodiscard]] HostReport host_report(const NodeId& node, std::uint64_t manifest_index,
                                     const HostInput& input, const Plan& plan);

}  // namespace nap
