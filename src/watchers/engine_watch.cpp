#include "watchers/engine_watch.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "ports/wake.hpp"

namespace nap {

namespace {

// The engine subscribes a little after it has answered; asking for the recent past closes the gap.
constexpr std::chrono::seconds overlap{5};
constexpr milliseconds retry_first{50};
constexpr milliseconds retry_max{1000};

}  // namespace

asio::awaitable<void> EngineWatch::run() {
    milliseconds retry = retry_first;
    bool said = false;
    while (true) {
        const TimePoint began = options_.clock.now();
        const Error error = co_await follow();
        // Before anything is said: a stream that ended because the watch is being ended is no loss.
        co_await sleep_for(retry);
        options_.observer.on_connected(false);
        if (options_.clock.now() - began > retry_max) {
            retry = retry_first;
            said = false;
        }
        if (!said) spdlog::warn("engine events lost: {}; trying again", error.message);
        said = true;
        retry = std::min(retry * 2, retry_max);
    }
}

asio::awaitable<Error> EngineWatch::follow() {
    auto stream = co_await options_.engine.open_events(options_.clock.now() - overlap);
    if (!stream) co_return stream.error();
    options_.cache.lose_track();
    options_.observer.on_connected(true);
    options_.on_wakes({.all = true, .apps = {}});
    while (true) {
        const auto event = co_await (*stream)->next();
        if (!event) co_return event.error();
        options_.observer.on_event();
        options_.on_wakes(options_.cache.apply(*event));
    }
}

}  // namespace nap
