#include "reconciler/placement.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "reconciler/placement_groups.hpp"
#include "reconciler/placement_request.hpp"
#include "reconciler/placement_slots.hpp"
#include "reconciler/placement_together.hpp"

namespace nap {

namespace {

void place_replicated(const PlacementInput& input, const std::string& name, NodeTable& nodes,
                      PlacementResult& result) {
    const ServiceSpec& service = input.app.services.at(name);
    const std::vector<int> missing = missing_slots(input.kept, name, service.replicas);
    if (missing.empty()) return;
    PlacementRequest request(input, name);
    request.count_kept(input.kept, nodes);
    PlacementGroups groups(request, nodes);
    std::shared_ptr<const NodeRefusals> refusals;
    for (const int slot : missing) {
        const InstanceId instance{.service = name, .slot = slot};
        // Its instances are alike: where one has no place the next has none.
        const NodeTable::Entry* node = refusals ? nullptr : groups.best(slot);
        if (node == nullptr) {
            if (!refusals) {
                refusals = std::make_shared<const NodeRefusals>(explain_service(request, nodes));
            }
            result.unplaced.push_back({.instance = instance, .refusals = refusals});
            continue;
        }
        result.placed.emplace_hint(result.placed.end(), instance, node->first);
        request.counts[node] += 1;
        nodes.occupy(node->first, service);
        groups.took();
    }
}

/// The node is no longer one for the service. Of a node that is gone nothing is known: not being
/// there is no reason to lose a place.
bool has_lost_place(const PlacementRequest& request, const NodeTable::Entry& node) {
    const Refusal::Kind kind = request.standing_refusal(node).kind;
    return kind == Refusal::Kind::draining || kind == Refusal::Kind::constraint;
}

/// The nodes that kept instances of the service hold for it; those it loses, and those that are
/// second on their node, are surplus.
std::set<NodeId> serve_kept(const PlacementInput& input, const PlacementRequest& request,
                            const NodeTable& nodes, PlacementResult& result) {
    std::set<NodeId> served;
    for (auto next = input.kept.lower_bound({.service = request.name, .slot = 0});
         next != input.kept.end() && next->first.service == request.name; ++next) {
        const auto& [instance, id] = *next;
        const bool second = !served.insert(id).second;
        const NodeTable::Entry* node = nodes.entry(id);
        const bool lost = node != nullptr && has_lost_place(request, *node);
        if (second || lost) result.surplus.push_back(instance);
    }
    return served;
}

void place_global(const PlacementInput& input, const std::string& name, NodeTable& nodes,
                  PlacementResult& result) {
    const PlacementRequest request(input, name);
    const std::set<NodeId> served = serve_kept(input, request, nodes, result);
    std::vector<std::pair<const NodeTable::Entry*, Refusal>> unserved;
    for (const NodeTable::Entry& node : nodes.all()) {
        if (served.contains(node.first)) continue;
        const Refusal standing = request.standing_refusal(node);
        // A node that is not to have one is none of its business; one that cannot have it is.
        if (standing && standing.kind != Refusal::Kind::barred) continue;
        unserved.emplace_back(&node, standing ? standing : request.room_refusal(node));
    }
    const std::vector<int> slots = free_slots(input.kept, name, unserved.size());
    for (std::size_t i = 0; i < unserved.size(); ++i) {
        const auto& [node, refusal] = unserved[i];
        const InstanceId instance{.service = name, .slot = slots[i]};
        if (!refusal) {
            result.placed.emplace(instance, node->first);
            nodes.occupy(node->first, request.service);
            continue;
        }
        NodeRefusals one{{.node = node->first, .reason = request.why(refusal, *node)}};
        result.unplaced.push_back(
            {.instance = instance,
             .refusals = std::make_shared<const NodeRefusals>(std::move(one))});
    }
}

}  // namespace

PlacementResult place_app(const PlacementInput& input, NodeTable& nodes) {
    if (input.together) return place_together(input, nodes);
    PlacementResult result;
    for (const auto& [name, service] : input.app.services) {
        if (service.mode == DeployMode::global) {
            place_global(input, name, nodes, result);
        } else {
            place_replicated(input, name, nodes, result);
        }
    }
    return result;
}

NodeRefusals explain_placement(const PlacementInput& input, const std::string& service,
                               const NodeTable& nodes) {
    if (!input.app.services.contains(service)) return {};
    if (input.together) return explain_together(input, service, nodes);
    PlacementRequest request(input, service);
    request.count_kept(input.kept, nodes);
    return explain_service(request, nodes);
}

bool has_local_data(const AppSpec& app, const ServiceSpec& service) {
    return std::any_of(service.mounts.begin(), service.mounts.end(), [&](const MountSpec& mount) {
        if (mount.kind == MountKind::bind) return true;
        if (mount.kind != MountKind::volume) return false;
        const auto volume = app.volumes.find(mount.source);
        if (volume == app.volumes.end()) return true;
        return volume->second.driver.empty() || volume->second.driver == "local";
    });
}

bool stays_with_node(const AppSpec& app, const ServiceSpec& service) {
    if (service.sticky == Sticky::automatic) return has_local_data(app, service);
    return service.sticky == Sticky::always;
}

}  // namespace nap
