#include "agent/session.hpp"

#include <spdlog/spdlog.h>

#include "ports/wake.hpp"

namespace nap {

SessionLedger::SessionLedger(Store& store, const Memory& memory, const std::string& check)
    : store_(store), memory_(memory), check_{.id = check, .name = "nap agent"} {
    for (const SessionId& left_behind : memory.load_sessions())
        open_.insert(left_behind);
}

asio::awaitable<Result<SessionId>> SessionLedger::open(SessionSpec spec) {
    spec.ttl = session_ttl;
    const bool checked = co_await make_check();
    if (checked) spec.checks = {"serfHealth", check_.id};
    auto session = co_await store_.create_session(std::move(spec));
    if (session) {
        open_.insert(*session);
        save();
    }
    co_return session;
}

asio::awaitable<bool> SessionLedger::make_check() {
    const auto made = co_await store_.register_check(check_);
    if (!made && !check_said_) {
        spdlog::warn(
            "no check at the Consul agent: {}; the end of this agent is noticed only when "
            "its sessions expire",
            made.error().message);
        check_said_ = true;
    }
    co_return made.has_value();
}

asio::awaitable<void> SessionLedger::pass_check() {
    const auto passed = co_await store_.pass_check(check_.id);
    if (!passed && passed.error().code == Errc::not_found) co_await make_check();
}

asio::awaitable<void> SessionLedger::end(SessionId session) {
    const auto ended = co_await store_.destroy_session(session);
    if (ended || ended.error().code == Errc::not_found) open_.erase(session);
    save();
}

asio::awaitable<bool> SessionLedger::end_all() {
    const std::set<SessionId> sessions = open_;
    for (const SessionId& session : sessions)
        co_await end(session);
    co_return open_.empty();
}

void SessionLedger::save() const {
    memory_.save_sessions({open_.begin(), open_.end()});
}

asio::awaitable<void> keep_session(Store& store, const Clock& clock, SessionId session) {
    MonotonicTime renewed_at = clock.monotonic();
    while (clock.monotonic() - renewed_at < session_ttl) {
        co_await sleep_for(session_ttl / 5);
        const MonotonicTime sent = clock.monotonic();
        const auto renewed = co_await store.renew_session(session);
        if (!renewed && renewed.error().code == Errc::not_found) co_return;
        if (renewed) renewed_at = sent;
    }
}

}  // namespace nap
