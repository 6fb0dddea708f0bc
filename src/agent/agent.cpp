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
#include "agent/standalone.hpp"
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

asio::awaitable<void> run_until_signal(AgentCore& agent, AdminServer& admin,
                                       Standalone* standalone) {
    const auto executor = co_await asio::this_coro::executor;
    asio::signal_set signals(executor, SIGINT, SIGTERM);
    if (standalone != nullptr) standalone->start();
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
    if (standalone == nullptr) co_return;
    standalone->stop();
    co_await standalone->join();
}

/// Where keys are kept: in Consul, or in this process.
struct Backend {
    std::unique_ptr<ConsulStore> consul;
    std::unique_ptr<Standalone> standalone;

    [[nodiscard]] Store& store() const {
        return standalone ? standalone->store() : static_cast<Store&>(*consul);
    }
};

Result<Backend> open_backend(asio::io_context& io, const Config& config, const Clock& clock,
                             Metrics& metrics) {
    Backend backend;
    if (!config.standalone.empty()) {
        auto standalone = Standalone::create(io.get_executor(), config, clock);
        if (!standalone)
            return Error{standalone.error().code, "standalone: " + standalone.error().message};
        backend.standalone = std::move(*standalone);
        return backend;
    }
    auto consul = ConsulStore::create(
        io.get_executor(),
        {.address = config.consul.address,
         .token = config.consul.token,
         .ca_file = config.consul.ca_file,
         .observer = [&](auto op, auto code, double s) { metrics.consul_request(op, code, s); }});
    if (!consul) return Error{consul.error().code, "consul.address: " + consul.error().message};
    backend.consul = std::move(*consul);
    return backend;
}

std::vector<std::string> not_ready(const AgentCore& agent, const Backend& backend) {
    std::vector<std::string> missing = agent.not_ready();
    if (!backend.standalone) return missing;
    const auto& problems = backend.standalone->problems();
    missing.insert(missing.end(), problems.begin(), problems.end());
    return missing;
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
    const SystemClock clock;
    auto backend = open_backend(io, config, clock, metrics);
    if (!backend) return refuse(backend.error().message);
    AgentCore agent({.executor = io.get_executor(),
                     .engine = **engine,
                     .store = backend->store(),
                     .clock = clock,
                     .metrics = metrics,
                     .config = config},
                    std::move(*memory));
    auto admin = AdminServer::create(io.get_executor(), config.http.bind,
                                     {.metrics = [&] { return metrics.text(); },
                                      .not_ready = [&] { return not_ready(agent, *backend); }});
    if (!admin) return refuse(admin.error().message);
    spdlog::info("node {}, engine {}, {} {}, http {}", config.node.name, config.docker.host,
                 backend->consul ? "consul" : "standalone, keys at", config.consul.address,
                 config.http.bind);
    std::exception_ptr failure;
    asio::co_spawn(io, run_until_signal(agent, **admin, backend->standalone.get()),
                   [&](std::exception_ptr error) { failure = std::move(error); });
    while (!failure && io.run_one() > 0) {
    }
    if (failure) std::rethrow_exception(failure);
    return 0;
}

}  // namespace nap
