#pragma once

#include "reconciler/cluster_state.hpp"

namespace nap {

/// Holds failover while more than half of the nodes that matter are lost (a fault of the store or
/// the network is likelier than that many hosts failing at once), unless approved.
void brake_losses(ClusterState& state, MonotonicTime now);

/// Holds, among the apps about to be planned, the removals of several apps at once that would end
/// more than half of all instances, unless approved. One that is held stays so until it is
/// approved or its manifest is back.
void brake_removals(ClusterState& state, const std::set<AppId>& dirty);

/// Everything that is held now.
[[nodiscard]] std::vector<Hold> current_holds(const ClusterState& state, MonotonicTime now);

/// The ids holds of these kinds have; approvals name them.
[[nodiscard]] std::string orphan_hold_id(const AppId& app);
[[nodiscard]] std::string older_hold_id(const AppId& app, std::uint64_t manifest_index);

}  // namespace nap
