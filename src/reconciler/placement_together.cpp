#include "reconciler/placement_together.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "reconciler/placement_pool.hpp"
#include "reconciler/placement_request.hpp"
#include "reconciler/placement_slots.hpp"

namespace nap {

namespace {

/// What one service still needs.
struct Need {
    PlacementRequest request;
    std::vector<int> slots;
};

std::vector<Need> needs_of(const PlacementInput& input) {
    std::vector<Need> needs;
    for (const auto& [name, service] : input.app.services) {
        const bool global = service.mode == DeployMode::global;
        const auto kept = input.kept.lower_bound({.service = name, .slot = 1});
        if (global && kept != input.kept.end() && kept->first.service == name) continue;
        std::vector<int> slots = missing_slots(input.kept, name, global ? 1 : service.replicas);
        if (slots.empty()) continue;
        needs.push_back({.request = PlacementRequest(input, name), .slots = std::move(slots)});
    }
    return needs;
}

std::set<NodeId> homes_of(const PlacementInput& input) {
    std::set<NodeId> homes;
    for (const auto& [instance, node] : input.kept)
        homes.insert(node);
    return homes;
}

/// Each service by itself would fit: a cheap first look.
bool may_fit(const std::vector<Need>& needs, const NodeTable::Entry& node) {
    return std::none_of(needs.begin(), needs.end(), [&](const Need& need) {
        return static_cast<bool>(need.request.refusal(node));
    });
}

/// Why the node does not take all that is needed; empty if it does.
std::string refusal_of_all(std::vector<Need>& needs, const NodeTable::Entry& node) {
    NodeTable::Entry trial = node;
    for (Need& need : needs) {
        need.request.counts.clear();
        for (const int slot : need.slots) {
            if (const Refusal refusal = need.request.refusal(trial)) {
                std::string why = need.request.why(refusal, trial);
                if (!refusal.is_of_service()) return why;
                return fmt::format("{}/{}: {}", need.request.name, slot, why);
            }
            trial.second.add(need.request.service);
            need.request.counts[&trial] += 1;
        }
    }
    return {};
}

/// All nodes, the one to try first in front.
std::vector<const NodeTable::Entry*> nodes_in_order(const AppSpec& app, NodeTable& nodes) {
    const NodeTable::LoadOrder& by_load = nodes.by_load();
    std::vector<const NodeTable::Entry*> order(by_load.begin(), by_load.end());
    if (app.strategy == Strategy::binpack) {
        std::sort(order.begin(), order.end(),
                  [](const auto* a, const auto* b) { return is_fuller(*a, *b); });
    } else if (app.strategy == Strategy::random) {
        std::sort(order.begin(), order.end(), [&](const auto* a, const auto* b) {
            const auto of_a = placement_hash(app, {}, a->first);
            const auto of_b = placement_hash(app, {}, b->first);
            return of_a != of_b ? of_a > of_b : a->first < b->first;
        });
    }
    return order;
}

std::string elsewhere_text(const std::set<NodeId>& homes) {
    if (homes.size() == 1)
        return fmt::format("the app is kept together on {}", homes.begin()->str());
    return fmt::format("the app must be together and is on {} nodes, {} and {} among them",
                       homes.size(), homes.begin()->str(), std::next(homes.begin())->str());
}

/// Why no node but its home takes what an app needs; `home_refusal` is for that one.
NodeRefusals refusals_of_homes(const std::set<NodeId>& homes, const std::string& home_refusal,
                               const NodeTable& nodes) {
    NodeRefusals refusals;
    const std::string elsewhere = elsewhere_text(homes);
    for (const auto& [id, view] : nodes.all()) {
        const bool home = homes.size() == 1 && homes.contains(id);
        refusals.push_back({.node = id, .reason = home ? home_refusal : elsewhere});
    }
    return refusals;
}

void refuse(const Need& need, std::size_t first, NodeRefusals refusals, PlacementResult& result) {
    const auto shared = std::make_shared<const NodeRefusals>(std::move(refusals));
    for (std::size_t i = first; i < need.slots.size(); ++i) {
        result.unplaced.push_back(
            {.instance = {.service = need.request.name, .slot = need.slots[i]},
             .refusals = shared});
    }
}

void place_on(const NodeId& id, Need& need, NodeTable& nodes, PlacementResult& result) {
    const NodeTable::Entry* node = nodes.entry(id);
    for (std::size_t i = 0; i < need.slots.size(); ++i) {
        std::string why = "gone";
        if (node != nullptr) why = need.request.why(need.request.refusal(*node), *node);
        if (!why.empty()) {
            refuse(need, i, refusals_of_homes({id}, why, nodes), result);
            return;
        }
        result.placed.emplace(InstanceId{.service = need.request.name, .slot = need.slots[i]}, id);
        need.request.counts[node] += 1;
        nodes.occupy(id, need.request.service);
    }
}

NodeRefusals refusals_of_all(std::vector<Need>& needs, const NodeTable& nodes) {
    NodeRefusals refusals;
    for (const NodeTable::Entry& node : nodes.all())
        refusals.push_back({.node = node.first, .reason = refusal_of_all(needs, node)});
    return refusals;
}

}  // namespace

PlacementResult place_together(const PlacementInput& input, NodeTable& nodes) {
    PlacementResult result;
    std::vector<Need> needs = needs_of(input);
    if (needs.empty()) return result;
    std::set<NodeId> homes = homes_of(input);
    if (homes.empty()) {
        for (const NodeTable::Entry* node : nodes_in_order(input.app, nodes)) {
            if (!may_fit(needs, *node) || !refusal_of_all(needs, *node).empty()) continue;
            homes.insert(node->first);
            break;
        }
    }
    if (homes.size() == 1) {
        for (Need& need : needs) {
            need.request.counts.clear();
            need.request.count_kept(input.kept, nodes);
            place_on(*homes.begin(), need, nodes, result);
        }
        return result;
    }
    for (const Need& need : needs)
        refuse(need, 0,
               homes.empty() ? refusals_of_all(needs, nodes) : refusals_of_homes(homes, "", nodes),
               result);
    return result;
}

NodeRefusals explain_together(const PlacementInput& input, const std::string& service,
                              const NodeTable& nodes) {
    const std::set<NodeId> homes = homes_of(input);
    if (homes.empty()) {
        std::vector<Need> needs = needs_of(input);
        return refusals_of_all(needs, nodes);
    }
    std::string why = "gone";
    if (const NodeTable::Entry* home = nodes.entry(*homes.begin())) {
        PlacementRequest request(input, service);
        request.count_kept(input.kept, nodes);
        why = request.why(request.refusal(*home), *home);
    }
    return refusals_of_homes(homes, why, nodes);
}

}  // namespace nap
