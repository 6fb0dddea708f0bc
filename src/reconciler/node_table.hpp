#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "model/app_spec.hpp"
#include "model/cluster.hpp"

namespace nap {

/// A port of a host that an instance has. In this order those that may be in each other's way are
/// neighbours.
struct HostPort {
    std::uint16_t published = 0;
    std::string protocol;
    std::string host_ip;

    friend auto operator<=>(const HostPort&, const HostPort&) = default;
    friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// One node as the scheduler sees it: what it is, and what is taken of it.
struct NodeView {
    NodeRecord record;
    bool alive = false;     ///< its record is in KV and its engine answers
    bool draining = false;  ///< an operator wants nothing on it
    int instances = 0;
    std::int64_t memory_bytes_reserved = 0;
    std::int64_t nano_cpus_reserved = 0;
    /// Fixed host ports of the instances assigned to it, one entry for each.
    std::multiset<HostPort> ports;
    /// Likewise the names that manifests gave their containers.
    std::multiset<std::string> container_names;

    /// New instances may come here.
    [[nodiscard]] bool open() const { return alive && !draining; }

    void add(const ServiceSpec& service);
    void remove(const ServiceSpec& service);
};

/// The nodes of a cluster and what is assigned to each. Nodes that are gone stay in it for as long
/// as something is assigned to them.
class NodeTable {
  public:
    using Entry = std::pair<const NodeId, NodeView>;
    struct LessLoaded {
        bool operator()(const Entry* a, const Entry* b) const;
    };
    using LoadOrder = std::set<const Entry*, LessLoaded>;

    NodeTable() = default;
    NodeTable(const NodeTable& other) : nodes_(other.nodes_) {}
    NodeTable(NodeTable&&) = default;
    NodeTable& operator=(NodeTable other) noexcept;
    ~NodeTable() = default;

    /// Made when missing. Not to be changed through after another call on the table.
    NodeView& node(const NodeId& id);
    [[nodiscard]] const NodeView* find(const NodeId& id) const;
    [[nodiscard]] const std::map<NodeId, NodeView>& all() const { return nodes_; }
    /// The same id, sharing its text with the table's own where that has the node.
    [[nodiscard]] NodeId known(const NodeId& id) const;
    void erase(const NodeId& id);

    /// An instance of `service` is now assigned to the node, or no longer.
    void occupy(const NodeId& id, const ServiceSpec& service);
    void vacate(const NodeId& id, const ServiceSpec& service);

    /// All nodes, those with the fewest instances first, then by name. Kept up by `occupy` and
    /// `vacate`, made anew after `node` and `erase`.
    [[nodiscard]] const LoadOrder& by_load();
    [[nodiscard]] const Entry* entry(const NodeId& id) const;  ///< or null

  private:
    template <class Change>
    void change(const NodeId& id, Change change);

    std::map<NodeId, NodeView> nodes_;
    LoadOrder by_load_;  ///< empty: to be made
};

}  // namespace nap
