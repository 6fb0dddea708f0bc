#pragma once

#include <functional>

#include "cli/commands.hpp"

namespace nap {

using CommandStart = std::function<asio::awaitable<Outcome>(CommandContext)>;

/// Runs a command on a loop of its own. SIGINT and SIGTERM end it at its next wait.
[[nodiscard]] Outcome run_command(const CommandStart& start, const Config& config,
                                  const Console& console);

}  // namespace nap
