#include <algorithm>

#include "reconciler/app_plan.hpp"
#include "reconciler/brakes.hpp"

namespace nap {

namespace {

bool leaves_node(const AppRecord& app, const InstanceId& instance, const NodeId& node) {
    const auto order = app.orders.find(node);
    return order != app.orders.end() && order->second.leaves(instance);
}

}  // namespace

bool runs_on(const AppRecord& app, const InstanceId& instance, const NodeId& node) {
    const auto seen = app.seen.find(node);
    if (seen == app.seen.end()) return false;
    const SeenInstance* found = seen->second.find(instance);
    return found != nullptr && found->running && found->healthy;
}

NodeId owner_of(const AppPlanContext& context, const AppRecord& app, const InstanceId& instance,
                const std::vector<NodeId>& nodes) {
    const auto score = [&](const NodeId& node) {
        const Standing standing = context.state.standing(node, context.now);
        const bool good = standing == Standing::open || standing == Standing::waiting;
        return (good ? 8 : 0) + (leaves_node(app, instance, node) ? 0 : 4) +
               (standing == Standing::open ? 2 : 0) + (runs_on(app, instance, node) ? 1 : 0);
    };
    return *std::max_element(nodes.begin(), nodes.end(),
                             [&](const NodeId& a, const NodeId& b) { return score(a) < score(b); });
}

bool has_stopped(const AppRecord& app, const InstanceId& instance, const NodeId& node) {
    const auto seen = app.seen.find(node);
    if (seen == app.seen.end()) return false;
    const Orders& order = app.orders.at(node);
    const auto& surplus = seen->second.trouble().surplus;
    return !order.has(instance) && seen->second.answers(order) &&
           std::find(surplus.begin(), surplus.end(), instance) == surplus.end();
}

bool has_surely_stopped(const AppPlanContext& context, const AppRecord& app,
                        const InstanceId& instance, const NodeId& node) {
    if (!context.state.lease_over(node, context.now)) return false;
    const auto order = app.orders.find(node);
    if (order == app.orders.end() || app.has_heard(node, order->second)) return true;
    const auto& unleased = order->second.unleased();
    return !std::binary_search(unleased.begin(), unleased.end(), instance.service);
}

bool is_vouched_for(const ClusterState& state, const AppRecord& app, const ManifestState& wanted) {
    const bool was = std::any_of(app.orders.begin(), app.orders.end(), [&](const auto& entry) {
        const OrderTerms& terms = *entry.second.terms;
        return terms.approved && terms.manifest_index == wanted.modify_index;
    });
    return was || state.approved(older_hold_id(wanted.spec->app, wanted.modify_index));
}

}  // namespace nap
