#include "agent/presence.hpp"

#include <spdlog/spdlog.h>

#include "clients/json_codec.hpp"

namespace nap {

namespace {

constexpr std::chrono::seconds retry_interval{1};

}  // namespace

Presence::Presence(Parts parts, SessionLedger& sessions)
    : parts_(std::move(parts)),
      sessions_(sessions),
      keeper_(parts_.executor),
      pause_(parts_.executor) {}

asio::awaitable<void> Presence::run() {
    while (!stopping_) {
        SessionSpec spec{.name = "nap node " + parts_.node.str(), .delete_on_end = true};
        const auto session = co_await sessions_.open(std::move(spec));
        bool announced = false;
        if (session) announced = co_await announce(*session);
        if (!announced) {
            co_await pause_.wait_for(retry_interval);
            continue;
        }
        said_ = false;
        if (stopping_) co_return;
        keeper_.spawn(keep_record(*session));
        co_await keeper_.join();
        if (!stopping_) co_await sessions_.end(*session);
    }
}

void Presence::stop() {
    stopping_ = true;
    keeper_.cancel();
    pause_.ring();
}

asio::awaitable<bool> Presence::announce(SessionId session) {
    const NodeRecord record = co_await describe();
    std::vector<KvOp> ops;
    ops.push_back({.verb = KvVerb::lock,
                   .key = parts_.keys.node(parts_.node),
                   .value = encode(record),
                   .session = session});
    const auto written = co_await parts_.store.transact(std::move(ops));
    if (written) co_return true;
    co_await sessions_.end(session);
    if (!said_ && written.error().code == Errc::not_committed) {
        spdlog::error(
            "node name {} is held by another agent, or by an earlier run whose session "
            "has yet to expire; give each host its own name with --node-name",
            parts_.node.str());
        said_ = true;
    }
    co_return false;
}

asio::awaitable<void> Presence::keep_record(SessionId session) {
    while (true) {
        co_await sleep_for(session_ttl / 3);
        const auto renewed = co_await parts_.store.renew_session(session);
        if (!renewed && renewed.error().code == Errc::not_found) co_return;
        const auto record = co_await parts_.store.get(parts_.keys.node(parts_.node), ReadOptions{});
        const bool lost = record && (!*record || (*record)->session != session);
        if (lost) co_return;
    }
}

asio::awaitable<NodeRecord> Presence::describe() {
    NodeRecord record{.node = parts_.node,
                      .address = parts_.config.node.advertise,
                      .leads = parts_.config.lead,
                      .labels = parts_.config.node.labels};
    const auto info = co_await parts_.engine.info();
    if (info) {
        record.engine_version = info->version;
        record.id = info->id;
        record.os = info->os;
        record.architecture = info->architecture;
        record.engine_labels = info->labels;
        record.nano_cpus = info->nano_cpus;
        record.memory_bytes = info->memory_bytes;
        record.swarm = info->swarm;
        record.swarm_manager = info->swarm_manager;
    }
    record.routed = parts_.config.network.routed;
    co_return record;
}

}  // namespace nap
