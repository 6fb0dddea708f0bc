#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/app_spec.hpp"
#include "reconciler/node_table.hpp"
#include "reconciler/placement.hpp"

namespace nap {

struct Move {
    AppId app;
    InstanceId instance;
    NodeId from;
    NodeId to;

    friend bool operator==(const Move&, const Move&) = default;
};

struct RebalanceInput {
    /// Those that may be touched; without those that networks keep together.
    const std::map<AppId, const AppSpec*>& apps;
    const std::map<AppId, Placed>& placed;
    std::size_t moves_max = 1;
    /// As PlacementInput::barred, for each app that has any.
    std::map<AppId, std::map<NodeId, std::string>> barred = {};
};

/// The moves that even the nodes out best, at most `moves_max`; empty once no move makes it more
/// even. Never moves what is sticky, bound to its host by volumes, colocated, global or of
/// `partition: stop`, and nothing of an app that is not among `apps`, or that wants nodes to be
/// full (`binpack`).
///
/// What even means is what placement means by it: first over the groups of the preferences, then
/// over the nodes, the instances of the service; then all instances over the nodes. A move betters
/// the first of these that it changes. So no sequence of moves comes back to where it was.
[[nodiscard]] std::vector<Move> plan_rebalance(const RebalanceInput& input, NodeTable nodes);

}  // namespace nap
