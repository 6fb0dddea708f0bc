#pragma once

#include "agent/host_controller.hpp"
#include "agent/session.hpp"

namespace nap {

/// Keeps `nap/nodes/<node>` in Consul, bound to a session so that it vanishes with the host.
class Presence {
  public:
    Presence(Parts parts, SessionLedger& sessions);

    /// Runs until stopped.
    asio::awaitable<void> run();
    void stop();

  private:
    asio::awaitable<bool> announce(SessionId session);
    /// Renews the session until it has ended, or until the record is no longer bound to it: whoever
    /// empties Consul's KV takes the record and leaves the session.
    asio::awaitable<void> keep_record(SessionId session);
    asio::awaitable<NodeRecord> describe();

    Parts parts_;
    SessionLedger& sessions_;
    TaskGroup keeper_;
    Wake pause_;
    bool stopping_ = false;
    bool said_ = false;
};

}  // namespace nap
