#pragma once

#include <set>

#include "agent/memory.hpp"
#include "ports/clock.hpp"
#include "ports/store.hpp"

namespace nap {

inline constexpr milliseconds session_ttl{10'000};

/// Opens this host's Consul sessions and remembers them on disk, so that after a crash the next run
/// can end them instead of waiting for them to expire. They also end when the check that this agent
/// passes every second turns critical, which is sooner than any session's time to live.
class SessionLedger {
  public:
    SessionLedger(Store& store, const Memory& memory, const std::string& check);

    /// Opened at the store agent that knows the check, if it could be made there.
    asio::awaitable<Result<SessionId>> open(SessionSpec spec);
    asio::awaitable<void> pass_check();
    asio::awaitable<void> end(SessionId session);
    /// Ends all that are open, an earlier run's included. True once Consul has confirmed each.
    asio::awaitable<bool> end_all();

  private:
    asio::awaitable<bool> make_check();
    void save() const;

    Store& store_;
    const Memory& memory_;
    CheckSpec check_;
    bool check_said_ = false;
    std::set<SessionId> open_;
};

/// Renews `session` until the store says that it has ended, or has not been heard of for its time
/// to live.
asio::awaitable<void> keep_session(Store& store, const Clock& clock, SessionId session);

}  // namespace nap
