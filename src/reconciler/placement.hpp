#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/app_spec.hpp"
#include "reconciler/node_table.hpp"

namespace nap {

/// Which node each instance of an app is on.
using Placed = std::map<InstanceId, NodeId>;

struct PlacementInput {
    const AppSpec& app;
    /// Instances that have a node and stay there: nothing that runs well is moved. They are
    /// accounted for in the table already.
    const Placed& kept;
    /// All instances must be on one node: `x-nap.colocate`, or networks that end at their host.
    bool together = false;
    /// Nodes that instances may not come to for a reason of the caller's, with that reason.
    const std::map<NodeId, std::string>& barred;
};

struct NodeRefusal {
    NodeId node;
    std::string reason;  ///< `draining`; `port 80/tcp is taken`; `node.labels.zone is b, not a`
};

/// One for each node; for one of mode `global`, that of the node it is for.
using NodeRefusals = std::vector<NodeRefusal>;

struct Unplaced {
    InstanceId instance;
    /// Shared by the instances of a service, of which there may be thousands.
    std::shared_ptr<const NodeRefusals> refusals;
};

struct PlacementResult {
    Placed placed;  ///< the new ones only
    std::vector<Unplaced> unplaced;
    /// Kept instances of mode `global` whose node no longer is to have one (it is draining, its
    /// labels changed): instances that have lost their place though nothing asked for fewer.
    std::vector<InstanceId> surplus;
};

/// Gives every instance the manifest asks for that has no node one, and takes note of that in
/// `nodes`. Pure and deterministic: same input, same result. Slots of mode `global` count up over
/// the nodes; one that is on a node keeps its slot.
[[nodiscard]] PlacementResult place_app(const PlacementInput& input, NodeTable& nodes);

/// Why each node would or would not take one more instance of `service`; an empty reason is yes.
[[nodiscard]] NodeRefusals explain_placement(const PlacementInput& input,
                                             const std::string& service, const NodeTable& nodes);

/// The service has data on its node that another node has not: local named volumes or binds.
[[nodiscard]] bool has_local_data(const AppSpec& app, const ServiceSpec& service);
/// Whether its instances stay with their node when that is lost or drained.
[[nodiscard]] bool stays_with_node(const AppSpec& app, const ServiceSpec& service);

}  // namespace nap
