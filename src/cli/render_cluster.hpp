#pragma once

#include <string>
#include <vector>

#include "clients/cli_json_cluster.hpp"

namespace nap {

// What people read on stdout about a cluster. Nothing of it can command a terminal.

[[nodiscard]] std::string nodes_text(const std::vector<NodeSummary>& nodes, bool colour);
/// What is held and what releases it; empty when nothing is.
[[nodiscard]] std::string holds_text(const std::vector<Hold>& holds);
[[nodiscard]] std::string released_text(const std::vector<Hold>& holds);
[[nodiscard]] std::string moves_text(const std::vector<MovedInstance>& moves, bool colour);
/// `on nap1: web/2 comes`; one line for each node.
[[nodiscard]] std::string changes_text(const std::vector<NodeChange>& changes);
/// Instances, and for each service that lacks a node for one, or if `all_nodes` for each at all,
/// what every node says to one more.
[[nodiscard]] std::string explanation_text(const Explanation& explanation, bool all_nodes,
                                           bool colour);

}  // namespace nap
