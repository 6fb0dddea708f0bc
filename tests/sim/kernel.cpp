#include "sim/kernel.hpp"

#include <fmt/core.h>

namespace nap::sim {

Kernel::Kernel(std::uint64_t seed, std::size_t lines_max)
    : random(seed), events(lines_max), now_(time_begins) {
    LoopClock::simulated = this;
}

Kernel::~Kernel() {
    LoopClock::simulated = nullptr;
}

void Kernel::at(MonotonicTime time, std::function<void()> event) {
    queue_.emplace(std::pair(std::max(time, now_), ++sequence_), std::move(event));
}

MonotonicTime Kernel::next_event() const {
    return queue_.empty() ? MonotonicTime::max() : queue_.begin()->first.first;
}

void Kernel::run_events() {
    while (!queue_.empty() && queue_.begin()->first.first <= now_) {
        const auto event = queue_.extract(queue_.begin());
        event.mapped()();
    }
}

double Kernel::seconds() const {
    return std::chrono::duration<double>(now_ - time_begins).count();
}

std::string Kernel::stamped(const std::string& line) const {
    return fmt::format("{:12.6f} {}", seconds(), line);
}

void Kernel::log(const std::string& line) {
    events.add(stamped(line));
}

void Kernel::note(const std::string& line) {
    events.note(stamped(line));
}

void Kernel::violate(const std::string& what) {
    log("VIOLATION " + what);
    if (violation_.empty()) violation_ = fmt::format("at {:.6f} s: {}", seconds(), what);
}

}  // namespace nap::sim
