#pragma once

#include <set>

#include "agent/memory.hpp"
#include "ports/store.hpp"

namespace nap {

inline constexpr milliseconds session_ttl{10'000};

/// Opens this host's Consul sessions and remembers them on disk, so that after a crash the next run
/// can end them instead of waiting for them to expire.
class SessionLedger {
  public:
    SessionLedger(Store& store, const Memory& memory);

    asio::awaitable<Result<SessionId>> open(SessionSpec spec);
    asio::awaitable<void> end(SessionId session);
    /// Ends all that are open, an earlier run's included. True once Consul has confirmed each.
    asio::awaitable<bool> end_all();

  private:
    void save() const;

    Store& store_;
    const Memory& memory_;
    std::set<SessionId> open_;
};

/// Renews `session` until the store says that it has ended.
asio::awaitable<void> keep_session(Store& store, SessionId session);

}  // namespace nap
