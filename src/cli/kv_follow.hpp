#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/commands.hpp"
#include "cli/consul.hpp"
#include "watchers/kv_watch.hpp"

namespace nap {

/// Follows one key, or all under a prefix, up to a deadline. Consul may be away for a while
/// meanwhile; an election of a leader takes seconds.
class KvFollow {
  public:
    struct Options {
        CommandContext context;
        Store& store;
        std::string key;  ///< one that ends with `/` is a prefix
        milliseconds timeout;
    };
    explicit KvFollow(Options options);

    /// The next reading, at once the first time. An error is final: `timed_out` at the deadline.
    asio::awaitable<Result<KvListing>> next();

    /// Whether the last reading still stands after `time`, or at the deadline if that is earlier.
    asio::awaitable<bool> stands_for(milliseconds time);

    /// Says so once, when after a while of waiting no agent leads.
    asio::awaitable<void> warn_without_leader();

  private:
    [[nodiscard]] milliseconds remaining() const;
    asio::awaitable<Result<KvListing>> read(ReadOptions options);
    asio::awaitable<bool> has_leader();

    Options options_;
    Keys keys_;
    MonotonicTime started_;
    KvCursor cursor_;
    ReadBudget budget_;
    std::optional<Error> trouble_;
    bool leader_checked_ = false;
};

}  // namespace nap
