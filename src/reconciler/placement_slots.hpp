#pragma once

#include <string>
#include <vector>

#include "reconciler/placement.hpp"

namespace nap {

/// The slots of a replicated service that have no node, in order.
[[nodiscard]] std::vector<int> missing_slots(const Placed& kept, const std::string& service,
                                             int replicas);

/// The first `count` slots, in order, that no kept instance of the service has.
[[nodiscard]] std::vector<int> free_slots(const Placed& kept, const std::string& service,
                                          std::size_t count);

}  // namespace nap
