#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>

#include "model/time.hpp"

namespace nap {

namespace asio = boost::asio;

/// Time as a simulator makes it.
class TimeSource {
  public:
    virtual ~TimeSource() = default;
    [[nodiscard]] virtual MonotonicTime now() const = 0;
    /// A loop is about to wait for its earliest timer, which is due in `duration`.
    virtual void next_timer_in(nanoseconds duration) = 0;
};

/// The clock that all timers of the agent go by: the steady clock, unless a simulator has put its
/// own time in place. A static, as Asio reads clocks through their type; it is set before any timer
/// is made, and never in the product.
struct LoopClock {
    using duration = MonotonicTime::duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = MonotonicTime;
    static constexpr bool is_steady = true;

    [[nodiscard]] static time_point now() {
        return simulated == nullptr ? std::chrono::steady_clock::now() : simulated->now();
    }

    inline static TimeSource* simulated = nullptr;
};

/// How long a loop sleeps for its earliest timer. Under a simulator not at all: it looks again each
/// time it is polled, as real time says nothing about when virtual time comes to the timer.
struct LoopWaitTraits {
    static LoopClock::duration to_wait_duration(const LoopClock::duration& duration) {
        if (LoopClock::simulated == nullptr) return duration;
        LoopClock::simulated->next_timer_in(duration);
        return LoopClock::duration::zero();
    }
    static LoopClock::duration to_wait_duration(const LoopClock::time_point& time) {
        return to_wait_duration(time - LoopClock::now());
    }
};

using LoopTimer = asio::basic_waitable_timer<LoopClock, LoopWaitTraits>;

}  // namespace nap
