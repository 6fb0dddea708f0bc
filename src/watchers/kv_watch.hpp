#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>

#include "model/error.hpp"
#include "ports/store.hpp"
#include "watchers/engine_watch.hpp"

namespace nap {

/// Which index to block on next. Consul's index is a wake-up and nothing more: a restore wakes a
/// blocking read with what was there before and the index it asked with, and from then on the index
/// is a lower one. So a read that brings no higher index is followed by one that does not block.
class KvCursor {
  public:
    [[nodiscard]] std::uint64_t index() const { return index_; }
    /// True when the index has gone back: the store is not as it was.
    bool advance(std::uint64_t index) {
        const std::uint64_t seen = std::max<std::uint64_t>(index, 1);
        const bool went_back = seen < highest_;
        index_ = index_ != 0 && seen <= index_ ? 0 : seen;
        highest_ = seen;
        return went_back;
    }
    void restart() { index_ = 0; }

  private:
    std::uint64_t index_ = 0;
    std::uint64_t highest_ = 0;  ///< of the last read; kept over restarts
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
        /// The store may be another than before: restored, or its data lost.
        std::function<void()> on_doubt;
        WatchObserver observer;
    };
    explicit KvWatch(Options options) : options_(std::move(options)) {}

    /// Runs until cancelled.
    asio::awaitable<void> run();

  private:
    Options options_;
};

}  // namespace nap
