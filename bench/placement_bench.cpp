// The scheduler alone: clusters placed from nothing, one node lost, evening out, and the memory
// that the result takes. Times are of one core.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>

#include <cstdlib>
#include <set>

#include "reconciler/placement.hpp"
#include "reconciler/rebalance.hpp"

namespace nap {

namespace {

enum class Wishes { none, some };

/// Nodes and apps of one service each.
struct Cluster {
    Cluster(int node_count, int app_count, int replicas, Wishes wishes) {
        for (int i = 0; i < node_count; ++i)
            add_node(i);
        for (int i = 0; i < app_count; ++i)
            add_app(i, replicas, wishes);
    }

    void add_node(int number) {
        const std::string name = fmt::format("node-{:05}", number);
        NodeView& node = nodes.node(NodeId(name));
        node.alive = true;
        node.record.id = name + "-engine";
        node.record.os = "linux";
        node.record.architecture = "amd64";
        node.record.labels = {{"zone", fmt::format("z{}", number % 3)},
                              {"disk", number % 2 == 0 ? "ssd" : "hdd"}};
        node.record.memory_bytes = 256LL << 30;
        node.record.nano_cpus = 64'000'000'000;
    }

    /// With wishes: half of the apps on one kind of disk, a third spread over zones, a tenth with a
    /// port of the host where there are nodes enough, all with reservations.
    void add_app(int number, int replicas, Wishes wishes) {
        AppSpec app;
        app.app = AppId(fmt::format("app-{:05}", number));
        ServiceSpec& web = app.services["web"];
        web.replicas = replicas;
        if (wishes == Wishes::some) {
            if (number % 2 == 0) {
                web.placement.constraints = {{"node.labels.disk", true, "ssd"}};
            }
            if (number % 3 == 0) web.placement.spread_over = {"node.labels.zone"};
            const bool one_each = static_cast<std::size_t>(replicas) * 2 <= nodes.all().size();
            if (number % 10 == 5 && one_each) {
                web.ports = {{.target = 80, .published = static_cast<std::uint16_t>(number + 1)}};
            }
            web.memory_bytes_reserved = 64LL << 20;
            web.nano_cpus_reserved = 10'000'000;
        }
        apps.emplace(app.app, std::move(app));
    }

    void place_all() {
        for (const auto& [id, app] : apps) {
            const PlacementResult result =
                place_app({.app = app, .kept = placed[id], .barred = barred}, nodes);
            if (!result.unplaced.empty()) std::abort();
            placed[id].insert(result.placed.begin(), result.placed.end());
        }
    }

    /// The node is gone: its instances are placed anew. Returns how many those were.
    std::size_t lose(const NodeId& lost) {
        nodes.node(lost).alive = false;
        std::size_t count = 0;
        for (const auto& [id, app] : apps) {
            Placed& kept = placed[id];
            const std::size_t before = kept.size();
            std::erase_if(kept, [&](const auto& each) {
                if (each.second != lost) return false;
                nodes.vacate(lost, app.services.at(each.first.service));
                return true;
            });
            if (kept.size() == before) continue;
            count += before - kept.size();
            PlacementResult result = place_app({.app = app, .kept = kept, .barred = barred}, nodes);
            if (!result.unplaced.empty()) std::abort();
            kept.merge(result.placed);
        }
        return count;
    }

    NodeTable nodes;
    std::map<AppId, AppSpec> apps;
    std::map<AppId, Placed> placed;
    std::map<NodeId, std::string> barred;
};

Cluster cluster_of(const benchmark::State& state) {
    return {static_cast<int>(state.range(0)), static_cast<int>(state.range(1)),
            static_cast<int>(state.range(2)), state.range(3) == 0 ? Wishes::none : Wishes::some};
}

void set_counters(benchmark::State& state, const char* name, std::size_t count) {
    state.counters[name] = static_cast<double>(count);
}

void place_from_nothing(benchmark::State& state) {
    std::size_t bytes = 0;
    const auto instances = static_cast<std::size_t>(state.range(1) * state.range(2));
    for (auto _ : state) {
        state.PauseTiming();
        {
            Cluster cluster = cluster_of(state);
            const std::size_t before = mallinfo2().uordblks;
            state.ResumeTiming();
            cluster.place_all();
            state.PauseTiming();
            bytes = mallinfo2().uordblks - before;
        }
        state.ResumeTiming();
    }
    set_counters(state, "instances", instances);
    set_counters(state, "bytes/instance", bytes / instances);
}

void one_node_lost(benchmark::State& state) {
    Cluster whole = cluster_of(state);
    whole.place_all();
    (void)whole.nodes.by_load();
    std::size_t count = 0;
    for (auto _ : state) {
        state.PauseTiming();
        {
            Cluster cluster = whole;
            state.ResumeTiming();
            count = cluster.lose(NodeId("node-00008"));
            state.PauseTiming();
        }
        state.ResumeTiming();
    }
    set_counters(state, "moved", count);
}

void rebalance_after_joining(benchmark::State& state) {
    Cluster cluster = cluster_of(state);
    cluster.place_all();
    cluster.add_node(99'999);
    std::map<AppId, const AppSpec*> apps;
    for (const auto& [id, app] : cluster.apps)
        apps[id] = &app;
    std::size_t count = 0;
    for (auto _ : state) {
        const std::vector<Move> moves = plan_rebalance(
            {.apps = apps, .placed = cluster.placed, .moves_max = 10}, cluster.nodes);
        count = moves.size();
    }
    set_counters(state, "moves", count);
}

/// Nodes, apps, replicas, wishes.
void mixes(benchmark::internal::Benchmark* bench) {
    bench->ArgNames({"nodes", "apps", "replicas", "wishes"});
    for (const std::int64_t wishes : {0, 1}) {
        bench->Args({100, 100, 100, wishes});
        bench->Args({1000, 1000, 100, wishes});
        bench->Args({1000, 10, 10'000, wishes});
        bench->Args({1000, 10'000, 10, wishes});
        bench->Args({10'000, 10'000, 100, wishes});
    }
    bench->Unit(benchmark::kMillisecond)->MinTime(0.2);
}

BENCHMARK(place_from_nothing)->Apply(mixes);
BENCHMARK(one_node_lost)->Apply(mixes);
BENCHMARK(rebalance_after_joining)->Apply(mixes);

}  // namespace

}  // namespace nap

BENCHMARK_MAIN();
