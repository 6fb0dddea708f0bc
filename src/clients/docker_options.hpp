#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/container_options.hpp"

namespace nap {

/// Writes the settings that are set into the body of a create request.
void add_options(nlohmann::json& body, const ContainerOptions& options);

}  // namespace nap
