// Which of the nodes that fit is chosen.

#include <gtest/gtest.h>

#include <set>

#include "support/placement_world.hpp"

namespace nap::test {
namespace {

TEST(PlacementChoice, NineOnThree) {
    PlacementWorld world;
    for (const char* name : {"c", "a", "b"})
        world.add_node(name);
    world.add_service("web", 9);
    EXPECT_EQ(text(world.place()),
              "web/1 on a\nweb/2 on b\nweb/3 on c\nweb/4 on a\nweb/5 on b\nweb/6 on c\n"
              "web/7 on a\nweb/8 on b\nweb/9 on c\n");
    EXPECT_EQ(world.nodes.find(NodeId("a"))->instances, 3);
}

TEST(PlacementChoice, FewestOfTheServiceBeforeFewestAtAll) {
    PlacementWorld world;
    for (const char* name : {"a", "b", "c"})
        world.add_node(name);
    world.fill("a", 5);
    world.fill("b", 2);
    world.fill("c", 1);
    world.add_service("web", 4);
    world.keep("web", 1, "c");
    EXPECT_EQ(text(world.place()), "web/2 on b\nweb/3 on a\nweb/4 on c\n");
}

TEST(PlacementChoice, KeptInstancesStayWhereTheyAre) {
    PlacementWorld world;
    world.add_node("a");
    world.add_node("b");
    world.add_service("web", 4);
    world.keep("web", 1, "a");
    world.keep("web", 2, "a");
    world.keep("web", 4, "a");
    EXPECT_EQ(text(world.place()), "web/3 on b\n");
    EXPECT_EQ(text(world.place()), "web/3 on b\n") << "the caller has not kept it yet";
    world.keep("web", 3, "b");
    EXPECT_EQ(text(world.place()), "");
}

TEST(PlacementChoice, AnInstanceKeptOnANodeThatIsGoneIsLeft) {
    PlacementWorld world;
    world.add_node("a");
    world.add_service("web", 2);
    world.keep("web", 1, "lost");
    EXPECT_EQ(text(world.place()), "web/2 on a\n");
    EXPECT_FALSE(world.nodes.find(NodeId("lost"))->open());
}

TEST(PlacementChoice, PreferenceBeforeLoad) {
    PlacementWorld world;
    world.add_node("a1", {{"zone", "a"}});
    world.add_node("a2", {{"zone", "a"}});
    world.add_node("a3", {{"zone", "a"}});
    world.add_node("b1", {{"zone", "b"}});
    world.fill("b1", 50);
    world.add_service("web", 6).placement.spread_over = {"node.labels.zone"};
    EXPECT_EQ(text(world.place()),
              "web/1 on a1\nweb/2 on b1\nweb/3 on a2\nweb/4 on b1\nweb/5 on a3\nweb/6 on b1\n");
}

TEST(PlacementChoice, NodesWithoutTheLabelAreOneGroup) {
    PlacementWorld world;
    world.add_node("a", {{"zone", "a"}});
    world.add_node("x");
    world.add_node("y");
    world.add_service("web", 4).placement.spread_over = {"node.labels.zone"};
    EXPECT_EQ(text(world.place()), "web/1 on x\nweb/2 on a\nweb/3 on y\nweb/4 on a\n");
}

TEST(PlacementChoice, TheFirstPreferenceOutweighsTheSecond) {
    PlacementWorld world;
    world.add_node("a1", {{"zone", "a"}, {"rack", "1"}});
    world.add_node("a2", {{"zone", "a"}, {"rack", "2"}});
    world.add_node("a3", {{"zone", "a"}, {"rack", "2"}});
    world.add_node("b1", {{"zone", "b"}, {"rack", "1"}});
    world.add_service("web", 8).placement.spread_over = {"node.labels.zone", "node.labels.rack"};
    EXPECT_EQ(text(world.place()),
              "web/1 on a1\nweb/2 on b1\nweb/3 on a2\nweb/4 on b1\n"
              "web/5 on a1\nweb/6 on b1\nweb/7 on a3\nweb/8 on b1\n");
}

TEST(PlacementChoice, AGroupThatIsFullLeavesTheRestToTheOthers) {
    PlacementWorld world;
    world.add_node("a", {{"zone", "a"}});
    world.add_node("b", {{"zone", "b"}}).record.memory_bytes = 100;
    ServiceSpec& web = world.add_service("web", 4);
    web.placement.spread_over = {"node.labels.zone"};
    web.memory_bytes_reserved = 100;
    EXPECT_EQ(text(world.place()), "web/1 on a\nweb/2 on b\nweb/3 on a\nweb/4 on a\n");
}

TEST(PlacementChoice, WhatIsOnADrainingNodeCountsForItsGroup) {
    PlacementWorld world;
    world.add_node("a1", {{"zone", "a"}}).draining = true;
    world.add_node("a2", {{"zone", "a"}});
    world.add_node("b", {{"zone", "b"}});
    world.add_service("web", 3).placement.spread_over = {"node.labels.zone"};
    world.keep("web", 1, "a1");
    EXPECT_EQ(text(world.place()), "web/2 on b\nweb/3 on a2\n");
}

TEST(PlacementChoice, BinpackFillsOneNodeAfterTheOther) {
    PlacementWorld world;
    for (const char* name : {"a", "b", "c"})
        world.add_node(name).record.memory_bytes = 100;
    world.app.strategy = Strategy::binpack;
    ServiceSpec first;
    first.memory_bytes_reserved = 40;
    world.nodes.occupy(NodeId("b"), first);
    world.fill("c", 1);
    world.add_service("web", 6).memory_bytes_reserved = 30;
    EXPECT_EQ(text(world.place()),
              "web/1 on b\nweb/2 on b\nweb/3 on c\nweb/4 on c\nweb/5 on c\nweb/6 on a\n");
}

TEST(PlacementChoice, BinpackWithoutReservationsGoesByInstances) {
    PlacementWorld world;
    for (const char* name : {"a", "b", "c"})
        world.add_node(name);
    world.fill("b", 1);
    world.app.strategy = Strategy::binpack;
    world.add_service("web", 3).placement.per_node_max = 2;
    EXPECT_EQ(text(world.place()), "web/1 on b\nweb/2 on b\nweb/3 on a\n");
}

TEST(PlacementChoice, RandomIsTheSameEveryTimeAndUsesAllNodes) {
    PlacementWorld world;
    for (const char* name : {"a", "b", "c", "d"})
        world.add_node(name);
    world.app.strategy = Strategy::random;
    world.add_service("web", 400);
    PlacementWorld again = world;
    const PlacementResult result = world.place();
    EXPECT_EQ(text(result), text(again.place()));
    std::map<NodeId, int> counts;
    for (const auto& [instance, node] : result.placed)
        counts[node] += 1;
    for (const auto& [node, count] : counts)
        EXPECT_GE(count, 70) << node.str();
    EXPECT_EQ(counts.size(), 4U);
    EXPECT_NE(counts.begin()->second, 100) << "spread, not random";
}

TEST(PlacementChoice, RandomTakesWhatFits) {
    PlacementWorld world;
    world.add_node("a");
    world.add_node("b");
    world.app.strategy = Strategy::random;
    world.add_service("web", 5).placement.per_node_max = 2;
    const PlacementResult result = world.place();
    EXPECT_EQ(result.placed.size(), 4U);
    EXPECT_EQ(result.unplaced.size(), 1U);
}

}  // namespace
}  // namespace nap::test
