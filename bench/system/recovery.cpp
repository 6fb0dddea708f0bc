// How soon a container that died runs again: nap, a plain client, Docker's own restart policy.

#include <fmt/format.h>
#include <signal.h>

#include "system/lab.hpp"

namespace nap::bench {

namespace {

/// Containers of each kind: few, since the engine starts one more slowly beside many. Before each
/// round all have run long enough that neither nap nor Docker takes a death for a crash loop.
constexpr int each = 5;
constexpr int rounds = 3;
constexpr std::chrono::seconds stable_run{12};
constexpr std::chrono::milliseconds settle{300};

struct Group {
    std::string name;
    std::vector<ContainerId> containers;
    bool started_by_us = false;
    std::vector<double> to_die = {};
    std::vector<double> to_running = {};
};

asio::awaitable<void> kill_one(Lab& lab, Group& group, std::size_t index) {
    const ContainerId id = group.containers.at(index);
    const int pid = co_await lab.docker.pid_of(id);
    const std::size_t seen = lab.docker.events_so_far();
    const auto died = container_event("die", id);
    const auto started = container_event("start", id);
    const Instant killed = std::chrono::steady_clock::now();
    if (::kill(pid, SIGKILL) != 0) fail("cannot kill a container's process");
    const Instant dead = co_await lab.docker.event(seen, died);
    if (group.started_by_us) co_await lab.docker.start(id);
    const Instant running = co_await lab.docker.event(seen, started);
    group.to_die.push_back(ms_between(killed, dead));
    group.to_running.push_back(ms_between(killed, running));
    co_await sleep_for(settle);
}

asio::awaitable<Group> create_group(Lab& lab, const AppSpec& app, std::string restart_policy) {
    Group group{.name = app.app.str(), .containers = {}, .started_by_us = restart_policy == "no"};
    co_await lab.docker.create_networks(app);
    for (const auto& [service, spec] : app.services) {
        for (int slot = 1; slot <= spec.replicas; ++slot) {
            const InstanceId instance{.service = service, .slot = slot};
            const ContainerId id = co_await lab.docker.create(app, instance, restart_policy);
            co_await lab.docker.start(id);
            group.containers.push_back(id);
        }
    }
    co_return group;
}

void report(const std::vector<Group>& groups, const std::string& where, std::vector<Row>& rows) {
    for (const Group& group : groups) {
        say(fmt::format("  {:<14} kill → die {}, kill → running {}", group.name,
                        show_ms(median(group.to_die)), show_ms(median(group.to_running))));
    }
    const double plain = median(groups[0].to_running);
    const double always = median(groups[1].to_running);
    const double nap = median(groups[2].to_running);
    rows.push_back({.measure = where + ": death → running, beside a client",
                    .floor = show_ms(plain),
                    .nap = show_ms(nap),
                    .target = "floor + 10 ms",
                    .met = nap <= plain + 10});
    rows.push_back({.measure = where + ": death → running, beside \"always\"",
                    .floor = show_ms(always),
                    .nap = show_ms(nap),
                    .target = fmt::format("0.75 × (is {:.2f})", nap / always),
                    .met = nap <= 0.75 * always});
}

}  // namespace

asio::awaitable<void> measure_recovery(Lab& lab, RecoveryOptions options, std::vector<Row>& rows) {
    say("recovery, " + options.where + ": three groups of containers, killed in turn");
    const std::string manifest =
        options.default_bridge ? bridge_manifest(each) : idle_manifest(each);
    const std::string suffix = options.default_bridge ? "-bridge" : "-network";
    const AppSpec plain = read_app("plain" + suffix, manifest);
    const AppSpec always = read_app("always" + suffix, manifest);
    const AppId healed("healed" + suffix);
    Group by_client = co_await create_group(lab, plain, "no");
    Group by_docker = co_await create_group(lab, always, "always");
    co_await lab.put(healed, manifest);
    co_await lab.await_converged(healed);
    Group by_nap{.name = "nap", .containers = {}};
    by_nap.containers = co_await lab.docker.containers_of(healed);
    std::vector<Group> groups{by_client, by_docker, by_nap};
    for (int round = 0; round < rounds; ++round) {
        co_await sleep_for(stable_run);
        for (std::size_t index = 0; index < std::size_t{each}; ++index) {
            for (std::size_t turn = 0; turn < groups.size(); ++turn) {
                co_await kill_one(lab, groups[(index + turn) % groups.size()], index);
            }
        }
    }
    report(groups, options.where, rows);
    co_await lab.docker.remove(plain);
    co_await lab.docker.remove(always);
    co_await lab.remove(healed);
}

}  // namespace nap::bench
