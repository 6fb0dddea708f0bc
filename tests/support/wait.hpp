#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace nap::test {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

/// Ends a test: GoogleTest reports it as a failure with this text.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct WaitOptions {
    milliseconds limit{20'000};
    milliseconds interval{20};
};

/// Repeats `condition` until it holds; false when the time is over.
template <class Condition>
bool eventually(Condition condition, WaitOptions options = {}) {
    const auto deadline = Steady::now() + options.limit;
    while (!condition()) {
        if (Steady::now() >= deadline) return false;
        std::this_thread::sleep_for(options.interval);
    }
    return true;
}

/// As `eventually`; throws Failure naming `what` did not come.
template <class Condition>
void await(const std::string& what, Condition condition, WaitOptions options = {}) {
    if (eventually(std::move(condition), options)) return;
    throw Failure("not within " + std::to_string(options.limit.count()) + " ms: " + what);
}

/// Throws Failure naming `what` as soon as `condition` ceases to hold; watches for all of `span`.
template <class Condition>
void hold(const std::string& what, Condition condition, milliseconds span) {
    const auto end = Steady::now() + span;
    while (Steady::now() < end) {
        if (!condition()) throw Failure("did not hold: " + what);
        std::this_thread::sleep_for(milliseconds(20));
    }
}

/// Waits until what `look` returns has stayed the same for all of `span`; what a change still had
/// to tell may come before that. Throws Failure naming `what` if it never does.
template <class Look>
void await_quiet(const std::string& what, Look look, milliseconds span) {
    auto seen = look();
    auto since = Steady::now();
    await(what, [&] {
        auto now = look();
        if (now != seen) {
            seen = std::move(now);
            since = Steady::now();
        }
        return Steady::now() - since >= span;
    });
}

}  // namespace nap::test
