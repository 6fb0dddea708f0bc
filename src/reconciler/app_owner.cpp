#include <algorithm>

#include "reconciler/app_plan.hpp"
#include "reconciler/brakes.hpp"

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

bool has_stopped(const AppRecord& app, const InstanceId& instance, const NodeId& node) {
    const auto seen = app.seen.find(node);
    if (seen == app.seen.end()) return false;
    const Assignment& order = app.orders.at(node);
    const auto has = [&](const std::vector<InstanceId>& list) {
        return std::find(list.begin(), list.end(), instance) != list.end();
    };
    return !has(order.instances) && seen->second.answers(order) && !has(seen->second.surplus);
}

bool has_surely_stopped(const AppPlanContext& context, const AppRecord& app, const NodeId& node) {
    return context.state.lease_over(node, context.now) && !app.policy_told.contains(node);
}

void note_policies(AppRecord& app, const AppSpec& wanted) {
    std::erase_if(app.policy_told, [&](const auto& entry) {
        const auto seen = app.seen.find(entry.first);
        return seen != app.seen.end() && seen->second.serial >= entry.second;
    });
    if (!app.in_force || !app.in_force->spec) return;
    const auto& before = app.in_force->spec->services;
    const auto stops = [](const ServiceSpec& service) {
        return service.partition == PartitionPolicy::stop;
    };
    const auto is_untold = [&](const InstanceId& instance) {
        const auto is = wanted.services.find(instance.service);
        const auto was = before.find(instance.service);
        const bool goes_on = is != wanted.services.end() && !stops(is->second);
        return was != before.end() && !stops(was->second) && !goes_on;
    };
    for (const auto& [node, order] : app.orders) {
        const auto& instances = order.instances;
        if (std::any_of(instances.begin(), instances.end(), is_untold)) {
            app.policy_told[node] = app.next_serial(node);
        }
    }
}

bool is_vouched_for(const ClusterState& state, const AppRecord& app, const ManifestState& wanted) {
    const bool was = std::any_of(app.orders.begin(), app.orders.end(), [&](const auto& entry) {
        return entry.second.approved && entry.second.manifest_index == wanted.modify_index;
    });
    return was || state.approved(older_hold_id(wanted.spec->app, wanted.modify_index));
}

}  // namespace nap
