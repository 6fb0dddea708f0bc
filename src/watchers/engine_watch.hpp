#pragma once

#include <functional>

#include "ports/clock.hpp"
#include "ports/engine.hpp"
#include "watchers/engine_cache.hpp"

namespace nap {

/// What a watch tells whoever owns it; used for metrics and logs.
struct WatchObserver {
    std::function<void()> on_event;
    std::function<void(bool)> on_connected;  ///< each time the connection is made or lost
};

/// Follows the engine's events for as long as it runs: feeds the cache and reports whose plan may
/// have changed. A lost stream is opened again with backoff, and then nothing is taken for known.
class EngineWatch {
  public:
    struct Options {
        Engine& engine;
        EngineCache& cache;
        const Clock& clock;
        std::function<void(const Wakes&)> on_wakes;
        WatchObserver observer;
    };
    explicit EngineWatch(Options options) : options_(std::move(options)) {}

    /// Runs until cancelled.
    asio::awaitable<void> run();

  private:
    asio::awaitable<Error> follow();

    Options options_;
};

}  // namespace nap
