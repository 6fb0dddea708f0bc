#pragma once

#include "model/time.hpp"

namespace nap {

class Clock {
  public:
    virtual ~Clock() = default;
    /// Wall-clock time, comparable with what engines report.
    [[nodiscard]] virtual TimePoint now() const = 0;
    /// Never goes back; for measuring and for deadlines.
    [[nodiscard]] virtual MonotonicTime monotonic() const = 0;
};

}  // namespace nap
