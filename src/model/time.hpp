#pragma once

#include <chrono>

namespace nap {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Wall-clock time, as engines report it. Only compared with other wall-clock times.
using TimePoint = std::chrono::sys_time<std::chrono::nanoseconds>;

}  // namespace nap
