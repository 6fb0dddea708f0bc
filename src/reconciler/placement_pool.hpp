#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "reconciler/placement_request.hpp"

namespace nap {

/// Nodes, those with the fewest instances first: of the whole table, or a few that were picked.
class NodeStream {
  public:
    explicit NodeStream(const NodeTable::LoadOrder& all) : next_(all.begin()), end_(all.end()) {}
    explicit NodeStream(std::vector<const NodeTable::Entry*> some)
        : picked_(std::move(some)), is_picked_(true) {}

    const NodeTable::Entry* next();  ///< null after the last

  private:
    NodeTable::LoadOrder::const_iterator next_;
    NodeTable::LoadOrder::const_iterator end_;
    std::vector<const NodeTable::Entry*> picked_;
    std::size_t index_ = 0;
    bool is_picked_ = false;
};

/// Fewest instances of the service, then fewest instances, then by name. It looks at nodes only as
/// far as they are needed: an instance on a cluster of thousands of nodes costs a few looks.
class SpreadPool {
  public:
    /// `in_use`: those of the nodes that have the service already.
    SpreadPool(const PlacementRequest& request, NodeStream nodes,
               const std::vector<const NodeTable::Entry*>& in_use);

    const NodeTable::Entry* best();
    void took();

  private:
    struct Candidate {
        int count;
        int instances;
        const NodeTable::Entry* node;
    };
    static bool worse(const Candidate& a, const Candidate& b);
    void push(const NodeTable::Entry* node);
    void pop();

    const PlacementRequest& request_;
    NodeStream nodes_;
    std::vector<Candidate> candidates_;  ///< heap; those of `nodes_` that it has passed and kept
};

/// More of its memory or its CPUs is reserved; of equals it has more instances.
[[nodiscard]] bool is_fuller(const NodeTable::Entry& a, const NodeTable::Entry& b);

/// The fullest node until it takes no more, then the next.
class BinpackPool {
  public:
    BinpackPool(const PlacementRequest& request, NodeStream nodes);

    const NodeTable::Entry* best();

  private:
    static bool after(const NodeTable::Entry* a, const NodeTable::Entry* b);

    const PlacementRequest& request_;
    std::vector<const NodeTable::Entry*> nodes_;  ///< heap
};

/// What decides where strategy `random` puts an instance: the same wherever and whenever it is
/// made.
[[nodiscard]] std::uint64_t placement_hash(const AppSpec& app, const InstanceId& instance,
                                           const NodeId& node);

/// Any node, by a hash that is the same wherever and whenever it is made.
class RandomPool {
  public:
    RandomPool(const PlacementRequest& request, NodeStream nodes);

    const NodeTable::Entry* best(int slot);

  private:
    struct Candidate {
        std::uint64_t hash;
        const NodeTable::Entry* node;
    };

    const PlacementRequest& request_;
    std::vector<Candidate> candidates_;
};

/// Nodes among which the strategy alone decides. Only what a node has taken since may make it
/// refuse: one that refuses is not asked again.
class NodePool {
  public:
    NodePool(const PlacementRequest& request, NodeStream nodes,
             const std::vector<const NodeTable::Entry*>& in_use);

    /// The node to take instance `slot`, or null when none does.
    const NodeTable::Entry* best(int slot);
    /// The node that `best` gave last has it now, and the request has counted it.
    void took();

  private:
    std::variant<SpreadPool, BinpackPool, RandomPool> pool_;
};

}  // namespace nap
