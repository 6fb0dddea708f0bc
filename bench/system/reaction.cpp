// What can only be seen from between the agent and its daemons: when a request leaves it, and that
// none leaves it while nothing happens.

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <optional>

#include "system/lab.hpp"

namespace nap::bench {

namespace {

constexpr int puts = 12;
constexpr int idle_containers = 50;
constexpr int kills = 20;
constexpr std::chrono::seconds calm_down{15};
constexpr std::chrono::seconds idle_time{130};  ///< two resyncs are in it
constexpr std::chrono::milliseconds settle{700};

bool is_docker_mutation(const SeenRequest& request) {
    return request.method != "GET" && request.method != "HEAD";
}

bool is_kv_write(const SeenRequest& request) {
    return request.method != "GET" &&
           (request.target.starts_with("/v1/kv/") || request.target.starts_with("/v1/txn"));
}

template <class Wanted>
std::optional<Instant> first(const std::vector<SeenRequest>& requests, Wanted wanted) {
    const auto found = std::find_if(requests.begin(), requests.end(), wanted);
    return found == requests.end() ? std::nullopt : std::optional<Instant>(found->at);
}

asio::awaitable<double> reaction_to_death(Lab& lab, const Recorder& recorder, ContainerId id) {
    const int pid = co_await lab.docker.pid_of(id);
    const std::size_t seen = lab.docker.events_so_far();
    const auto died = container_event("die", id);
    const auto started = container_event("start", id);
    const Instant killed = std::chrono::steady_clock::now();
    if (::kill(pid, SIGKILL) != 0) fail("cannot kill a container's process");
    const Instant dead = co_await lab.docker.event(seen, died);
    co_await lab.docker.event(seen, started);
    const auto sent = first(recorder.since(killed), [&](const SeenRequest& request) {
        return request.target.ends_with(id.str() + "/start");
    });
    if (!sent) fail("a container was started, and not by nap");
    co_await sleep_for(settle);
    co_return ms_between(dead, *sent);
}

}  // namespace

asio::awaitable<void> measure_put(Lab& lab, Recorders recorders, std::vector<Row>& rows) {
    say("put: a new manifest, until nap's first request to Docker");
    std::vector<double> to_request;
    std::vector<double> to_change;
    for (int i = 1; i <= puts; ++i) {
        const AppId app("put" + std::to_string(i));
        const std::size_t seen = lab.docker.events_so_far();
        const auto started = app_event("start", app);
        const Instant began = std::chrono::steady_clock::now();
        const Instant answered = co_await lab.put(app, idle_manifest(1));
        co_await lab.docker.event(seen, started);
        const auto requests = recorders.docker.since(began);
        const auto change = first(requests, is_docker_mutation);
        if (!change) fail("nap's request was not seen");
        to_request.push_back(ms_between(answered, requests.front().at));
        to_change.push_back(ms_between(answered, *change));
        co_await lab.await_converged(app);
        co_await lab.remove(app);
        co_await sleep_for(settle);
    }
    const double took = median(to_request);
    rows.push_back({.measure = "KV put returned → first Docker request",
                    .floor = "",
                    .nap = show_ms(took),
                    .target = "10 ms",
                    .met = took <= 10});
    rows.push_back({.measure = "KV put returned → first change asked of Docker",
                    .floor = "",
                    .nap = show_ms(median(to_change)),
                    .target = ""});
}

asio::awaitable<void> measure_idle(Lab& lab, Recorders recorders, const AgentProcess& agent,
                                   std::vector<Row>& rows) {
    const AppId app("many");
    say(fmt::format("idle: {} containers, nothing happens for {} s", idle_containers,
                    idle_time.count()));
    co_await lab.put(app, idle_manifest(idle_containers));
    co_await lab.await_converged(app);
    co_await sleep_for(calm_down);
    const Instant began = std::chrono::steady_clock::now();
    const std::chrono::nanoseconds cpu_before = agent.cpu();
    const std::string index_before = co_await lab.kv_index();
    co_await sleep_for(idle_time);
    const std::chrono::duration<double> cpu = agent.cpu() - cpu_before;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
    const std::string index_after = co_await lab.kv_index();
    const ResidentMemory memory = agent.resident();
    const auto docker = recorders.docker.since(began);
    const auto consul = recorders.consul.since(began);
    const auto mutations = std::count_if(docker.begin(), docker.end(), is_docker_mutation);
    const auto writes = std::count_if(consul.begin(), consul.end(), is_kv_write);
    const double share = 100 * cpu.count() / passed.count();
    say(
        fmt::format("  {} kB resident: {} anonymous, {} of files; {} requests to Docker, {} to "
                    "Consul; KV index {} → {}",
                    memory.all, memory.anonymous, memory.file, docker.size(), consul.size(),
                    index_before, index_after));
    rows.push_back({.measure = "50 containers, idle: resident memory",
                    .floor = "",
                    .nap = fmt::format("{:.1f} MB", static_cast<double>(memory.all) / 1024),
                    .target = "12 MB",
                    .met = memory.all <= 12 * 1024});
    rows.push_back({.measure = "50 containers, idle: share of one core",
                    .floor = "",
                    .nap = fmt::format("{:.3f} %", share),
                    .target = "0.2 %",
                    .met = share <= 0.2});
    rows.push_back({.measure = "50 containers, idle: KV writes",
                    .floor = "",
                    .nap = std::to_string(writes),
                    .target = "0",
                    .met = writes == 0 && index_before == index_after});
    rows.push_back({.measure = "50 containers, idle: changes asked of Docker",
                    .floor = "",
                    .nap = std::to_string(mutations),
                    .target = "0",
                    .met = mutations == 0});
}

asio::awaitable<void> measure_reaction(Lab& lab, Recorders recorders, std::vector<Row>& rows) {
    say(fmt::format("reaction: {} of them killed, until nap's start request", kills));
    const AppId app("many");
    std::vector<ContainerId> containers = co_await lab.docker.containers_of(app);
    containers.resize(kills);
    std::vector<double> times;
    for (const ContainerId& id : containers) {
        const double took = co_await reaction_to_death(lab, recorders.docker, id);
        times.push_back(took);
    }
    const double middle = median(times);
    say(fmt::format("  slowest {}", show_ms(*std::max_element(times.begin(), times.end()))));
    rows.push_back({.measure = "death (die event) → nap's start request",
                    .floor = "",
                    .nap = show_ms(middle),
                    .target = "5 ms",
                    .met = middle <= 5});
    co_await lab.remove(app);
}

}  // namespace nap::bench
