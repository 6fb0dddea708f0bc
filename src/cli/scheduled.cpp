#include "cli/scheduled.hpp"

#include <cstdint>

#include "manifest/parse.hpp"

namespace nap {

namespace {

/// The manifest in force of each app; its assignments differ while a new one goes round.
std::map<AppId, AppSpec> read_specs(const ClusterView& view) {
    std::map<AppId, const Assignment*> newest;
    for (const auto& [place, assignment] : view.assigned) {
        const Assignment*& known = newest[assignment.app];
        if (known == nullptr || known->manifest_index < assignment.manifest_index) {
            known = &assignment;
        }
    }
    std::map<AppId, AppSpec> specs;
    for (const auto& [app, assignment] : newest) {
        ParsedManifest parsed = parse_manifest(app, assignment->manifest);
        if (parsed.spec) specs.emplace(app, std::move(*parsed.spec));
    }
    return specs;
}

void add_node(const NodeId& node, const ClusterView& view, NodeTable& nodes) {
    NodeView& added = nodes.node(node);
    const auto record = view.records.find(node);
    if (record != view.records.end()) added.record = record->second;
    added.record.node = node;
    added.alive = view.is_ready(node);
    added.draining = view.is_draining(node);
}

}  // namespace

Scheduled scheduled_from(const ClusterView& view) {
    Scheduled scheduled{.nodes = {}, .apps = read_specs(view), .placed = {}};
    for (const NodeId& node : view.nodes())
        add_node(node, view, scheduled.nodes);
    for (const auto& [place, assignment] : view.assigned) {
        const auto app = scheduled.apps.find(assignment.app);
        if (assignment.remove || app == scheduled.apps.end()) continue;
        for (const InstanceId& instance : assignment.instances) {
            // One that moves is on two nodes: its place is the one it does not leave.
            auto& placed = scheduled.placed[assignment.app];
            if (assignment.leaves(instance)) {
                placed.emplace(instance, place.first);
            } else {
                placed[instance] = place.first;
            }
            const auto service = app->second.services.find(instance.service);
            if (service != app->second.services.end()) {
                scheduled.nodes.occupy(place.first, service->second);
            }
        }
    }
    return scheduled;
}

}  // namespace nap
