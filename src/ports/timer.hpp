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
    /// Something is about to wait until `time`, or for less if it is woken.
    virtual void waits_until(MonotonicTime time) = 0;
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

using LoopTimer = asio::basic_waitable_timer<LoopClock>;

/// Lets `timer` expire after `duration`. Who sets one otherwise wakes it by cancelling.
inline void set_timer(LoopTimer& timer, nanoseconds duration) {
    timer.expires_after(duration);
    if (LoopClock::simulated != nullptr) LoopClock::simulated->waits_until(timer.expiry());
}

}  // namespace nap
