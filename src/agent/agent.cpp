#include "agent/agent.hpp"

#include <malloc.h>
#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "agent/admin_server.hpp"
#include "agent/agent_core.hpp"
#include "agent/log.hpp"
#include "clients/consul_store.hpp"
#include "clients/docker_engine.hpp"

namespace nap {

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds stop_limit{15};

class SystemClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override { return std::chrono::system_clock::now(); }
    [[nodiscard]] MonotonicTime monotonic() const override {
        return std::chrono::steady_clock::now();
    }
};

asio::awaitable<void> run_until_signal(AgentCore& agent, AdminServer& admin) {
    const auto executor = co_await asio::this_coro::executor;
    asio::signal_set signals(executor, SIGINT, SIGTERM);
    agent.start();
    admin.start();
    co_await signals.async_wait(no_throw);
    spdlog::info("stopping; containers keep running");
    asio::steady_timer limit(executor, stop_limit);
    limit.async_wait([](const boost::system::error_code& error) {
        if (error) return;
        spdlog::warn("an action is still under way; leaving it to the engine");
        std::_Exit(0);
    });
    admin.stop();
    co_await admin.join();
    co_await agent.shut_down();
}

int refuse(const std::string& what) {
    std::fprintf(stderr, "nap agent: %s\n", what.c_str());
    return 2;
}

}  // namespace

int run_agent(const Config& config) {
    // One thread needs one arena; freed memory goes back soon, since an agent idles most of its
    // life.
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TRIM_THRESHOLD, 256 * 1024);
    set_up_log(config.log);
    asio::io_context io(1);
    Metrics metrics;
    auto memory = Memory::open(config.data_dir);
    if (!memory) return refuse(memory.error().message);
    auto engine = DockerEngine::create(
        io.get_executor(),
        {.host = config.docker.host,
         .cert_path = config.docker.cert_path,
         .observer = [&](auto op, auto code, double s) { metrics.docker_request(op, code, s); }});
    if (!engine) return refuse("docker.host: " + engine.error().message);
    auto store = ConsulStore::create(
        io.get_executor(),
        {.address = config.consul.address,
         .token = config.consul.token,
         .ca_file = config.consul.ca_file,
         .observer = [&](auto op, auto code, double s) { metrics.consul_request(op, code, s); }});
    if (!store) return refuse("consul.address: " + store.error().message);

    const SystemClock clock;
    AgentCore agent({.executor = io.get_executor(),
                     .engine = **engine,
                     .store = **store,
                     .clock = clock,
                     .metrics = metrics,
                     .config = config},
                    std::move(*memory));
    auto admin = AdminServer::create(io.get_executor(), config.http.bind,
                                     {.metrics = [&] { return metrics.text(); },
                                      .not_ready = [&] { return agent.not_ready(); }});
    if (!admin) return refuse(admin.error().message);
    spdlog::info("node {}, engine {}, consul {}, http {}", config.node.name, config.docker.host,
                 config.consul.address, config.http.bind);
    std::exception_ptr failure;
    asio::co_spawn(io, run_until_signal(agent, **admin),
                   [&](std::exception_ptr error) { failure = std::move(error); });
    while (!failure && io.run_one() > 0) {
    }
    if (failure) std::rethrow_exception(failure);
    return 0;
}

}  // namespace nap
