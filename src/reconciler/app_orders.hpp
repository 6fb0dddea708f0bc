#pragma once

#include <optional>
#include <set>

#include "reconciler/cluster_state.hpp"

namespace nap {

/// The instances of one node, as they will be.
struct NodeShare {
    std::set<InstanceId> instances;
    std::set<InstanceId> leaving;
};

/// What all orders of one app have in common that one plan gives.
struct OrderTerms {
    const ManifestState& wanted;
    NetworkScope scope = NetworkScope::local;
    bool approved = false;  ///< a person has vouched for the manifest
    bool lives = false;     ///< some node runs, or is to run, some of it
};

/// The node's orders for its share; nullopt when those it has say the same, whoever gave them and
/// when.
[[nodiscard]] std::optional<Assignment> new_orders(const ClusterState& state, const AppRecord& app,
                                                   const NodeId& node, const NodeShare& share,
                                                   const OrderTerms& terms);

}  // namespace nap
