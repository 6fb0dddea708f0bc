#pragma once

#include <boost/container_hash/hash.hpp>
#include <unordered_map>
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
    using Place = std::pair<const ServiceSpec*, NodeId>;
    struct PlaceHash {
        std::size_t operator()(const Place& place) const {
            std::size_t seed = std::hash<NodeId>{}(place.second);
            boost::hash_combine(seed, place.first);
            return seed;
        }
    };
    std::unordered_map<Place, int, PlaceHash> changes_;
};

}  // namespace nap
