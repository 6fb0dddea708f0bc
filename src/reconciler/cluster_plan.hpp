#pragma once

#include <string>
#include <variant>
#include <vector>

#include "reconciler/cluster_state.hpp"

namespace nap {

struct WriteAssignment {
    NodeId node;
    Assignment assignment;  ///< without the text of the manifest, which is `manifest`'s
    Manifest manifest;
    /// Only good while these nodes have no record: what they had is given away without consent.
    std::vector<NodeId> absent{};
    /// Only good while the app has no manifest: it is taken away for good.
    bool without_manifest = false;
};
/// The app is gone from this node, as its report confirms.
struct DropAssignment {
    NodeId node;
    AppId app;
};
struct WriteStatus {
    AppStatus status;
};
struct DropStatus {
    AppId app;
};
/// What is held now, all of it.
struct WriteHolds {
    std::vector<Hold> holds;
};
/// A person has vouched for the manifests as they are: the sentinel is written again.
struct WriteSentinel {};
/// What was approved has been done.
struct DropApprovals {};
/// The nodes are as even as they get.
struct DropRebalance {};

/// One fenced write to KV.
using ClusterAction = std::variant<WriteAssignment, DropAssignment, WriteStatus, DropStatus,
                                   WriteHolds, WriteSentinel, DropApprovals, DropRebalance>;

/// What brings assignments and statuses to what the manifests say, for all apps that a change
/// mattered to. Pure but for `state`, which is left as it will be once every action is done; when
/// one fails, what KV has must be read into it again. Assignments of an app count on those of the
/// same app before them: once one of them fails, the later ones must not be written. Empty once all
/// agree.
[[nodiscard]] std::vector<ClusterAction> plan_cluster(ClusterState& state, MonotonicTime now);

}  // namespace nap
