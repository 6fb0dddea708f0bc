#pragma once

#include <functional>
#include <optional>

#include "agent/host_controller.hpp"
#include "agent/lease.hpp"
#include "agent/session.hpp"

namespace nap {

/// Keeps `nap/nodes/<node>` in Consul, bound to a session so that it vanishes with the host, and
/// passes the check this agent's sessions depend on, so that they end seconds after it does.
class Presence {
  public:
    struct Options {
        SessionLedger& sessions;
        Lease& lease;
        std::function<bool()> engine_connected;
        /// Reads this host's orders anew; true when that succeeded.
        std::function<asio::awaitable<bool>()> read_orders;
    };
    Presence(Parts parts, Options options);

    /// Runs until stopped.
    asio::awaitable<void> run();
    void stop();

  private:
    asio::awaitable<bool> join(SessionId session);
    asio::awaitable<bool> announce(SessionId session);
    asio::awaitable<void> pass_checks();
    /// Renews the session and the lease until the session has ended.
    asio::awaitable<void> keep_session(SessionId session);
    asio::awaitable<void> renew_lease(SessionId session);
    /// Returns once the record is not bound to the session: whoever empties Consul's KV takes the
    /// record and leaves the session.
    asio::awaitable<void> watch_record(SessionId session);
    /// Writes the record again when what it says has changed.
    asio::awaitable<void> keep_description(SessionId session);
    asio::awaitable<NodeRecord> describe();
    /// By whether the engine answered what it was asked at `asked`.
    bool engine_down(MonotonicTime asked, bool answered);

    Parts parts_;
    Options options_;
    TaskGroup keeper_;
    TaskGroup checks_;
    Wake pause_;
    NodeRecord described_;
    std::optional<MonotonicTime> engine_lost_;
    bool joined_ = false;
    bool stopping_ = false;
    bool said_ = false;
    bool denied_said_ = false;
};

}  // namespace nap
