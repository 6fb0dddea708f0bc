#include "reconciler/rebalance.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "reconciler/placement_pool.hpp"
#include "reconciler/placement_request.hpp"

namespace nap {

namespace {

using Node = NodeTable::Entry;
using Path = std::vector<std::string_view>;

/// By how much the sum of the squares changes when one moves between groups of these sizes.
int change_of_squares(int from, int to) {
    return 2 * (to - from + 1);
}

/// The nodes that are one to all preferences of a service.
struct Leaf {
    std::vector<const Node*> nodes;   ///< may take an instance; least loaded first
    std::vector<const Node*> in_use;  ///< those of them that have one
    const Node* from = nullptr;       ///< the one to take an instance from
    const Node* to = nullptr;         ///< the one to give it
};

struct Improvement {
    /// For each level of preferences, then the service's instances by node, then all by node.
    std::vector<int> changes;
    const Node* from = nullptr;
    const Node* to = nullptr;
};

bool is_better(const Improvement& a, const Improvement& b) {
    return std::tie(a.changes, a.from->first, a.to->first) <
           std::tie(b.changes, b.from->first, b.to->first);
}

/// Finds the best move of one service.
class ServiceRebalance {
  public:
    ServiceRebalance(const PlacementInput& input, const std::string& name, NodeTable& nodes)
        : request_(input, name), nodes_(nodes) {
        request_.count_kept(input.kept, nodes);
    }

    std::optional<Improvement> best() {
        // Most services are as even as can be, and have no preferences.
        if (request_.counts.empty()) return std::nullopt;
        if (request_.service.placement.spread_over.empty()) {
            pick_from_table();
        } else {
            sort_in();
        }
        std::optional<Improvement> best;
        for (const auto& [from_path, from] : leaves_) {
            if (from.from == nullptr) continue;
            for (const auto& [to_path, to] : leaves_) {
                if (to.to == nullptr) continue;
                Improvement next = change({from_path, from.from}, {to_path, to.to});
                if (next.changes >= std::vector<int>(next.changes.size(), 0)) continue;
                if (!best || is_better(next, *best)) best = std::move(next);
            }
        }
        return best;
    }

  private:
    void pick_from_table() {
        Leaf& leaf = leaves_[{}];
        for (const auto& [node, count] : request_.counts)
            leaf.in_use.push_back(node);
        pick(leaf, NodeStream(nodes_.by_load()));
    }

    void sort_in() {
        const auto& names = request_.service.placement.spread_over;
        const std::vector<NodeAttribute> attributes(names.begin(), names.end());
        Path path;
        for (const Node* node : nodes_.by_load()) {
            const int count = request_.count_on(*node);
            const bool fits = !request_.standing_refusal(*node);
            if (!fits && count == 0) continue;
            path.clear();
            for (const NodeAttribute& attribute : attributes) {
                path.push_back(attribute.of(node->second.record));
                if (count > 0) group_counts_[path] += count;
            }
            Leaf& leaf = leaves_[path];
            if (count > 0) leaf.in_use.push_back(node);
            if (fits) leaf.nodes.push_back(node);
        }
        for (auto& [group, leaf] : leaves_)
            pick(leaf, NodeStream(leaf.nodes));
    }

    void pick(Leaf& leaf, NodeStream nodes) {
        for (const Node* node : leaf.in_use) {
            // What is on a node that is gone or drained is not for this to move.
            if (!node->second.open()) continue;
            if (leaf.from == nullptr || is_more_crowded(*node, *leaf.from)) leaf.from = node;
        }
        leaf.to = SpreadPool(request_, std::move(nodes), leaf.in_use).best();
    }

    [[nodiscard]] bool is_more_crowded(const Node& a, const Node& b) const {
        const int of_a = request_.count_on(a);
        const int of_b = request_.count_on(b);
        return std::tie(of_a, a.second.instances, b.first) >
               std::tie(of_b, b.second.instances, a.first);
    }

    struct Place {
        const Path& path;
        const Node* node;
    };

    [[nodiscard]] Improvement change(const Place& from, const Place& to) const {
        Improvement result{.changes = {}, .from = from.node, .to = to.node};
        Path from_group;
        Path to_group;
        for (std::size_t level = 0; level < from.path.size(); ++level) {
            from_group.push_back(from.path[level]);
            to_group.push_back(to.path[level]);
            const bool same = from_group == to_group;
            result.changes.push_back(
                same ? 0 : change_of_squares(count_in(from_group), count_in(to_group)));
        }
        result.changes.push_back(
            change_of_squares(request_.count_on(*from.node), request_.count_on(*to.node)));
        result.changes.push_back(
            change_of_squares(from.node->second.instances, to.node->second.instances));
        return result;
    }

