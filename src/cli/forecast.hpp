#pragma once

#include <vector>

#include "cli/cluster_view.hpp"
#include "model/plan.hpp"

namespace nap {

struct ForecastInput {
    const ClusterView& view;
    const std::vector<HostReport>& reports;  ///< of the app
    const AppSpec& spec;
    const ManifestText& text;
    ClusterId cluster;
    NodeId here;
};

/// What the leader would make of a manifest.
struct Forecast {
    Assignment here;                 ///< the order this node would get; without instances: none
    std::vector<NodeChange> others;  ///< what changes on other nodes
    bool swarm_manager = false;      ///< of this node's engine
    std::vector<Blocked> blocked;    ///< what it would refuse or could not place
};

/// Asks the leader's own planner.
[[nodiscard]] Forecast forecast_app(const ForecastInput& input);

}  // namespace nap
