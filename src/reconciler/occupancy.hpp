#pragma once

#include <map>
#include <utility>

#include "reconciler/cluster_state.hpp"

namespace nap {

/// Changes of what is taken of nodes, summed up before the table is touched: of an instance that
/// stays where it is nothing remains. Refers to the services it was given.
class Occupancy {
  public:
    /// Each instance of `placed` once more, or once less (-1).
    void add(const AppSpec& app, const Placed& placed, int sign);
    /// All that the app's orders ask for, by its manifest in force.
    void add(const AppRecord& app, int sign);
    /// Applies the sum to the table, and is empty then.
    void apply(NodeTable& nodes);

  private:
    std::map<std::pair<const ServiceSpec*, NodeId>, int> changes_;
};

}  // namespace nap
