#include "reconciler/rebalance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "support/random_cluster.hpp"

namespace nap::test {
namespace {

std::string text(const std::vector<Move>& moves) {
    std::string lines;
    for (const Move& move : moves) {
        lines += move.app.str() + "/" + to_string(move.instance) + ": " + move.from.str() + " to " +
                 move.to.str() + "\n";
    }
    return lines;
}

std::vector<Move> rebalance(const PlacementWorld& world, std::size_t moves_max = 100) {
    const std::map<AppId, const AppSpec*> apps = {{world.app.app, &world.app}};
    const std::map<AppId, Placed> placed = {{world.app.app, world.kept}};
    return plan_rebalance({.apps = apps,
                           .placed = placed,
                           .moves_max = moves_max,
                           .barred = {{world.app.app, world.barred}}},
                          world.nodes);
}

void carry_out(const std::vector<Move>& moves, PlacementWorld& world) {
    for (const Move& move : moves) {
        const ServiceSpec& service = world.app.services.at(move.instance.service);
        world.nodes.vacate(move.from, service);
        world.nodes.occupy(move.to, service);
        world.kept.at(move.instance) = move.to;
    }
}

/// Six of `web` on two nodes, and a node that has just joined.
PlacementWorld joined_world() {
    PlacementWorld world;
    world.add_node("a");
    world.add_node("b");
    world.add_service("web", 6);
    for (int slot = 1; slot <= 6; ++slot)
        world.keep("web", slot, slot % 2 == 1 ? "a" : "b");
    world.add_node("c");
    return world;
}

TEST(Rebalance, ANodeThatJoinedGetsItsShare) {
    const PlacementWorld world = joined_world();
    EXPECT_EQ(text(rebalance(world)), "shop/web/5: a to c\nshop/web/6: b to c\n");
    EXPECT_EQ(text(rebalance(world, 1)), "shop/web/5: a to c\n");
    EXPECT_EQ(text(rebalance(world, 0)), "");
}

TEST(Rebalance, EvenNodesAreLeft) {
    PlacementWorld world = joined_world();
    carry_out(rebalance(world), world);
    EXPECT_EQ(text(rebalance(world)), "");
}

TEST(Rebalance, WhatIsNeverMoved) {
    const std::map<std::string, std::function<void(PlacementWorld&, ServiceSpec&)>> cases = {
        {"sticky", [](auto&, ServiceSpec& web) { web.sticky = Sticky::always; }},
        {"bind",
         [](auto&, ServiceSpec& web) {
             web.mounts = {{.kind = MountKind::bind, .source = "/srv", .target = "/srv"}};
         }},
        {"volume that may be left behind on loss",
         [](PlacementWorld& world, ServiceSpec& web) {
             world.app.volumes["data"] = {};
             web.mounts = {{.source = "data", .target = "/srv"}};
             web.sticky = Sticky::never;
         }},
        {"colocated", [](PlacementWorld& world, auto&) { world.app.colocate = true; }},
        {"global", [](auto&, ServiceSpec& web) { web.mode = DeployMode::global; }},
        {"binpack", [](PlacementWorld& world, auto&) { world.app.strategy = Strategy::binpack; }},
        {"constraint",
         [](auto&, ServiceSpec& web) {
             web.placement.constraints = {{"node.hostname", false, "c"}};
         }},
        {"barred", [](PlacementWorld& world, auto&) { world.barred[NodeId("c")] = "barred"; }},
        {"draining",
         [](PlacementWorld& world, auto&) { world.nodes.node(NodeId("c")).draining = true; }},
    };
    for (const auto& [what, change] : cases) {
        SCOPED_TRACE(what);
        PlacementWorld world = joined_world();
        change(world, world.app.services.at("web"));
        EXPECT_EQ(text(rebalance(world)), "");
    }
}

TEST(Rebalance, AppsThatAreNotGivenAreLeft) {
    const PlacementWorld world = joined_world();
    const std::map<AppId, const AppSpec*> none;
    const std::map<AppId, Placed> placed = {{world.app.app, world.kept}};
    EXPECT_EQ(text(plan_rebalance({.apps = none, .placed = placed, .moves_max = 9}, world.nodes)),
              "");
}

TEST(Rebalance, TheNewNodeTakesNoMoreThanFits) {
    PlacementWorld world = joined_world();
    world.app.services.at("web").memory_bytes_reserved = 10;
    world.nodes.node(NodeId("c")).record.memory_bytes = 15;
    EXPECT_EQ(text(rebalance(world)), "shop/web/5: a to c\n");
}

TEST(Rebalance, ReplicasAreNotPutOnOneNodeToEvenOutNodes) {
    PlacementWorld world;
    world.add_node("a");
    world.add_node("b");
    world.add_service("web", 2);
    world.keep("web", 1, "a");
    world.keep("web", 2, "b");
    world.fill("a", 5);
    EXPECT_EQ(text(rebalance(world)), "");
}

TEST(Rebalance, GroupsOfPreferencesFirst) {
    PlacementWorld world;
    world.add_node("a1", {{"zone", "a"}});
    world.add_node("a2", {{"zone", "a"}});
    world.add_service("web", 4).placement.spread_over = {"node.labels.zone"};
    for (int slot = 1; slot <= 4; ++slot)
        world.keep("web", slot, slot % 2 == 1 ? "a1" : "a2");
    world.add_node("b", {{"zone", "b"}});
    world.fill("b", 20);
    EXPECT_EQ(text(rebalance(world)), "shop/web/3: a1 to b\nshop/web/4: a2 to b\n");
}

TEST(Rebalance, TheMostUnevenServiceFirst) {
    PlacementWorld world;
    world.add_node("a");
    world.add_service("api", 2);
    world.add_service("web", 5);
    for (int slot = 1; slot <= 2; ++slot)
        world.keep("api", slot, "a");
    for (int slot = 1; slot <= 5; ++slot)
        world.keep("web", slot, "a");
    world.add_node("b");
    EXPECT_EQ(text(rebalance(world)),
              "shop/web/5: a to b\nshop/web/4: a to b\nshop/api/2: a to b\n");
}

TEST(Rebalance, NodesThatAreGoneOrDrainedAreNotItsBusiness) {
    for (const bool draining : {false, true}) {
        PlacementWorld world;
        NodeView& a = world.add_node("a");
        (draining ? a.draining : a.alive) = draining;
        world.add_node("b");
        world.add_service("web", 4);
        for (int slot = 1; slot <= 4; ++slot)
            world.keep("web", slot, "a");
        EXPECT_EQ(text(rebalance(world)), "");
    }
}

constexpr unsigned seeds = 1500;

/// A cluster on which a placement has been made, and to which nodes were added since.
PlacementWorld grown_world(RandomCluster& random) {
    PlacementWorld world = random.make();
    world.together = false;
    const Placed placed = world.place().placed;
    world.kept.insert(placed.begin(), placed.end());
    for (int i = random.between(0, 3); i > 0; --i)
        world.add_node("new" + std::to_string(i), {{"zone", i == 1 ? "a" : "new"}});
    return world;
}

/// Each move is one the scheduler could have made.
void expect_allowed(const std::vector<Move>& moves, PlacementWorld world) {
    std::set<InstanceId> moved;
    for (const Move& move : moves) {
        EXPECT_TRUE(moved.insert(move.instance).second) << "twice: " << text(moves);
        ASSERT_EQ(world.kept.at(move.instance), move.from);
        EXPECT_TRUE(world.nodes.find(move.from)->open());
        const NodeRefusals refusals = world.explain(move.instance.service);
        const auto to = std::find_if(refusals.begin(), refusals.end(),
                                     [&](const auto& each) { return each.node == move.to; });
        ASSERT_NE(to, refusals.end());
        EXPECT_EQ(to->reason, "") << text(std::vector{move});
        carry_out(std::vector{move}, world);
    }
}

TEST(RebalanceProperty, MovesAreAllowedAndComeToAnEnd) {
    std::size_t all_moves = 0;
    for (unsigned seed = 0; seed < seeds && !HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomCluster random(seed);
        PlacementWorld world = grown_world(random);
        const std::size_t moves_max = static_cast<std::size_t>(random.between(1, 4));
        std::size_t count = 0;
        // With at most 48 instances, more moves than this would be going round in circles.
        while (count <= 200) {
            const std::vector<Move> moves = rebalance(world, moves_max);
            ASSERT_LE(moves.size(), moves_max);
            if (moves.empty()) break;
            expect_allowed(moves, world);
            carry_out(moves, world);
            count += moves.size();
        }
        EXPECT_LE(count, 200U);
        all_moves += count;
    }
    EXPECT_GT(all_moves, seeds);
}

TEST(RebalanceProperty, EvenWhereNothingElseBinds) {
    for (unsigned seed = 0; seed < seeds && !HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomCluster random(seed);
        PlacementWorld world;
        const int nodes = random.between(1, 8);
        for (int i = 0; i < nodes; ++i)
            world.add_node("n" + std::to_string(i));
        for (int service = random.between(1, 5); service > 0; --service) {
            const std::string name = "s" + std::to_string(service);
            const int replicas = world.add_service(name, random.between(0, 20)).replicas;
            for (int slot = 1; slot <= replicas; ++slot)
                world.keep(name, slot, "n" + std::to_string(random.between(0, nodes - 1)));
        }
        for (int round = 0; round < 50; ++round)
            carry_out(rebalance(world, 10), world);
        EXPECT_EQ(text(rebalance(world)), "");
        const auto less = [](const auto& a, const auto& b) {
            return a.second.instances < b.second.instances;
        };
        const auto& all = world.nodes.all();
        const auto [fewest, most] = std::minmax_element(all.begin(), all.end(), less);
        EXPECT_LE(most->second.instances - fewest->second.instances, 1);
        for (const auto& [name, service] : world.app.services) {
            std::map<NodeId, int> counts;
            for (const auto& [node, view] : all)
                counts[node] = 0;
            for (const auto& [instance, node] : world.kept)
                counts[node] += instance.service == name;
            const auto [low, high] = std::minmax_element(
                counts.begin(), counts.end(),
                [](const auto& a, const auto& b) { return a.second < b.second; });
            EXPECT_LE(high->second - low->second, 1) << name;
        }
    }
}

}  // namespace
}  // namespace nap::test
