#pragma once

#include <set>
#include <span>
#include <string>

#include "model/app_spec.hpp"
#include "model/observed.hpp"
#include "model/plan.hpp"

namespace nap {

/// What stops the app's services of `partition: stop` on a host whose lease is over (invariant S2).
/// It looks at nothing but the list of containers: an engine that is cut off from its swarm may
/// answer what is asked of its networks only much later than these have to be stopped.
/// Instances in `busy` are left alone.
[[nodiscard]] Plan plan_lease_end(const ClusterId& cluster, const AppSpec& app,
                                  std::span<const ContainerSummary> containers,
                                  const std::set<std::string>& busy);

}  // namespace nap
