#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/outcome.hpp"
#include "model/cluster.hpp"
#include "model/plan.hpp"

namespace nap {

// What people read on stdout. Nothing of it can command a terminal.

[[nodiscard]] std::string status_text(const std::vector<AppStatus>& statuses, bool colour);
[[nodiscard]] std::string instances_text(const std::vector<HostReport>& reports, bool colour);
[[nodiscard]] std::string plan_text(const Plan& plan);

/// `guestbook: converging, 2 of 3 running: …`
[[nodiscard]] std::string progress_line(const AppStatus& status);

/// How following a manifest written at `modify_index` ends with this status; nullopt: not yet.
[[nodiscard]] std::optional<Outcome> verdict_on(const AppStatus& status,
                                                std::uint64_t modify_index);

}  // namespace nap
