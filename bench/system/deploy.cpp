// 40 containers from one manifest: nap beside a plain client at its best degree of parallelism.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "system/lab.hpp"

namespace nap::bench {

namespace {

constexpr int containers = 40;
constexpr int rounds = 5;
constexpr std::size_t contenders = 2;  ///< the best of the first round: measured in all rounds
constexpr std::chrono::milliseconds settle{1500};

using TimesByDegree = std::map<std::size_t, std::vector<double>>;

/// What the workers share.
struct Work {
    Docker& docker;
    const AppSpec& app;
    int next = 1;
};

asio::awaitable<void> create_and_start(Work& work) {
    while (work.next <= containers) {
        const InstanceId instance{.service = "idle", .slot = work.next++};
        const ContainerId id = co_await work.docker.create(work.app, instance);
        co_await work.docker.start(id);
    }
}

asio::awaitable<double> deploy_plain(Lab& lab, std::size_t degree, int round) {
    const AppSpec app =
        read_app(fmt::format("plain{}x{}", round, degree), idle_manifest(containers));
    const std::size_t seen = lab.docker.events_so_far();
    const auto started = app_event("start", app.app);
    const Instant began = std::chrono::steady_clock::now();
    co_await lab.docker.create_networks(app);
    Work work{.docker = lab.docker, .app = app};
    TaskGroup workers(lab.executor());
    for (std::size_t i = 0; i < degree; ++i) {
        workers.spawn(create_and_start(work));
    }
    co_await workers.join();
    const Instant ended = co_await lab.docker.event(seen, started, containers);
    co_await lab.docker.remove(app);
    co_await sleep_for(settle);
    co_return ms_between(began, ended);
}

asio::awaitable<double> deploy_nap(Lab& lab, int round) {
    const AppId app(fmt::format("forty{}", round));
    const std::size_t seen = lab.docker.events_so_far();
    const auto started = app_event("start", app);
    const Instant began = std::chrono::steady_clock::now();
    co_await lab.put(app, idle_manifest(containers));
    const Instant ended = co_await lab.docker.event(seen, started, containers);
    co_await lab.await_converged(app);
    co_await lab.remove(app);
    co_await sleep_for(settle);
    co_return ms_between(began, ended);
}

double best_time(const TimesByDegree& times) {
    double best = median(times.begin()->second);
    for (const auto& [degree, values] : times)
        best = std::min(best, median(values));
    return best;
}

/// Leaves the degrees that may be the best one.
void drop_slow(TimesByDegree& times) {
    while (times.size() > contenders) {
        times.erase(std::max_element(times.begin(), times.end(), [](const auto& a, const auto& b) {
            return median(a.second) < median(b.second);
        }));
    }
}

}  // namespace

asio::awaitable<void> measure_deploy(Lab& lab, std::vector<Row>& rows) {
    say("deploy: 40 containers, by a plain client at several degrees of parallelism and by nap");
    TimesByDegree plain{{1, {}}, {2, {}}, {4, {}}, {8, {}}, {16, {}}, {32, {}}, {40, {}}};
    std::vector<double> nap;
    for (int round = 0; round < rounds; ++round) {
        std::size_t turn = 0;
        for (auto& [degree, values] : plain) {
            if (turn++ == plain.size() / 2) {
                const double took = co_await deploy_nap(lab, round);
                nap.push_back(took);
                say(fmt::format("  nap            {}", show_ms(nap.back())));
            }
            const double took = co_await deploy_plain(lab, degree, round);
            values.push_back(took);
            say(fmt::format("  {:>2} in parallel {}", degree, show_ms(values.back())));
        }
        if (round == 0) drop_slow(plain);
    }
    const double best = best_time(plain);
    const double took = median(nap);
    const auto winner = std::find_if(plain.begin(), plain.end(),
                                     [&](const auto& item) { return median(item.second) == best; });
    rows.push_back({.measure = "40 containers from one manifest",
                    .floor = fmt::format("{} ({} in parallel)", show_ms(best), winner->first),
                    .nap = show_ms(took),
                    .target = fmt::format("1.10 × floor (is {:.2f})", took / best),
                    .met = took <= 1.10 * best});
}

}  // namespace nap::bench
