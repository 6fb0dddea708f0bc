#pragma once

#include <optional>

#include "cli/kv_follow.hpp"
#include "model/cluster.hpp"

namespace nap {

/// Follows `nap/status/<app>` up to a deadline.
class StatusWatch {
  public:
    struct Options {
        CommandContext context;
        Store& store;
        AppId app;
        milliseconds timeout;
    };
    explicit StatusWatch(const Options& options);

    /// The next reading, at once the first time: a status, or nullopt when there is none. An error
    /// is final: `timed_out` at the deadline.
    asio::awaitable<Result<std::optional<AppStatus>>> next();

    /// As KvFollow has them.
    asio::awaitable<bool> stands_for(milliseconds time) { return follow_.stands_for(time); }
    asio::awaitable<void> warn_without_leader() { return follow_.warn_without_leader(); }

  private:
    std::string key_;
    KvFollow follow_;
};

}  // namespace nap
