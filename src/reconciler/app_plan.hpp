#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reconciler/cluster_plan.hpp"
#include "reconciler/rebalance.hpp"

namespace nap {

/// What planning one app looks at and adds to.
struct AppPlanContext {
    ClusterState& state;
    MonotonicTime now;
    std::vector<ClusterAction>& actions;
};

/// Gives every instance of `wanted` its node and takes away those that are no longer wanted.
void assign_app(AppPlanContext& context, const AppId& id, const Manifest& wanted);
/// Takes the app off every node.
void withdraw_app(AppPlanContext& context, const AppId& id);
/// Moves instances at once, for evenness: each runs on its new node before it leaves the old one.
void move_instances(AppPlanContext& context, const std::vector<Move>& moves);

/// By its node's last report the instance runs there, and well.
[[nodiscard]] bool runs_on(const AppRecord& app, const InstanceId& instance, const NodeId& node);
/// The node was told not to run the instance, and says that it does not.
[[nodiscard]] bool has_stopped(const AppRecord& app, const InstanceId& instance,
                               const NodeId& node);
/// The node, lost, has stopped the instance, of a service of `partition: stop`: it knew that it had
/// to, and its lease is over.
[[nodiscard]] bool has_surely_stopped(const AppPlanContext& context, const AppRecord& app,
                                      const InstanceId& instance, const NodeId& node);
/// A person has vouched for this manifest, which is older than one that hosts have.
[[nodiscard]] bool is_vouched_for(const ClusterState& state, const AppRecord& app,
                                  const ManifestState& wanted);
/// Of several nodes that are to run an instance, the one that is to keep it.
[[nodiscard]] NodeId owner_of(const AppPlanContext& context, const AppRecord& app,
                              const InstanceId& instance, const std::vector<NodeId>& nodes);

/// The node was told to have nothing of the app, and says that it has nothing.
[[nodiscard]] bool is_gone(const AppRecord& app, const NodeId& node, const Orders& order);

/// How the app is, from what its nodes report.
[[nodiscard]] AppStatus status_of(const ClusterState& state, const AppId& id, MonotonicTime now);

/// The scope an app's networks get where they have no driver of their own.
[[nodiscard]] NetworkScope choose_scope(const ClusterState& state, const AppRecord& app);
/// The network of `spec` that ends at its host although instances on different nodes of `where`
/// share it; empty when there is none.
[[nodiscard]] std::string split_network(const ClusterState& state, const AppSpec& spec,
                                        NetworkScope scope, const Placed& where);
/// The app has a network that only the swarm's managers make and remove.
[[nodiscard]] bool has_overlay(const AppSpec& spec, NetworkScope scope);
/// The node's engine is such a manager, and answers.
[[nodiscard]] bool is_manager(const ClusterState& state, const NodeId& node);
/// The manager that is to make the app's networks; nullopt when none is to be seen.
[[nodiscard]] std::optional<NodeId> network_keeper(const ClusterState& state, const AppRecord& app);
/// What instances on `node` have to find in their hosts files.
[[nodiscard]] std::vector<Peer> peers_of(const ClusterState& state, const AppRecord& app,
                                         const NodeId& node, NetworkScope scope);
/// Where instances are, and where others are to be.
struct Whereabouts {
    const Placed& kept;
    const Placed& placed;
};
/// Adds to the peers of a node's orders how far what its instances, `here`, wait for is.
void add_awaited(const AppRecord& app, const AppSpec& spec, const Whereabouts& where,
                 const std::set<InstanceId>& here, std::vector<Peer>& peers);
/// Both, as it stands with the orders of all nodes; `orders` are the node's.
[[nodiscard]] std::vector<Peer> peers_by_orders(const ClusterState& state, const AppRecord& app,
                                                const NodeId& node, const Orders& orders);

}  // namespace nap