    [[nodiscard]] int count_in(const Path& group) const {
        const auto found = group_counts_.find(group);
        return found == group_counts_.end() ? 0 : found->second;
    }

    PlacementRequest request_;
    NodeTable& nodes_;
    std::map<Path, Leaf> leaves_;
    std::map<Path, int> group_counts_;
};

/// A service that a move would make more even, as things were when it was looked at.
struct Candidate {
    int own_change = 0;   ///< of how even the service is; only its own moves alter that
    int node_change = 0;  ///< of how even the nodes are
    AppId app;
    std::string service;
};

bool is_behind(const Candidate& a, const Candidate& b) {
    return std::tie(a.own_change, a.node_change, a.app, a.service) >
           std::tie(b.own_change, b.node_change, b.app, b.service);
}

class Rebalance {
  public:
    Rebalance(const RebalanceInput& input, NodeTable nodes)
        : input_(input), nodes_(std::move(nodes)) {}

    std::vector<Move> plan() {
        for (const auto& [app, spec] : input_.apps) {
            if (spec->colocate || spec->strategy == Strategy::binpack) continue;
            for (const auto& [name, service] : spec->services) {
                // A move means two copies for a moment: not of those that must be single.
                const bool bound = stays_with_node(*spec, service) ||
                                   has_local_data(*spec, service) ||
                                   service.partition == PartitionPolicy::stop;
                if (service.mode == DeployMode::replicated && !bound) consider(app, name);
            }
        }
        while (!candidates_.empty() && moves_.size() < input_.moves_max) {
            std::pop_heap(candidates_.begin(), candidates_.end(), is_behind);
            const Candidate next = std::move(candidates_.back());
            candidates_.pop_back();
            // Moves made since may have changed its best one. Whether it is still a little better
            // for the nodes than that of the next is not worth looking at all of them again.
            const auto found = best_of(next.app, next.service);
            if (found && apply(next, *found)) consider(next.app, next.service);
        }
        return std::move(moves_);
    }

  private:
    [[nodiscard]] const Placed& placed_of(const AppId& app) const {
        static const Placed nothing;
        const auto changed = changed_.find(app);
        if (changed != changed_.end()) return changed->second;
        const auto found = input_.placed.find(app);
        return found == input_.placed.end() ? nothing : found->second;
    }

    std::optional<Improvement> best_of(const AppId& app, const std::string& service) {
        static const std::map<NodeId, std::string> none;
        const auto barred = input_.barred.find(app);
        const PlacementInput input{.app = *input_.apps.at(app),
                                   .kept = placed_of(app),
                                   .barred = barred == input_.barred.end() ? none : barred->second};
        return ServiceRebalance(input, service, nodes_).best();
    }

    void consider(const AppId& app, const std::string& service) {
        const auto found = best_of(app, service);
        if (!found) return;
        const std::vector<int>& changes = found->changes;
        candidates_.push_back({.own_change = std::accumulate(changes.begin(), changes.end() - 1, 0),
                               .node_change = changes.back(),
                               .app = app,
                               .service = service});
        std::push_heap(candidates_.begin(), candidates_.end(), is_behind);
    }

    bool apply(const Candidate& what, const Improvement& found) {
        const NodeId& from = found.from->first;
        const NodeId& to = found.to->first;
        Placed& placed = changed_.try_emplace(what.app, placed_of(what.app)).first->second;
        auto last = placed.end();
        for (auto next = placed.lower_bound({.service = what.service, .slot = 0});
             next != placed.end() && next->first.service == what.service; ++next) {
            const bool moved = moved_.contains({what.app, next->first});
            if (next->second == from && !moved) last = next;
        }
        // Nothing is moved twice at once; what is left of it is for another time.
        if (last == placed.end()) return false;
        moved_.insert({what.app, last->first});
        moves_.push_back({.app = what.app, .instance = last->first, .from = from, .to = to});
        last->second = to;
        const ServiceSpec& service = input_.apps.at(what.app)->services.at(what.service);
        nodes_.vacate(from, service);
        nodes_.occupy(to, service);
        return true;
    }

    const RebalanceInput& input_;
    NodeTable nodes_;
    std::map<AppId, Placed> changed_;
    std::vector<Candidate> candidates_;  ///< heap
    std::vector<Move> moves_;
    std::set<std::pair<AppId, InstanceId>> moved_;
};

}  // namespace

std::vector<Move> plan_rebalance(const RebalanceInput& input, NodeTable nodes) {
    return Rebalance(input, std::move(nodes)).plan();
}

}  // namespace nap
