#include "reconciler/placement_groups.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace nap {

PlacementGroups::PlacementGroups(const PlacementRequest& request, NodeTable& nodes)
    : request_(request) {
    const std::vector<std::string>& spread_over = request.service.placement.spread_over;
    if (spread_over.empty()) {
        std::vector<const NodeTable::Entry*> in_use;
        for (const auto& [node, count] : request.counts)
            in_use.push_back(node);
        root_.pool.emplace(request, NodeStream(nodes.by_load()), in_use);
        return;
    }
    const std::vector<NodeAttribute> attributes(spread_over.begin(), spread_over.end());
    for (const NodeTable::Entry* node : nodes.by_load())
        sort_in(node, attributes);
    make_pools(root_);
}

bool PlacementGroups::fuller(const Group* a, const Group* b) {
    return std::tie(a->count, a->value) > std::tie(b->count, b->value);
}

void PlacementGroups::sort_in(const NodeTable::Entry* node,
                              const std::vector<NodeAttribute>& attributes) {
    const int count = request_.count_on(*node);
    const bool fits = !request_.standing_refusal(*node);
    // What is on a node that takes no more still counts for its groups.
    if (!fits && count == 0) return;
    Group* group = &root_;
    for (const NodeAttribute& attribute : attributes) {
        const std::string_view value = attribute.of(node->second.record);
        group = &group->parts[value];
        group->value = value;
        group->count += count;
    }
    if (!fits) return;
    group->nodes.push_back(node);
    if (count > 0) group->in_use.push_back(node);
}

void PlacementGroups::make_pools(Group& group) {
    if (group.parts.empty()) {
        group.pool.emplace(request_, NodeStream(std::move(group.nodes)), group.in_use);
        return;
    }
    for (auto& [value, part] : group.parts) {
        make_pools(part);
        group.order.push_back(&part);
    }
    std::make_heap(group.order.begin(), group.order.end(), fuller);
}

const NodeTable::Entry* PlacementGroups::best(Group& group, int slot) {
    if (group.pool) return group.pool->best(slot);
    while (!group.order.empty()) {
        if (const NodeTable::Entry* node = best(*group.order.front(), slot)) return node;
        std::pop_heap(group.order.begin(), group.order.end(), fuller);
        group.order.pop_back();
    }
    return nullptr;
}

void PlacementGroups::took(Group& group) {
    if (group.pool) {
        group.pool->took();
        return;
    }
    took(*group.order.front());
    std::pop_heap(group.order.begin(), group.order.end(), fuller);
    group.order.back()->count += 1;
    std::push_heap(group.order.begin(), group.order.end(), fuller);
}

}  // namespace nap
