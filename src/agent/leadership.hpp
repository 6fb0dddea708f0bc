#pragma once

#include <functional>

#include "agent/host_controller.hpp"
#include "agent/session.hpp"

namespace nap {

/// One stretch of leading: every write made in it proves both.
struct Term {
    SessionId session;
    std::uint64_t epoch = 0;
};

/// Contends for `nap/leader`. Holding the lock is never certain, so this only says when it is worth
/// trying: each write of a term carries its session, and Consul refuses it once the lock is lost.
class Leadership {
  public:
    struct Options {
        std::function<void(const Term&)> on_elected;
        std::function<asio::awaitable<void>()> on_lost;  ///< returns once nothing of it goes on
    };
    Leadership(Parts parts, SessionLedger& sessions, Assignments& assignments, Options options);

    /// Runs until stopped.
    asio::awaitable<void> run();
    void stop();
    /// Ends the term, if one goes on, and contends for another.
    void give_up() { round_.cancel(); }

  private:
    asio::awaitable<void> contend(SessionId session);
    asio::awaitable<void> try_to_lead(SessionId session, const KvListing& listing);
    void lead(const Term& term);
    asio::awaitable<void> lose();

    Parts parts_;
    SessionLedger& sessions_;
    Assignments& assignments_;
    Options options_;
    TaskGroup round_;
    Wake pause_;
    bool stopping_ = false;
    bool leading_ = false;
};

}  // namespace nap
