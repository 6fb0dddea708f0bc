#pragma once

#include "model/time.hpp"

namespace nap {

class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual TimePoint now() const = 0;
};

}  // namespace nap
