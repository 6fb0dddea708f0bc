// The leader's whole decision, I/O apart: ClusterState and plan_cluster, from nothing, for one lost
// node and for one instance's event, and the memory it keeps. Times are of one core.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>

#include <cstdlib>
#include <memory>

#include "reconciler/cluster_plan.hpp"

namespace nap {

namespace {

/// What a leader knows of `nodes` nodes and `apps` apps of one service each.
class Leader {
  public:
    Leader(int nodes, int apps, int replicas)
        : state_({.cluster = ClusterId("0b3cbaf5-6e39-4a0b-9f5d-62c7d0b5c3c1"),
                  .epoch = 3,
                  .grace = milliseconds(1'000)}) {
        for (int i = 0; i < nodes; ++i)
            state_.set_node(record_of(i), now_);
        for (int i = 0; i < apps; ++i)
            state_.set_manifest(app_id(i), manifest_of(i, replicas));
    }

    static AppId app_id(int number) { return AppId(fmt::format("app-{:05}", number)); }
    static NodeId node_id(int number) { return NodeId(fmt::format("node-{:05}", number)); }

    std::size_t plan() { return plan_cluster(state_, now_).size(); }

    /// Every host has done what it was told.
    void report_all() {
        for (const auto& [id, app] : state_.apps()) {
            for (const auto& [node, order] : app.orders)
                reports_.push_back(report_of(node, id, order));
        }
        for (const HostReport& report : reports_)
            state_.set_report(report);
        reports_.clear();
        reports_.shrink_to_fit();
    }

    /// The first instance of an app is down, or up again.
    void report_one(int app, bool running) {
        const auto& [node, order] = *state_.apps().at(app_id(app)).orders.begin();
        HostReport report = report_of(node, app_id(app), order);
        report.settled = running;
        report.instances.front().state = running ? "running" : "exited";
        state_.set_report(report);
    }

    void lose(int node) {
        state_.drop_node(node_id(node), now_);
        now_ += milliseconds(1'001);
    }

  private:
    static NodeRecord record_of(int number) {
        NodeRecord record;
        record.node = node_id(number);
        record.id = fmt::format("engine-{}", number);
        record.os = "linux";
        record.architecture = "amd64";
        record.labels = {{"zone", fmt::format("z{}", number % 3)}};
        record.nano_cpus = 64'000'000'000;
        record.memory_bytes = 256LL << 30;
        record.swarm = "swarm";
        record.swarm_manager = number < 3;
        return record;
    }

    static Manifest manifest_of(int number, int replicas) {
        ManifestState manifest;
        manifest.text = {.file = app_id(number).str(), .text = "services: {web: {image: i}}"};
        manifest.modify_index = 1'000 + static_cast<std::uint64_t>(number);
        manifest.revision = RevisionId("0123456789abcdef0123456789abcdef");
        AppSpec& spec = manifest.spec.emplace();
        spec.app = app_id(number);
        spec.services["web"] = {.image = "i", .replicas = replicas};
        return std::make_shared<const ManifestState>(std::move(manifest));
    }

    /// As a reader of JSON makes it: its text is its own.
    static HostReport report_of(const NodeId& node, const AppId& app, const Orders& order) {
        HostReport report{.node = NodeId(node.str()),
                          .app = AppId(app.str()),
                          .revision = order.terms->revision,
                          .manifest_index = order.terms->manifest_index,
                          .serial = order.serial,
                          .settled = true};
        for (const InstanceId& instance : order.instances) {
            report.instances.push_back({.instance = instance,
                                        .state = "running",
                                        .health = "none",
                                        .addresses = {{"app_default", "10.20.30.40"}}});
        }
        return report;
    }

    ClusterState state_;
    std::vector<HostReport> reports_;
    MonotonicTime now_{std::chrono::seconds(100)};
};

std::unique_ptr<Leader> leader_of(const benchmark::State& state) {
    return std::make_unique<Leader>(static_cast<int>(state.range(0)),
                                    static_cast<int>(state.range(1)),
                                    static_cast<int>(state.range(2)));
}

std::unique_ptr<Leader> settled(const benchmark::State& state) {
    auto leader = leader_of(state);
    leader->plan();
    leader->report_all();
    leader->plan();
    if (leader->plan() != 0) std::abort();
    return leader;
}

void from_nothing(benchmark::State& state) {
    for (auto _ : state) {
        state.PauseTiming();
        {
            const auto leader = leader_of(state);
            state.ResumeTiming();
            leader->plan();
            state.PauseTiming();
        }
        state.ResumeTiming();
    }
}

void memory(benchmark::State& state) {
    const auto instances = static_cast<double>(state.range(1) * state.range(2));
    double bytes = 0;
    for (auto _ : state) {
        const std::size_t before = mallinfo2().uordblks;
        const auto leader = settled(state);
        bytes = static_cast<double>(mallinfo2().uordblks - before);
    }
    state.counters["bytes/instance"] = bytes / instances;
}

void one_node_lost(benchmark::State& state) {
    std::size_t actions = 0;
    for (auto _ : state) {
        state.PauseTiming();
        {
            const auto leader = settled(state);
            state.ResumeTiming();
            leader->lose(8);
            actions = leader->plan();
            state.PauseTiming();
        }
        state.ResumeTiming();
    }
    state.counters["writes"] = static_cast<double>(actions);
}

/// Down and up again are two events; the time is of one of them.
void one_event(benchmark::State& state) {
    const auto leader = settled(state);
    bool running = false;
    std::size_t actions = 0;
    for (auto _ : state) {
        leader->report_one(0, running);
        actions = leader->plan();
        running = !running;
    }
    state.counters["writes"] = static_cast<double>(actions);
}

void idle(benchmark::State& state) {
    const auto leader = settled(state);
    for (auto _ : state) {
        if (leader->plan() != 0) std::abort();
    }
}

/// Nodes, apps, replicas: ten times, a hundred times.
void sizes(benchmark::internal::Benchmark* bench) {
    bench->ArgNames({"nodes", "apps", "replicas"});
    bench->Args({10, 10, 100});
    bench->Args({100, 100, 100});
    bench->Args({1000, 1000, 100});
    bench->Args({1000, 10'000, 10});
}

BENCHMARK(from_nothing)->Apply(sizes)->Unit(benchmark::kMillisecond);
BENCHMARK(memory)->Apply(sizes)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(one_node_lost)->Apply(sizes)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(one_event)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(idle)->Apply(sizes)->Unit(benchmark::kMicrosecond);

}  // namespace

}  // namespace nap

BENCHMARK_MAIN();
