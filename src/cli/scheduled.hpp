#pragma once

#include <map>

#include "cli/cluster_view.hpp"
#include "reconciler/placement.hpp"

namespace nap {

/// The cluster as the scheduler sees it, made from what is assigned.
struct Scheduled {
    NodeTable nodes;
    std::map<AppId, AppSpec> apps;  ///< by their newest assignment
    std::map<AppId, Placed> placed;
};

[[nodiscard]] Scheduled scheduled_from(const ClusterView& view);

}  // namespace nap
