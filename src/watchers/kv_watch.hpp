#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>

#include "model/error.hpp"
#include "ports/store.hpp"
#include "watchers/engine_watch.hpp"

namespace nap {

/// Which index to block on next. Consul's index is a wake-up and nothing more: after a restore it
/// may go backwards, and then the watch must begin anew.
class KvCursor {
  public:
    [[nodiscard]] std::uint64_t index() const { return index_; }
    void advance(std::uint64_t index) {
        const std::uint64_t seen = std::max<std::uint64_t>(index, 1);
        index_ = seen < index_ ? 0 : seen;
    }
    void restart() { index_ = 0; }

  private:
    std::uint64_t index_ = 0;
};

/// A token bucket: a burst of reads costs nothing, a steady stream is held to a rate.
class ReadBudget {
  public:
    /// Takes one token; how long to wait before using it.
    nanoseconds take(MonotonicTime now) {
        constexpr nanoseconds per_token = std::chrono::milliseconds(50);
        constexpr nanoseconds burst = 100 * per_token;
        paid_until_ = std::max(paid_until_, now - burst) + per_token;
        return std::max(paid_until_ - now, nanoseconds{0});
    }

  private:
    MonotonicTime paid_until_{};
};

/// Follows all keys under a prefix by blocking reads, for as long as it runs.
class KvWatch {
  public:
    struct Options {
        Store& store;
        std::string prefix;
        std::function<void(const KvListing&)> on_listing;  ///< also when nothing has changed
        std::function<void(const Error&)> on_error;        ///< once per loss, not per try
        WatchObserver observer;
    };
    explicit KvWatch(Options options) : options_(std::move(options)) {}

    /// Runs until cancelled.
    asio::awaitable<void> run();

  private:
    Options options_;
};

}  // namespace nap
