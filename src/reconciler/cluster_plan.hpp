#pragma once

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/app_spec.hpp"
#include "model/cluster.hpp"

namespace nap {

/// A manifest as the leader found it, read.
struct ManifestState {
    ManifestText text;
    std::uint64_t modify_index = 0;
    RevisionId revision;
    std::optional<AppSpec> spec;  ///< absent: `errors` says why
    std::vector<ManifestError> errors;
};

using NodeApp = std::pair<NodeId, AppId>;

/// All the leader looks at. References must outlive the call and nothing else.
struct ClusterInput {
    ClusterId cluster;
    std::uint64_t epoch = 0;
    const std::vector<NodeId>& nodes;  ///< alive and ready
    const std::map<AppId, ManifestState>& manifests;
    /// Why a manifest that is not there may not count as deleted; empty when it may.
    std::string absence_untrusted;
    const std::map<NodeApp, Assignment>& assigned;
    const std::map<NodeApp, HostReport>& observed;
    const std::map<AppId, AppStatus>& published;
};

struct WriteAssignment {
    NodeId node;
    Assignment assignment;
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

/// One fenced write to KV.
using ClusterAction = std::variant<WriteAssignment, DropAssignment, WriteStatus, DropStatus>;

/// What brings assignments and statuses to what the manifests say. Pure; empty once they agree.
[[nodiscard]] std::vector<ClusterAction> plan_cluster(const ClusterInput& input);

}  // namespace nap
