#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/consul.hpp"
#include "clients/cli_json_cluster.hpp"
#include "model/cluster.hpp"

namespace nap {

/// The nodes of a cluster and what is assigned to them, as read from KV at one time.
struct ClusterView {
    std::map<NodeId, NodeRecord> records;
    std::map<NodeId, NodeControl> controls;
    std::map<std::pair<NodeId, AppId>, Assignment> assigned;
    NodeId leader;                    ///< empty: none
    std::optional<Error> unreadable;  ///< a document that could not be read, and is left out

    /// All with a record or an assignment.
    [[nodiscard]] std::set<NodeId> nodes() const;
    [[nodiscard]] bool is_draining(const NodeId& node) const;
    /// Its record is there and its engine answers.
    [[nodiscard]] bool is_ready(const NodeId& node) const;
};

asio::awaitable<Result<ClusterView>> read_cluster(Store& store, Keys keys);

/// What is held until a person says so; empty when there is no such key.
asio::awaitable<Result<std::vector<Hold>>> read_holds(Store& store, Keys keys);

/// What the nodes have reported of one app.
asio::awaitable<Result<std::vector<HostReport>>> read_reports(Store& store, Keys keys, AppId app);

/// By name.
[[nodiscard]] std::vector<NodeSummary> summarize(const ClusterView& view);

/// `not_found` for a node that the cluster does not know, with what was perhaps meant.
[[nodiscard]] Outcome unknown_node(const NodeId& node, const ClusterView& view);

}  // namespace nap
