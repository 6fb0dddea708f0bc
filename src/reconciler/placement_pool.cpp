#include "reconciler/placement_pool.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

namespace nap {

namespace {

/// FNV-1a: the same on every host and in every version.
std::uint64_t hash_of(std::string_view text, std::uint64_t hash = 14695981039346656037U) {
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211U;
    }
    return hash;
}

/// Makes every bit depend on every other (the finalizer of SplitMix64).
std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

std::uint64_t hash_of(const AppSpec& app, const InstanceId& instance) {
    const std::uint64_t service = hash_of(instance.service, hash_of(app.app.str()));
    return mixed(service + static_cast<std::uint64_t>(instance.slot));
}

std::uint64_t combined(std::uint64_t instance, std::uint64_t node) {
    return mixed(instance ^ node);
}

double share(std::int64_t taken, std::int64_t capacity) {
    return capacity > 0 ? static_cast<double>(taken) / static_cast<double>(capacity) : 0;
}

double reserved_share(const NodeView& view) {
    return std::max(share(view.memory_bytes_reserved, view.record.memory_bytes),
                    share(view.nano_cpus_reserved, view.record.nano_cpus));
}

using AnyPool = std::variant<SpreadPool, BinpackPool, RandomPool>;

AnyPool pool_of(const PlacementRequest& request, NodeStream nodes,
                const std::vector<const NodeTable::Entry*>& in_use) {
    switch (request.app.strategy) {
        case Strategy::binpack:
            return BinpackPool(request, std::move(nodes));
        case Strategy::random:
            return RandomPool(request, std::move(nodes));
        case Strategy::spread:
            break;
    }
    return SpreadPool(request, std::move(nodes), in_use);
}

}  // namespace

const NodeTable::Entry* NodeStream::next() {
    if (is_picked_) return index_ < picked_.size() ? picked_[index_++] : nullptr;
    return next_ == end_ ? nullptr : *next_++;
}

SpreadPool::SpreadPool(const PlacementRequest& request, NodeStream nodes,
                       const std::vector<const NodeTable::Entry*>& in_use)
    : request_(request), nodes_(std::move(nodes)) {
    for (const NodeTable::Entry* node : in_use) {
        if (!request.standing_refusal(*node)) push(node);
    }
}

bool SpreadPool::worse(const Candidate& a, const Candidate& b) {
    return std::tie(a.count, a.instances, a.node->first) >
           std::tie(b.count, b.instances, b.node->first);
}

void SpreadPool::push(const NodeTable::Entry* node) {
    candidates_.push_back(
        {.count = request_.count_on(*node), .instances = node->second.instances, .node = node});
    std::push_heap(candidates_.begin(), candidates_.end(), worse);
}

void SpreadPool::pop() {
    std::pop_heap(candidates_.begin(), candidates_.end(), worse);
    candidates_.pop_back();
}

const NodeTable::Entry* SpreadPool::best() {
    // A node without the service comes before all that have it, and they come in order: nothing
    // beyond the first that fits need be looked at. One that was taken since moved on in the order
    // and is met again; it is a candidate already.
    while (candidates_.empty() || candidates_.front().count > 0) {
        const NodeTable::Entry* node = nodes_.next();
        if (node == nullptr) break;
        if (request_.count_on(*node) == 0 && !request_.refusal(*node)) push(node);
    }
    while (!candidates_.empty()) {
        const NodeTable::Entry* node = candidates_.front().node;
        if (!request_.room_refusal(*node)) return node;
        pop();
    }
    return nullptr;
}

void SpreadPool::took() {
    const NodeTable::Entry* node = candidates_.front().node;
    pop();
    push(node);
}

bool is_fuller(const NodeTable::Entry& a, const NodeTable::Entry& b) {
    const double of_a = reserved_share(a.second);
    const double of_b = reserved_share(b.second);
    if (of_a != of_b) return of_a > of_b;
    if (a.second.instances != b.second.instances) return a.second.instances > b.second.instances;
    return a.first < b.first;
}

BinpackPool::BinpackPool(const PlacementRequest& request, NodeStream nodes) : request_(request) {
    while (const NodeTable::Entry* node = nodes.next())
        nodes_.push_back(node);
    std::make_heap(nodes_.begin(), nodes_.end(), after);
}

bool BinpackPool::after(const NodeTable::Entry* a, const NodeTable::Entry* b) {
    return is_fuller(*b, *a);
}

const NodeTable::Entry* BinpackPool::best() {
    // What it takes makes the fullest only fuller: it stays in front.
    while (!nodes_.empty()) {
        const NodeTable::Entry* node = nodes_.front();
        if (!request_.refusal(*node)) return node;
        std::pop_heap(nodes_.begin(), nodes_.end(), after);
        nodes_.pop_back();
    }
    return nullptr;
}

std::uint64_t placement_hash(const AppSpec& app, const InstanceId& instance, const NodeId& node) {
    return combined(hash_of(app, instance), hash_of(node.str()));
}

RandomPool::RandomPool(const PlacementRequest& request, NodeStream nodes) : request_(request) {
    while (const NodeTable::Entry* node = nodes.next()) {
        if (request.standing_refusal(*node)) continue;
        candidates_.push_back({.hash = hash_of(node->first.str()), .node = node});
    }
}

const NodeTable::Entry* RandomPool::best(int slot) {
    const std::uint64_t instance = hash_of(request_.app, {.service = request_.name, .slot = slot});
    const auto worse = [instance](const Candidate& a, const Candidate& b) {
        const std::uint64_t of_a = combined(instance, a.hash);
        const std::uint64_t of_b = combined(instance, b.hash);
        return of_a != of_b ? of_a < of_b : a.node->first > b.node->first;
    };
    while (!candidates_.empty()) {
        const auto best = std::max_element(candidates_.begin(), candidates_.end(), worse);
        if (!request_.room_refusal(*best->node)) return best->node;
        *best = candidates_.back();
        candidates_.pop_back();
    }
    return nullptr;
}

NodePool::NodePool(const PlacementRequest& request, NodeStream nodes,
                   const std::vector<const NodeTable::Entry*>& in_use)
    : pool_(pool_of(request, std::move(nodes), in_use)) {}

const NodeTable::Entry* NodePool::best(int slot) {
    if (auto* random = std::get_if<RandomPool>(&pool_)) return random->best(slot);
    if (auto* binpack = std::get_if<BinpackPool>(&pool_)) return binpack->best();
    return std::get<SpreadPool>(pool_).best();
}

void NodePool::took() {
    if (auto* spread = std::get_if<SpreadPool>(&pool_)) spread->took();
}

}  // namespace nap
