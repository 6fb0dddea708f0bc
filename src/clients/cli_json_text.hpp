#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/cluster.hpp"
#include "model/plan.hpp"

namespace nap {

/// What `-o json` prints: indented, all but ASCII escaped.
[[nodiscard]] std::string ascii_text(const nlohmann::json& value);

[[nodiscard]] nlohmann::json to_json(const std::vector<Hold>& holds);
[[nodiscard]] nlohmann::json to_json(const Plan& plan);

}  // namespace nap
