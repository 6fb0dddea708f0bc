#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/commands.hpp"
#include "cli/consul.hpp"
#include "model/cluster.hpp"
#include "watchers/kv_watch.hpp"

namespace nap {

/// Follows `nap/status/<app>` up to a deadline. Consul may be away for a while meanwhile; an
/// election of a leader takes seconds.
class StatusWatch {
  public:
    struct Options {
        CommandContext context;
        Store& store;
        AppId app;
        milliseconds timeout;
    };
    explicit StatusWatch(Options options);

    /// The next reading, at once the first time: a status, or nullopt when there is none. An error
    /// is final: `timed_out` at the deadline.
    asio::awaitable<Result<std::optional<AppStatus>>> next();

    /// Whether the last reading still stands after `time`, or at the deadline if that is earlier.
    asio::awaitable<bool> stands_for(milliseconds time);

    /// Says so once, when after a while of waiting no agent leads.
    asio::awaitable<void> warn_without_leader();

  private:
    [[nodiscard]] milliseconds remaining() const;
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
