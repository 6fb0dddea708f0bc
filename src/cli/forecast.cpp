#include "cli/forecast.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>

#include "cli/scheduled.hpp"
#include "reconciler/app_intake.hpp"
#include "reconciler/app_plan.hpp"
#include "reconciler/cluster_plan.hpp"

namespace nap {

namespace {

/// Nothing is done about nodes that are lost, nor about other apps.
ClusterState state_of(const ForecastInput& input, MonotonicTime now) {
    ClusterState state({.cluster = input.cluster, .epoch = 0});
    std::set<NodeId> draining;
    for (const auto& [node, control] : input.view.controls) {
        if (control.draining) draining.insert(node);
    }
    for (const auto& [node, record] : input.view.records)
        state.set_node(record, now);
    state.set_draining(std::move(draining));
    for (const auto& [place, assignment] : input.view.assigned)
        state.set_orders(place.first, assignment);
    for (auto& [app, spec] : scheduled_from(input.view).apps) {
        ManifestState in_force;
        in_force.spec = spec;
        state.set_in_force(app, std::make_shared<const ManifestState>(std::move(in_force)));
    }
    for (const HostReport& report : input.reports)
        state.set_report(report);
    ManifestState wanted;
    wanted.text = input.text;
    wanted.revision = revision_of(input.text);
    wanted.spec = input.spec;
    state.set_manifest(input.spec.app, std::make_shared<const ManifestState>(std::move(wanted)));
    (void)state.take_dirty();
    state.touch(input.spec.app);
    return state;
}

std::vector<InstanceId> sorted_instances(const Assignment& order) {
    std::vector<InstanceId> instances = order.remove ? std::vector<InstanceId>{} : order.instances;
    std::sort(instances.begin(), instances.end());
    return instances;
}

std::vector<InstanceId> without(const std::vector<InstanceId>& all,
                                const std::vector<InstanceId>& taken) {
    std::vector<InstanceId> rest;
    std::set_difference(all.begin(), all.end(), taken.begin(), taken.end(),
                        std::back_inserter(rest));
    return rest;
}

NodeChange change_of(const NodeId& node, const Assignment& before, const Orders& after) {
    const auto was = sorted_instances(before);
    const auto is = after.remove ? std::vector<InstanceId>{} : after.instances;
    const auto stays = without(was, without(was, is));
    return {.node = node,
            .comes = without(is, was),
            .goes = without(was, is),
            .new_manifest = !stays.empty() && before.revision != after.terms->revision};
}

std::string all_refusals(const Unplaced& unplaced) {
    std::string text;
    for (const NodeRefusal& refusal : *unplaced.refusals)
        text += (text.empty() ? "" : ", ") + refusal.node.str() + ": " + refusal.reason;
    return text.empty() ? "there is no node" : text;
}

std::vector<Blocked> blocked_in(const AppId& id, const AppRecord& app) {
    std::vector<Blocked> blocked;
    if (!app.refusal.empty()) blocked.push_back({.object = id.str(), .reason = app.refusal});
    for (const Unplaced& unplaced : app.unplaced) {
        blocked.push_back({.object = to_string(unplaced.instance),
                           .reason = "fits on no node: " + all_refusals(unplaced)});
    }
    return blocked;
}

}  // namespace

Forecast forecast_app(const ForecastInput& input) {
    const MonotonicTime now = std::chrono::steady_clock::now();
    ClusterState state = state_of(input, now);
    (void)plan_cluster(state, now);
    Forecast forecast;
    const AppRecord& app = state.apps().at(input.spec.app);
    const auto record = input.view.records.find(input.here);
    forecast.swarm_manager = record != input.view.records.end() && record->second.swarm_manager;
    forecast.here.cluster = input.cluster;
    forecast.blocked = blocked_in(input.spec.app, app);
    for (const auto& [node, order] : app.orders) {
        if (node == input.here) {
            forecast.here =
                assignment_of(input.spec.app, order, peers_by_orders(state, app, node, order));
            continue;
        }
        const auto before = input.view.assigned.find({node, input.spec.app});
        NodeChange change = change_of(
            node, before == input.view.assigned.end() ? Assignment{} : before->second, order);
        const bool any = !change.comes.empty() || !change.goes.empty() || change.new_manifest;
        if (any) forecast.others.push_back(std::move(change));
    }
    return forecast;
}

}  // namespace nap
