#include "agent/leadership.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "clients/json_codec.hpp"
#include "model/rfc3339.hpp"

namespace nap {

namespace {

constexpr std::chrono::seconds retry_interval{1};
/// Whatever ends a round, another does not follow at once.
constexpr milliseconds round_pause{100};

}  // namespace

Leadership::Leadership(Parts parts, SessionLedger& sessions, Assignments& assignments,
                       Options options)
    : parts_(std::move(parts)),
      sessions_(sessions),
      assignments_(assignments),
      options_(std::move(options)),
      round_(parts_.executor),
      pause_(parts_.executor) {}

asio::awaitable<void> Leadership::run() {
    while (!stopping_) {
        SessionSpec spec{.name = "nap leader " + parts_.node.str()};
        const auto session = co_await sessions_.open(std::move(spec));
        if (stopping_) co_return;
        if (!session) {
            co_await pause_.wait_for(retry_interval);
            continue;
        }
        round_.spawn(keep_session(parts_.store, parts_.clock, *session));
        round_.spawn(contend(*session));
        co_await round_.wait_one();
        round_.cancel();
        co_await round_.join();
        co_await lose();
        co_await sessions_.end(*session);
        co_await pause_.wait_for(round_pause);
    }
}

void Leadership::stop() {
    stopping_ = true;
    round_.cancel();
    pause_.ring();
}

asio::awaitable<void> Leadership::contend(SessionId session) {
    KvCursor cursor;
    while (true) {
        const ReadOptions options{.index = cursor.index(), .wait = std::chrono::minutes(1)};
        const auto listing = co_await parts_.store.watch_key(parts_.keys.leader(), options);
        if (!listing) {
            cursor.restart();
            co_await sleep_for(retry_interval);
            continue;
        }
        cursor.advance(listing->index);
        const bool held = !listing->entries.empty() && !listing->entries[0].session.empty();
        const bool ours = held && listing->entries[0].session == session;
        if (ours && !leading_) {
            // The lock was taken, and only the answer lost. Nobody else would ever lead.
            const auto record = decode_leader_record(listing->entries[0].value);
            if (!record) co_return;
            lead({.session = session, .epoch = record->epoch});
        }
        if (ours) continue;
        if (leading_) co_return;
        if (!held) {
            co_await try_to_lead(session, *listing);
            cursor.restart();
        }
    }
}

asio::awaitable<void> Leadership::try_to_lead(SessionId session, const KvListing& listing) {
    std::uint64_t last_epoch = assignments_.cluster().epoch;
    KvOp unchanged{.verb = KvVerb::check_not_exists, .key = parts_.keys.leader()};
    if (!listing.entries.empty()) {
        unchanged.verb = KvVerb::check_index;
        unchanged.index = listing.entries[0].modify_index;
        const auto record = decode_leader_record(listing.entries[0].value);
        if (record) last_epoch = std::max(last_epoch, record->epoch);
    }
    const Term term{.session = session, .epoch = last_epoch + 1};
    const LeaderRecord record{
        .node = parts_.node, .epoch = term.epoch, .since = format_rfc3339(parts_.clock.now())};
    // Checked and locked in one step, so that no two terms have the same epoch.
    std::vector<KvOp> ops;
    ops.push_back(std::move(unchanged));
    ops.push_back({.verb = KvVerb::lock,
                   .key = parts_.keys.leader(),
                   .value = encode(record),
                   .session = session});
    const auto locked = co_await parts_.store.transact(std::move(ops));
    if (!locked) {
        co_await sleep_for(milliseconds(100));
        co_return;
    }
    lead(term);
}

void Leadership::lead(const Term& term) {
    spdlog::info("leading the cluster, epoch {}", term.epoch);
    leading_ = true;
    parts_.metrics.leader(true);
    options_.on_elected(term);
}

asio::awaitable<void> Leadership::lose() {
    if (!leading_) co_return;
    leading_ = false;
    spdlog::warn("no longer leading the cluster");
    parts_.metrics.leader(false);
    co_await options_.on_lost();
}

}  // namespace nap
