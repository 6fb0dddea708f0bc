#include <algorithm>

#include "reconciler/app_plan.hpp"

namespace nap {

namespace {

bool leaves_node(const AppRecord& app, const InstanceId& instance, const NodeId& node) {
    const auto order = app.orders.find(node);
    return order != app.orders.end() && leaves(order->second, instance);
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

}  // namespace nap
