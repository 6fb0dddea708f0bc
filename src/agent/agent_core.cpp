#include "agent/agent_core.hpp"

#include "clients/json_codec.hpp"

namespace nap {

namespace {

constexpr std::chrono::seconds retry_interval{1};
constexpr std::chrono::seconds learning_interval{5};

}  // namespace

AgentCore::AgentCore(const Outside& outside, Memory memory)
    : memory_(std::move(memory)),
      parts_{.executor = outside.executor,
             .engine = outside.engine,
             .store = outside.store,
             .clock = outside.clock,
             .memory = memory_,
             .metrics = outside.metrics,
             .config = outside.config,
             .keys = Keys(outside.config.consul.prefix),
             .node = NodeId(outside.config.node.name)},
      assignments_(memory_),
      sessions_(outside.store, memory_,
                "nap-" + outside.config.consul.prefix + "-" + outside.config.node.name),
      lease_(outside.config.failover.lease, outside.clock.monotonic()),
      host_(parts_, assignments_, lease_),
      presence_(parts_, {.sessions = sessions_,
                         .lease = lease_,
                         .engine_connected = [this] { return host_.engine_connected(); },
                         .read_orders = [this] { return host_.read_orders(); }}),
      cluster_(parts_, assignments_, [this] { leadership_.give_up(); }),
      leadership_(parts_, sessions_, assignments_,
                  {.on_elected = [this](const Term& term) { cluster_.start(term); },
                   .on_lost = [this]() { return end_term(); }}),
      membership_(outside.executor),
      pause_(outside.executor),
      learning_pause_(outside.executor) {}

void AgentCore::start() {
    host_.start();
    membership_.spawn(join_cluster());
}

asio::awaitable<void> AgentCore::shut_down() {
    stopping_ = true;
    pause_.ring();
    learning_pause_.ring();
    leadership_.stop();
    presence_.stop();
    host_.stop();
    co_await membership_.join();
    // The node's session stays: containers keep running, and the next run is back within seconds.
    co_await host_.join();
}

std::vector<std::string> AgentCore::not_ready() const {
    std::vector<std::string> missing;
    if (!host_.engine_connected()) missing.emplace_back("the engine cannot be watched");
    if (!host_.has_orders()) missing.emplace_back("assignments have never been read");
    return missing;
}

asio::awaitable<void> AgentCore::join_cluster() {
    while (!stopping_) {
        const bool ended = co_await sessions_.end_all();
        if (ended) break;
        co_await pause_.wait_for(retry_interval);
    }
    if (stopping_) co_return;
    membership_.spawn(learn_cluster());
    membership_.spawn(presence_.run());
    if (parts_.config.lead) membership_.spawn(leadership_.run());
}

asio::awaitable<void> AgentCore::learn_cluster() {
    while (!stopping_ && assignments_.cluster().cluster.empty()) {
        const auto entry = co_await parts_.store.get(parts_.keys.meta(), ReadOptions{});
        if (entry && *entry) {
            const auto meta = decode_cluster_meta((*entry)->value);
            const bool unknown = assignments_.cluster().cluster.empty();
            if (meta && unknown) assignments_.remember(meta->cluster, 0);
        }
        co_await learning_pause_.wait_for(learning_interval);
    }
}

asio::awaitable<void> AgentCore::end_term() {
    cluster_.stop();
    co_await cluster_.join();
}

}  // namespace nap
