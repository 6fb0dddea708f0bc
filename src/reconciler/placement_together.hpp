#pragma once

#include <string>

#include "reconciler/placement.hpp"

namespace nap {

/// place_app for an app whose instances must all be on one node. A service of mode `global` has
/// one instance there.
[[nodiscard]] PlacementResult place_together(const PlacementInput& input, NodeTable& nodes);

/// explain_placement for such an app: where none of it is yet, it is the whole app that must fit.
[[nodiscard]] NodeRefusals explain_together(const PlacementInput& input, const std::string& service,
                                            const NodeTable& nodes);

}  // namespace nap
