#include "agent/presence.hpp"

#include <spdlog/spdlog.h>

#include "clients/json_codec.hpp"
#include "watchers/kv_watch.hpp"

namespace nap {

namespace {

constexpr milliseconds retry_interval{300};
constexpr std::chrono::seconds beat_interval{1};
constexpr std::chrono::seconds beat_patience{2};
constexpr int beats_per_renewal = 3;
constexpr std::chrono::seconds long_lease{12};
constexpr std::chrono::seconds describe_interval{10};
/// An engine that is being restarted is back before that.
constexpr std::chrono::seconds engine_allowance{10};

}  // namespace

Presence::Presence(Parts parts, Options options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      keeper_(parts_.executor),
      checks_(parts_.executor),
      pause_(parts_.executor) {}

asio::awaitable<void> Presence::run() {
    checks_.spawn(pass_checks());
    while (!stopping_) {
        SessionSpec spec{.name = "nap node " + parts_.node.str(), .delete_on_end = true};
        const auto session = co_await options_.sessions.open(std::move(spec));
        bool joined = false;
        if (session) joined = co_await join(*session);
        if (!joined) {
            co_await pause_.wait_for(retry_interval);
            continue;
        }
        said_ = false;
        if (stopping_) break;
        keeper_.spawn(keep_session(*session));
        keeper_.spawn(watch_record(*session));
        keeper_.spawn(keep_description(*session));
        co_await keeper_.wait_one();
        keeper_.cancel();
        co_await keeper_.join();
        joined_ = false;
        if (!stopping_) co_await options_.sessions.end(*session);
    }
    checks_.cancel();
    co_await checks_.join();
}

void Presence::stop() {
    stopping_ = true;
    keeper_.cancel();
    checks_.cancel();
    pause_.ring();
}

asio::awaitable<bool> Presence::join(SessionId session) {
    const bool announced = co_await announce(session);
    if (!announced) co_return false;
    // What this host had may have been given away meanwhile: its orders first, then the lease.
    const MonotonicTime sent = parts_.clock.monotonic();
    joined_ = co_await options_.read_orders();
    if (joined_) options_.lease.renew(sent);
    co_return true;
}

asio::awaitable<bool> Presence::announce(SessionId session) {
    described_ = co_await describe();
    std::vector<KvOp> ops;
    ops.push_back({.verb = KvVerb::lock,
                   .key = parts_.keys.node(parts_.node),
                   .value = encode(described_),
                   .session = session});
    const auto written = co_await parts_.store.transact(std::move(ops));
    unsure_ = false;
    if (written) co_return true;
    co_await options_.sessions.end(session);
    if (!said_ && written.error().code == Errc::not_committed) {
        spdlog::warn(
            "node name {} is held by another agent, or by an earlier run whose session "
            "has yet to expire; give each host its own name with --node-name",
            parts_.node.str());
        said_ = true;
    }
    co_return false;
}

asio::awaitable<void> Presence::pass_checks() {
    while (true) {
        co_await options_.sessions.pass_check();
        co_await sleep_for(beat_interval);
    }
}

asio::awaitable<void> Presence::keep_session(SessionId session) {
    for (int beat = 1;; ++beat) {
        co_await sleep_for(beat_interval);
        if (beat % beats_per_renewal == 0) {
            const auto renewed = co_await parts_.store.renew_session(session);
            if (!renewed && renewed.error().code == Errc::not_found) co_return;
        }
        // A long lease stands many beats; a host that idles shall cost next to nothing.
        const bool due =
            beat % beats_per_renewal == 0 || !joined_ || options_.lease.span() < long_lease;
        if (due) co_await renew_lease(session);
    }
}

asio::awaitable<void> Presence::renew_lease(SessionId session) {
    const MonotonicTime sent = parts_.clock.monotonic();
    if (!joined_) {
        joined_ = co_await options_.read_orders();
        if (!joined_) co_return;
    }
    const ReadOptions options{.patience = beat_patience};
    const auto record = co_await parts_.store.get(parts_.keys.node(parts_.node), options);
    const bool ours = record && *record && (*record)->session == session;
    if (ours) options_.lease.renew(sent);
    const bool denied = !record && record.error().code == Errc::denied;
    if (denied && !std::exchange(denied_said_, true)) {
        spdlog::error(
            "Consul does not let this agent read its own record ({}); check its token. "
            "What runs is kept as it is",
            record.error().message);
    }
    if (ours) denied_said_ = false;
}

asio::awaitable<void> Presence::watch_record(SessionId session) {
    KvCursor cursor;
    while (true) {
        const ReadOptions options{.index = cursor.index(), .wait = std::chrono::minutes(1)};
        const auto listing =
            co_await parts_.store.watch_key(parts_.keys.node(parts_.node), options);
        if (!listing) {
            cursor.restart();
            co_await sleep_for(beat_interval);
            continue;
        }
        cursor.advance(listing->index);
        const bool ours = !listing->entries.empty() && listing->entries[0].session == session;
        if (!ours) co_return;
        // An earlier write may have been carried out late, over a newer one.
        if (listing->entries[0].value != encode(described_)) unsure_ = true;
    }
}

asio::awaitable<void> Presence::keep_description(SessionId session) {
    MonotonicTime next = parts_.clock.monotonic() + describe_interval;
    while (true) {
        co_await sleep_for(beat_interval);
        const bool in_doubt = unsure_ || engine_lost_ || !options_.engine_connected();
        if (!in_doubt && parts_.clock.monotonic() < next) continue;
        next = parts_.clock.monotonic() + describe_interval;
        const NodeRecord record = co_await describe();
        if (record == described_ && !unsure_) continue;
        const bool state_changed = record.state != described_.state;
        described_ = record;
        unsure_ = false;
        std::vector<KvOp> ops;
        ops.push_back({.verb = KvVerb::lock,
                       .key = parts_.keys.node(parts_.node),
                       .value = encode(record),
                       .session = session});
        const auto written = co_await parts_.store.transact(std::move(ops));
        // One that failed may be done all the same, and then says what was true for a moment only.
        if (!written) unsure_ = true;
        if (state_changed) spdlog::warn("this node is {} for the cluster", described_.state);
    }
}

bool Presence::engine_down(MonotonicTime asked, bool answered) {
    if (answered && options_.engine_connected()) {
        engine_lost_.reset();
        return false;
    }
    if (!engine_lost_) engine_lost_ = asked;
    return parts_.clock.monotonic() - *engine_lost_ >= engine_allowance;
}

asio::awaitable<NodeRecord> Presence::describe() {
    NodeRecord record = described_;
    record.node = parts_.node;
    record.address = parts_.config.node.advertise;
    record.leads = parts_.config.lead;
    record.labels = parts_.config.node.labels;
    record.routed = parts_.config.network.routed;
    record.lease = options_.lease.span();
    // An engine that is frozen keeps its connections, and answers nothing.
    const MonotonicTime asked = parts_.clock.monotonic();
    const auto pong = co_await parts_.engine.ping();
    record.state = engine_down(asked, pong.has_value()) ? "engine-down" : "ready";
    if (!pong) co_return record;
    const auto info = co_await parts_.engine.info();
    if (!info) co_return record;
    record.id = info->id;
    record.engine_version = info->version;
    record.os = info->os;
    record.architecture = info->architecture;
    record.engine_labels = info->labels;
    record.nano_cpus = info->nano_cpus;
    record.memory_bytes = info->memory_bytes;
    record.swarm = info->swarm;
    record.swarm_manager = info->swarm_manager;
    co_return record;
}

}  // namespace nap
