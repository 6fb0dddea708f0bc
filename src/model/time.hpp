#pragma once

#include <chrono>

namespace nap {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Wall-clock time, as engines report it. Only compared with other wall-clock times.
using TimePoint = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Time that never jumps: deadlines and durations.
using MonotonicTime = std::chrono::steady_clock::time_point;

}  // namespace nap
