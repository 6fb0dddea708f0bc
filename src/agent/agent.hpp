#pragma once

#include "model/config.hpp"

namespace nap {

/// Runs the agent until SIGTERM or SIGINT. Returns the process's exit code: 0 after a signal, 2
/// when the configuration cannot work, which is then said on stderr.
int run_agent(const Config& config);

}  // namespace nap
