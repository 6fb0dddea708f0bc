#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "ports/timer.hpp"
#include "sim/event_log.hpp"
#include "sim/random.hpp"

namespace nap::sim {

/// Virtual time, what is to happen in it, chance, and the record of it all. While one exists, the
/// timers of every agent in this process go by it.
class Kernel final : public TimeSource {
  public:
    Kernel(std::uint64_t seed, std::size_t lines_max);
    ~Kernel() override;
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;

    [[nodiscard]] MonotonicTime now() const override { return now_; }
    void waits_until(MonotonicTime time) override {
        if (waits_ != nullptr) waits_->insert(time);
    }
    /// Where to note what is waited for from now on.
    void collect_waits(std::set<MonotonicTime>* waits) { waits_ = waits; }

    /// Runs `event` at `time`, after those of the same time that were asked for before.
    void at(MonotonicTime time, std::function<void()> event);
    void after(nanoseconds delay, std::function<void()> event) {
        at(now_ + delay, std::move(event));
    }
    [[nodiscard]] MonotonicTime next_event() const;
    void set_now(MonotonicTime now) { now_ = now; }
    /// Runs what is due.
    void run_events();

    /// Records `line` with the time before it.
    void log(const std::string& line);
    void note(const std::string& line);
    [[nodiscard]] double seconds() const;

    /// Something happened that must never happen; the first such is kept.
    void violate(const std::string& what);
    [[nodiscard]] const std::string& violation() const { return violation_; }

    Random random;
    EventLog events;

  private:
    [[nodiscard]] std::string stamped(const std::string& line) const;

    MonotonicTime now_;
    std::set<MonotonicTime>* waits_ = nullptr;
    std::map<std::pair<MonotonicTime, std::uint64_t>, std::function<void()>> queue_;
    std::uint64_t sequence_ = 0;
    std::string violation_;
};

inline constexpr MonotonicTime time_begins{std::chrono::hours(1000)};

}  // namespace nap::sim
