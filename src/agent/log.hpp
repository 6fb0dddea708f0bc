#pragma once

#include "model/config.hpp"

namespace nap {

/// Logs to stderr from now on: readable lines, or one JSON object a line.
void set_up_log(const Config::Log& log);

}  // namespace nap
