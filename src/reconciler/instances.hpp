#pragma once

#include <vector>

#include "model/app_spec.hpp"

namespace nap {

/// Every instance that the manifest asks for, in order.
[[nodiscard]] std::vector<InstanceId> all_instances(const AppSpec& spec);

}  // namespace nap
