#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reconciler/cluster_state.hpp"

namespace nap {

/// The instances of one node, as they will be.
struct NodeShare {
    std::set<InstanceId> instances;
    std::set<InstanceId> leaving;
    std::vector<Peer> peers;
};

/// What all orders of one app have in common that one plan gives.
struct PlanTerms {
    const ManifestState& wanted;
    const Manifest& before;  ///< that was in force, or null
    NetworkScope scope = NetworkScope::local;
    bool approved = false;  ///< a person has vouched for the manifest
    bool lives = false;     ///< some node runs, or is to run, some of it
};

/// The node's orders for its share; nullopt when `current`, those it has or null, say the same,
/// whoever gave them and when.
[[nodiscard]] std::optional<Assignment> new_orders(const ClusterState::Settings& own,
                                                   const AppRecord& app, const NodeId& node,
                                                   const Orders* current, const NodeShare& share,
                                                   const PlanTerms& terms);

/// Services of which the node may run instances that are not bound to its lease, although
/// `current`, its orders, are followed by some with these instances of `wanted`.
[[nodiscard]] std::vector<std::string> unleased_of(const AppRecord& app, const NodeId& node,
                                                   const Orders& current,
                                                   const std::set<InstanceId>& instances,
                                                   const AppSpec& wanted, const Manifest& before);

}  // namespace nap
