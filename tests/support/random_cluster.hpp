#pragma once

#include <random>
#include <string>
#include <vector>

#include "support/placement_world.hpp"

namespace nap::test {

/// Clusters and apps of all kinds, the same for the same seed: crowded and empty ones, nodes that
/// are gone or drained, services with every kind of wish.
class RandomCluster {
  public:
    explicit RandomCluster(unsigned seed) : random_(seed) {}

    PlacementWorld make() {
        PlacementWorld world;
        const int nodes = between(0, 9);
        for (int i = 0; i < nodes; ++i)
            add_node(world, "n" + std::to_string(i));
        for (int i = between(1, 4); i > 0; --i)
            add_service(world, "s" + std::to_string(i));
        world.app.strategy = pick<Strategy>(
            {Strategy::spread, Strategy::spread, Strategy::binpack, Strategy::random});
        world.together = chance(15);
        if (nodes > 0) keep_some(world, nodes);
        return world;
    }

    int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
    bool chance(int percent) { return between(1, 100) <= percent; }
    std::mt19937& random() { return random_; }

  private:
    template <class T>
    T pick(std::vector<T> choices) {
        return choices[static_cast<std::size_t>(between(0, static_cast<int>(choices.size()) - 1))];
    }

    void add_node(PlacementWorld& world, const std::string& name) {
        NodeView& node = world.add_node(name);
        if (chance(70)) node.record.labels["zone"] = pick<std::string>({"a", "b", "c"});
        if (chance(50)) node.record.labels["rack"] = pick<std::string>({"1", "2"});
        if (chance(50)) node.record.memory_bytes = between(1, 12);
        if (chance(30)) node.record.nano_cpus = between(1, 8);
        node.record.leads = chance(60);
        node.alive = chance(90);
        node.draining = chance(10);
        if (chance(5)) world.barred[NodeId(name)] = "barred";
        world.fill(name, between(0, 3));
    }

    void add_service(PlacementWorld& world, const std::string& name) {
        ServiceSpec& service = world.add_service(name, between(0, 12));
        if (chance(15)) service.mode = DeployMode::global;
        if (chance(40)) service.memory_bytes_reserved = between(1, 4);
        if (chance(20)) service.nano_cpus_reserved = between(1, 3);
        if (chance(20)) service.placement.per_node_max = between(1, 3);
        if (chance(10)) service.container_name = pick<std::string>({"x", "y"});
        if (chance(30)) service.ports.push_back(port());
        if (chance(10)) service.ports.push_back({.target = 1, .published = 0});
        if (chance(25)) service.placement.spread_over.emplace_back("node.labels.zone");
        if (chance(15)) service.placement.spread_over.emplace_back("node.labels.rack");
        if (chance(25)) {
            service.placement.constraints.push_back(pick<Constraint>({
                {"node.labels.zone", true, "a"},
                {"node.labels.zone", false, "b"},
                {"node.role", true, "manager"},
                {"node.hostname", false, "n1"},
            }));
        }
    }

    PortSpec port() {
        return {.target = 80,
                .published = static_cast<std::uint16_t>(between(80, 81)),
                .host_ip = pick<std::string>({"", "0.0.0.0", "10.0.0.1", "10.0.0.2"}),
                .protocol = pick<std::string>({"tcp", "tcp", "udp"})};
    }

    /// Anywhere, whether it fits there or not: labels and limits change under what runs.
    void keep_some(PlacementWorld& world, int nodes) {
        const int share = pick<int>({0, 0, 30, 90});
        const std::string home = "n" + std::to_string(between(0, nodes - 1));
        for (const auto& [name, service] : world.app.services) {
            for (int slot = 1; slot <= service.replicas; ++slot) {
                if (!chance(share)) continue;
                const std::string node = world.together && chance(95)
                                             ? home
                                             : "n" + std::to_string(between(0, nodes - 1));
                world.keep(name, slot, node);
            }
        }
    }

    std::mt19937 random_;
};

}  // namespace nap::test
