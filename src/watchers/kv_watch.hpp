#pragma once

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
    void advance(std::uint64_t index) { index_ = index < index_ ? 0 : index; }
    void restart() { index_ = 0; }

  private:
    std::uint64_t index_ = 0;
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
