#include "agent/session.hpp"

#include "ports/wake.hpp"

namespace nap {

SessionLedger::SessionLedger(Store& store, const Memory& memory) : store_(store), memory_(memory) {
    for (const SessionId& left_behind : memory.load_sessions())
        open_.insert(left_behind);
}

asio::awaitable<Result<SessionId>> SessionLedger::open(SessionSpec spec) {
    spec.ttl = session_ttl;
    auto session = co_await store_.create_session(std::move(spec));
    if (session) {
        open_.insert(*session);
        save();
    }
    co_return session;
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

asio::awaitable<void> keep_session(Store& store, SessionId session) {
    while (true) {
        co_await sleep_for(session_ttl / 3);
        const auto renewed = co_await store.renew_session(session);
        if (!renewed && renewed.error().code == Errc::not_found) co_return;
    }
}

}  // namespace nap
