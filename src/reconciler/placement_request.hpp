#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "reconciler/constraints.hpp"
#include "reconciler/node_table.hpp"
#include "reconciler/placement.hpp"

namespace nap {

/// Why a node does not take an instance; the text is made only when somebody asks.
struct Refusal {
    enum class Kind {
        none,
        gone,
        draining,
        barred,
        constraint,
        per_node_max,
        container_name,
        port,
        memory,
        cpus,
    };
    Kind kind = Kind::none;
    std::size_t which = 0;  ///< of the service's constraints or ports

    explicit operator bool() const { return kind != Kind::none; }
    /// Another service might be taken.
    [[nodiscard]] bool is_of_service() const { return kind > Kind::barred; }
};

/// What one service asks of a node.
struct PlacementRequest {
    PlacementRequest(const PlacementInput& input, const std::string& name);

    /// What no instance that ends would change.
    [[nodiscard]] Refusal standing_refusal(const NodeTable::Entry& node) const;
    /// What is taken already.
    [[nodiscard]] Refusal room_refusal(const NodeTable::Entry& node) const;
    [[nodiscard]] Refusal refusal(const NodeTable::Entry& node) const;
    [[nodiscard]] std::string why(const Refusal& refusal, const NodeTable::Entry& node) const;

    /// Takes note of where the kept instances of this service are.
    void count_kept(const Placed& kept, const NodeTable& nodes);
    [[nodiscard]] int count_on(const NodeTable::Entry& node) const;

    const AppSpec& app;
    const std::string& name;  ///< of the service
    const ServiceSpec& service;
    const std::map<NodeId, std::string>& barred;
    std::vector<NodeRule> rules;
    std::unordered_map<const NodeTable::Entry*, int> counts;  ///< its instances by node

  private:
    [[nodiscard]] bool port_is_taken(const NodeView& view, const PortSpec& port) const;
};

/// Why each node would or would not take one more; an empty reason is yes.
[[nodiscard]] NodeRefusals explain_service(const PlacementRequest& request, const NodeTable& nodes);

}  // namespace nap
