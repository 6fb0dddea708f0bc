// What holds of every placement, over clusters of all kinds. NAP_SEED=n runs one of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "support/random_cluster.hpp"
#include "support/seeds.hpp"

namespace nap::test {
namespace {

constexpr unsigned seeds = 4000;

template <class Check>
void for_each_seed(Check check) {
    run_seeds(seeds, [&](unsigned seed) {
        RandomCluster random(seed);
        PlacementWorld world = random.make();
        check(random, world);
    });
}

std::string value_of(const NodeRecord& record, const std::string& attribute) {
    if (attribute == "node.hostname") return record.node.str();
    if (attribute == "node.role") return record.leads ? "manager" : "worker";
    const auto label = record.labels.find(attribute.substr(std::string("node.labels.").size()));
    return label == record.labels.end() ? "" : label->second;
}

int count_on(const PlacementWorld& world, const Placed& placed, const std::string& service,
             const NodeId& node) {
    int count = 0;
    for (const Placed* some : {&world.kept, &placed}) {
        for (const auto& [instance, where] : *some)
            count += instance.service == service && where == node;
    }
    return count;
}

bool meets(const HostPort& a, const HostPort& b) {
    const auto any = [](const HostPort& port) {
        return port.host_ip.empty() || port.host_ip == "0.0.0.0";
    };
    return a.published == b.published && a.protocol == b.protocol &&
           (any(a) || any(b) || a.host_ip == b.host_ip);
}

/// The node takes one more of the service, by the rules as they are written down.
bool takes(const PlacementWorld& world, const Placed& placed, const std::string& name,
           const NodeView& view) {
    const ServiceSpec& service = world.app.services.at(name);
    if (!view.alive || view.draining || world.barred.contains(view.record.node)) return false;
    for (const Constraint& rule : service.placement.constraints) {
        if ((value_of(view.record, rule.attribute) == rule.value) != rule.equal) return false;
    }
    const int on_node = count_on(world, placed, name, view.record.node);
    if (service.mode == DeployMode::global && on_node > 0) return false;
    if (service.placement.per_node_max > 0 && on_node >= service.placement.per_node_max) {
        return false;
    }
    for (const PortSpec& port : service.ports) {
        for (const HostPort& taken : view.ports) {
            if (port.published != 0 &&
                meets({port.published, port.protocol, port.host_ip}, taken)) {
                return false;
            }
        }
    }
    if (view.container_names.contains(service.container_name)) return false;
    const auto fits = [](std::int64_t wanted, std::int64_t taken, std::int64_t capacity) {
        return wanted == 0 || capacity == 0 || taken + wanted <= capacity;
    };
    return fits(service.memory_bytes_reserved, view.memory_bytes_reserved,
                view.record.memory_bytes) &&
           fits(service.nano_cpus_reserved, view.nano_cpus_reserved, view.record.nano_cpus);
}

bool same_account(const NodeTable& a, const NodeTable& b) {
    return std::equal(a.all().begin(), a.all().end(), b.all().begin(), b.all().end(),
                      [](const auto& x, const auto& y) {
                          const auto account = [](const NodeView& view) {
                              return std::tie(view.instances, view.memory_bytes_reserved,
                                              view.nano_cpus_reserved, view.ports,
                                              view.container_names);
                          };
                          return x.first == y.first && account(x.second) == account(y.second);
                      });
}

/// In the order the scheduler works in: service by service, slot by slot.
TEST(PlacementProperty, EveryInstanceGoesWhereItMay) {
    for_each_seed([](RandomCluster&, PlacementWorld& world) {
        NodeTable nodes = world.nodes;
        const PlacementResult result = world.place();
        Placed placed;
        for (const auto& [instance, node] : result.placed) {
            EXPECT_FALSE(world.kept.contains(instance)) << to_string(instance);
            EXPECT_TRUE(takes(world, placed, instance.service, *nodes.find(node)))
                << to_string(instance) << " on " << node.str();
            placed[instance] = node;
            nodes.occupy(node, world.app.services.at(instance.service));
        }
        EXPECT_TRUE(same_account(nodes, world.nodes));
    });
}

TEST(PlacementProperty, WhatHasNoNodeFitsOnNone) {
    for_each_seed([](RandomCluster&, PlacementWorld& world) {
        const PlacementResult result = world.place();
        std::set<InstanceId> unplaced;
        for (const Unplaced& each : result.unplaced) {
            EXPECT_TRUE(unplaced.insert(each.instance).second);
            EXPECT_FALSE(result.placed.contains(each.instance));
            for (const NodeRefusal& refusal : *each.refusals) {
                EXPECT_FALSE(refusal.reason.empty()) << text(result);
                if (world.together) continue;
                EXPECT_FALSE(takes(world, result.placed, each.instance.service,
                                   *world.nodes.find(refusal.node)))
                    << refusal.node.str() << " takes " << to_string(each.instance);
            }
        }
        for (const auto& [name, service] : world.app.services) {
            if (service.mode == DeployMode::global) continue;
            for (int slot = 1; slot <= service.replicas; ++slot) {
                const InstanceId instance{.service = name, .slot = slot};
                EXPECT_EQ(world.kept.contains(instance) + result.placed.contains(instance) +
                              unplaced.contains(instance),
                          1)
                    << to_string(instance);
            }
        }
    });
}

TEST(PlacementProperty, OneOfEachGlobalServiceWhereItMayBe) {
    for_each_seed([](RandomCluster&, PlacementWorld& world) {
        if (world.together) return;
        const PlacementResult result = world.place();
        for (const auto& [name, service] : world.app.services) {
            if (service.mode != DeployMode::global) continue;
            for (const auto& [node, view] : world.nodes.all()) {
                EXPECT_FALSE(takes(world, result.placed, name, view)) << node.str();
                int count = count_on(world, result.placed, name, node);
                for (const InstanceId& instance : result.surplus)
                    count -= instance.service == name && world.kept.at(instance) == node;
                EXPECT_LE(count, 1) << name << " on " << node.str();
                if (view.draining && view.alive) {
                    EXPECT_EQ(count, 0) << name << " on " << node.str();
                }
            }
        }
    });
}

TEST(PlacementProperty, TogetherIsTogether) {
    for_each_seed([](RandomCluster&, PlacementWorld& world) {
        if (!world.together) return;
        const PlacementResult result = world.place();
        std::set<NodeId> kept;
        for (const auto& [instance, node] : world.kept)
            kept.insert(node);
        std::set<NodeId> all = kept;
        for (const auto& [instance, node] : result.placed)
            all.insert(node);
        EXPECT_LE(all.size(), std::max<std::size_t>(1, kept.size())) << text(result);
        if (kept.empty()) {
            EXPECT_TRUE(result.placed.empty() || result.unplaced.empty());
        }
    });
}

/// The node that a look at every node finds best for strategy `spread`.
std::optional<NodeId> best_by_looking(const PlacementWorld& world, const NodeTable& nodes,
                                      const Placed& placed, const std::string& name) {
    const auto& spread_over = world.app.services.at(name).placement.spread_over;
    std::optional<std::pair<std::vector<std::tuple<int, std::string>>, NodeId>> best;
    for (const auto& [id, view] : nodes.all()) {
        if (!takes(world, placed, name, view)) continue;
        std::vector<std::tuple<int, std::string>> key;
        for (std::size_t level = 1; level <= spread_over.size(); ++level) {
            const auto same_group = [&](const NodeView& other) {
                return std::all_of(spread_over.begin(), spread_over.begin() + level,
                                   [&](const std::string& attribute) {
                                       return value_of(other.record, attribute) ==
                                              value_of(view.record, attribute);
                                   });
            };
            int count = 0;
            for (const auto& [other, other_view] : nodes.all())
                count += same_group(other_view) ? count_on(world, placed, name, other) : 0;
            key.emplace_back(count, value_of(view.record, spread_over[level - 1]));
        }
        key.emplace_back(count_on(world, placed, name, id), "");
        key.emplace_back(view.instances, "");
        if (!best || std::tie(key, id) < std::tie(best->first, best->second)) best.emplace(key, id);
    }
    return best ? std::optional(best->second) : std::nullopt;
}

TEST(PlacementProperty, SpreadFindsWhatLookingAtEveryNodeFinds) {
    for_each_seed([](RandomCluster&, PlacementWorld& world) {
        if (world.together) return;
        world.app.strategy = Strategy::spread;
        NodeTable nodes = world.nodes;
        const PlacementResult result = world.place();
        Placed placed;
        for (const auto& [instance, node] : result.placed) {
            const ServiceSpec& service = world.app.services.at(instance.service);
            if (service.mode == DeployMode::replicated) {
                ASSERT_EQ(best_by_looking(world, nodes, placed, instance.service), node)
                    << to_string(instance) << "\n"
                    << text(result);
            }
            placed[instance] = node;
            nodes.occupy(node, service);
        }
    });
}

/// The same cluster, as it may have come to be in another order.
NodeTable shuffled(const NodeTable& nodes, const PlacementWorld& world, std::mt19937& random) {
    std::vector<std::pair<NodeId, NodeView>> entries(nodes.all().begin(), nodes.all().end());
    std::shuffle(entries.begin(), entries.end(), random);
    NodeTable table;
    for (const auto& [id, view] : entries) {
        table.node(NodeId("passing"));
        (void)table.by_load();
        table.node(id) = view;
        for (const auto& [instance, node] : world.kept) {
            if (node == id) table.vacate(id, world.app.services.at(instance.service));
        }
    }
    table.erase(NodeId("passing"));
    std::vector<std::pair<InstanceId, NodeId>> kept(world.kept.begin(), world.kept.end());
    std::shuffle(kept.begin(), kept.end(), random);
    (void)table.by_load();
    for (const auto& [instance, node] : kept)
        table.occupy(node, world.app.services.at(instance.service));
    return table;
}

TEST(PlacementProperty, TheOrderOfTheInputDoesNotMatter) {
    for_each_seed([](RandomCluster& random, PlacementWorld& world) {
        PlacementWorld other = world;
        other.nodes = shuffled(world.nodes, world, random.random());
        ASSERT_TRUE(same_account(world.nodes, other.nodes));
        EXPECT_EQ(text(world.place()), text(other.place()));
    });
}

TEST(PlacementProperty, WhatIsPlacedIsKeptNextTime) {
    for_each_seed([](RandomCluster&, PlacementWorld& world) {
        PlacementResult first = world.place();
        for (const InstanceId& instance : first.surplus) {
            world.nodes.vacate(world.kept.at(instance), world.app.services.at(instance.service));
            world.kept.erase(instance);
        }
        world.kept.insert(first.placed.begin(), first.placed.end());
        first.surplus.clear();
        const PlacementResult second = world.place();
        // Room that a surplus instance left may be taken by one that had none.
        EXPECT_LE(second.unplaced.size(), first.unplaced.size());
        EXPECT_TRUE(second.surplus.empty()) << text(second);
        if (first.unplaced.empty()) {
            EXPECT_EQ(text(second), "");
        }
    });
}

TEST(PlacementProperty, EvenWhereNothingElseBinds) {
    for_each_seed([](RandomCluster& random, PlacementWorld&) {
        PlacementWorld world;
        const int count = random.between(1, 12);
        for (int i = 0; i < count; ++i)
            world.add_node("n" + std::to_string(i));
        for (int i = random.between(1, 5); i > 0; --i)
            world.add_service("s" + std::to_string(i), random.between(0, 40));
        const PlacementResult result = world.place();
        EXPECT_TRUE(result.unplaced.empty());
        std::vector<int> totals;
        for (const auto& [node, view] : world.nodes.all())
            totals.push_back(view.instances);
        const auto [fewest, most] = std::minmax_element(totals.begin(), totals.end());
        EXPECT_LE(*most - *fewest, 1) << text(result);
        for (const auto& [name, service] : world.app.services) {
            std::vector<int> counts;
            for (const auto& [node, view] : world.nodes.all())
                counts.push_back(count_on(world, result.placed, name, node));
            const auto [low, high] = std::minmax_element(counts.begin(), counts.end());
            EXPECT_LE(*high - *low, 1) << name << "\n" << text(result);
        }
    });
}

TEST(PlacementProperty, ExplainedIsWhatWouldHappen) {
    for_each_seed([](RandomCluster&, PlacementWorld& world) {
        if (world.together) return;
        for (const auto& [name, service] : world.app.services) {
            for (const NodeRefusal& refusal : world.explain(name)) {
                EXPECT_EQ(refusal.reason.empty(),
                          takes(world, {}, name, *world.nodes.find(refusal.node)))
                    << name << " on " << refusal.node.str() << ": " << refusal.reason;
            }
        }
    });
}

}  // namespace
}  // namespace nap::test
