#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "reconciler/placement_pool.hpp"

namespace nap {

/// Nodes by the attributes that a service is to be spread over, the most important outermost: of
/// the groups at each level the one with the fewest instances of the service takes the next. Nodes
/// without the attribute are one group. Within the innermost groups the strategy decides.
class PlacementGroups {
  public:
    PlacementGroups(const PlacementRequest& request, NodeTable& nodes);

    /// The node to take instance `slot`, or null when none does.
    [[nodiscard]] const NodeTable::Entry* best(int slot) { return best(root_, slot); }
    /// The node that `best` gave last has it now, and the request has counted it.
    void took() { took(root_); }

  private:
    struct Group {
        int count = 0;  ///< instances of the service
        std::string_view value;
        std::map<std::string_view, Group> parts;
        std::vector<Group*> order;  ///< heap of the parts that may take more
        std::vector<const NodeTable::Entry*> nodes;
        std::vector<const NodeTable::Entry*> in_use;
        std::optional<NodePool> pool;
    };
    static bool fuller(const Group* a, const Group* b);
    void sort_in(const NodeTable::Entry* node, const std::vector<NodeAttribute>& attributes);
    void make_pools(Group& group);
    static const NodeTable::Entry* best(Group& group, int slot);
    static void took(Group& group);

    const PlacementRequest& request_;
    Group root_;
};

}  // namespace nap
