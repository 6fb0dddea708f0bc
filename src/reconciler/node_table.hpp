#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "model/app_spec.hpp"
#include "model/cluster.hpp"

namespace nap {

/// One node as the scheduler sees it: what it is, and what is taken of it.
struct NodeView {
    NodeRecord record;
    bool alive = false;     ///< its record is in KV and its engine answers
    bool draining = false;  ///< an operator wants nothing on it
    int instances = 0;
    std::int64_t memory_bytes_reserved = 0;
    std::int64_t nano_cpus_reserved = 0;
    /// Host ports published by instances assigned to it, one entry for each.
    std::multiset<PortSpec> ports;

    /// New instances may come here.
    [[nodiscard]] bool open() const { return alive && !draining; }
};

/// The nodes of a cluster and what is assigned to each. Nodes that are gone stay in it for as long
/// as something is assigned to them.
class NodeTable {
  public:
    NodeView& node(const NodeId& id);  ///< made when missing
    [[nodiscard]] const NodeView* find(const NodeId& id) const;
    [[nodiscard]] const std::map<NodeId, NodeView>& all() const { return nodes_; }
    void erase(const NodeId& id) { nodes_.erase(id); }

    /// An instance of `service` is now assigned to the node, or no longer.
    void occupy(const NodeId& id, const ServiceSpec& service);
    void vacate(const NodeId& id, const ServiceSpec& service);

  private:
    std::map<NodeId, NodeView> nodes_;
};

}  // namespace nap
