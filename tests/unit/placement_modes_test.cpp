// Services on every node, and apps that must be on one.

#include <gtest/gtest.h>

#include "support/placement_world.hpp"

namespace nap::test {
namespace {

ServiceSpec& add_global(PlacementWorld& world, const std::string& name) {
    ServiceSpec& service = world.add_service(name);
    service.mode = DeployMode::global;
    return service;
}

TEST(PlacementGlobal, OneOnEveryNodeTheConstraintsAdmit) {
    PlacementWorld world;
    world.add_node("a", {{"disk", "ssd"}});
    world.add_node("b");
    world.add_node("c", {{"disk", "ssd"}});
    world.add_node("d", {{"disk", "ssd"}}).draining = true;
    world.add_node("e", {{"disk", "ssd"}}).alive = false;
    add_global(world, "log").placement.constraints = {{"node.labels.disk", true, "ssd"}};
    EXPECT_EQ(text(world.place()), "log/1 on a\nlog/2 on c\n");
}

TEST(PlacementGlobal, ANewNodeGetsAFreeSlot) {
    PlacementWorld world;
    for (const char* name : {"a", "b", "c", "d"})
        world.add_node(name);
    add_global(world, "log");
    world.keep("log", 1, "b");
    world.keep("log", 3, "d");
    EXPECT_EQ(text(world.place()), "log/2 on a\nlog/4 on c\n");
}

TEST(PlacementGlobal, OneWhoseNodeIsNotForItIsSurplus) {
    PlacementWorld world;
    world.add_node("a").draining = true;
    world.add_node("b", {{"disk", "hdd"}});
    world.add_node("c").alive = false;
    world.add_node("d", {{"disk", "ssd"}});
    world.add_node("e", {{"disk", "ssd"}});
    world.barred[NodeId("e")] = "not in the swarm";
    add_global(world, "log").placement.constraints = {{"node.labels.disk", true, "ssd"}};
    int slot = 0;
    for (const char* name : {"a", "b", "c", "d", "e", "gone"})
        world.keep("log", ++slot, name);
    world.keep("log", 7, "d");
    EXPECT_EQ(text(world.place()), "log/1 surplus\nlog/2 surplus\nlog/7 surplus\n");
}

TEST(PlacementGlobal, ANodeWithoutRoomIsSaidSo) {
    PlacementWorld world;
    world.add_node("a").record.memory_bytes = 10;
    world.add_node("b");
    world.add_node("c");
    world.barred[NodeId("b")] = "not in the swarm";
    add_global(world, "log").memory_bytes_reserved = mebibyte;
    EXPECT_EQ(text(world.place()),
              "log/3 on c\n"
              "log/1 nowhere: a: memory: 9.537e-06 MiB of 9.537e-06 MiB not reserved, 1 MiB "
              "needed\n"
              "log/2 nowhere: b: not in the swarm\n");
}

TEST(PlacementGlobal, Explained) {
    PlacementWorld world;
    world.add_node("a");
    world.add_node("b");
    add_global(world, "log");
    world.keep("log", 1, "a");
    EXPECT_EQ(text(world.explain("log")), "a: has its instance already; b: yes");
    EXPECT_EQ(text(world.explain("nothing")), "");
}

PortSpec port(std::uint16_t published) {
    return {.target = 80, .published = published};
}

PlacementWorld together_world() {
    PlacementWorld world;
    world.together = true;
    for (const char* name : {"a", "b", "c"})
        world.add_node(name);
    world.fill("a", 2);
    return world;
}

TEST(PlacementTogether, OnTheNodeThatAllFitOn) {
    PlacementWorld world = together_world();
    world.fill("c", 5);
    ServiceSpec other;
    other.ports = {port(80)};
    world.nodes.occupy(NodeId("b"), other);
    world.add_service("db");
    world.add_service("web", 1).ports = {port(80)};
    EXPECT_EQ(text(world.place()), "db/1 on a\nweb/1 on a\n");
}

TEST(PlacementTogether, ByStrategy) {
    PlacementWorld world = together_world();
    world.add_service("db", 2);
    world.app.strategy = Strategy::binpack;
    EXPECT_EQ(text(PlacementWorld(world).place()), "db/1 on a\ndb/2 on a\n");
    world.app.strategy = Strategy::spread;
    EXPECT_EQ(text(PlacementWorld(world).place()), "db/1 on b\ndb/2 on b\n");
    world.app.strategy = Strategy::random;
    const PlacementResult result = world.place();
    EXPECT_EQ(result.placed.begin()->second, result.placed.rbegin()->second);
}

TEST(PlacementTogether, AllOrNothing) {
    PlacementWorld world = together_world();
    world.nodes.node(NodeId("c")).draining = true;
    world.nodes.node(NodeId("a")).record.memory_bytes = 100;
    world.nodes.node(NodeId("b")).record.nano_cpus = 1'500'000'000;
    world.add_service("db").memory_bytes_reserved = 60;
    ServiceSpec& web = world.add_service("web", 2);
    web.memory_bytes_reserved = 30;
    web.nano_cpus_reserved = 1'000'000'000;
    const std::string why =
        "a: web/2: memory: 9.537e-06 MiB of 9.537e-05 MiB not reserved, 2.861e-05 MiB needed; "
        "b: web/2: CPUs: 0.5 of 1.5 not reserved, 1 needed; c: draining";
    EXPECT_EQ(text(world.explain("web")), why);
    EXPECT_EQ(text(world.place()), "db/1 nowhere: " + why + "\nweb/1 nowhere: " + why +
                                       "\nweb/2 nowhere: " + why + "\n");
    EXPECT_EQ(world.nodes.find(NodeId("a"))->instances, 2);
}

TEST(PlacementTogether, ReplicasWithAFixedPortCannotBe) {
    PlacementWorld world = together_world();
    world.add_service("web", 2).ports = {port(80)};
    EXPECT_EQ(world.place().unplaced.size(), 2U);
}

TEST(PlacementTogether, NewOnesFollowTheKept) {
    PlacementWorld world = together_world();
    world.add_service("db");
    world.add_service("web", 3).placement.per_node_max = 2;
    world.keep("db", 1, "a");
    EXPECT_EQ(text(world.place()),
              "web/1 on a\nweb/2 on a\n"
              "web/3 nowhere: a: has 2 of at most 2 for each node; "
              "b: the app is kept together on a; c: the app is kept together on a\n");
}

TEST(PlacementTogether, TheKeptMayBeOnANodeThatIsGone) {
    PlacementWorld world;
    world.together = true;
    world.add_node("a");
    world.add_service("db");
    world.add_service("web");
    world.keep("db", 1, "lost");
    EXPECT_EQ(text(world.place()),
              "web/1 nowhere: a: the app is kept together on lost; lost: gone\n");
}

TEST(PlacementTogether, KeptOnSeveralNodes) {
    PlacementWorld world = together_world();
    world.add_service("web", 3);
    world.keep("web", 1, "a");
    world.keep("web", 2, "b");
    const std::string why = "the app must be together and is on 2 nodes, a and b among them";
    EXPECT_EQ(text(world.place()),
              "web/3 nowhere: a: " + why + "; b: " + why + "; c: " + why + "\n");
    EXPECT_EQ(text(world.explain("web")), "a: " + why + "; b: " + why + "; c: " + why);
}

TEST(PlacementTogether, NothingMissingIsNothingSaid) {
    PlacementWorld world = together_world();
    world.add_service("web", 2);
    world.keep("web", 1, "a");
    world.keep("web", 2, "b");
    EXPECT_EQ(text(world.place()), "");
}

TEST(PlacementTogether, GlobalIsOnce) {
    PlacementWorld world = together_world();
    add_global(world, "log");
    world.add_service("web");
    EXPECT_EQ(text(world.place()), "log/1 on b\nweb/1 on b\n");
    world.keep("log", 4, "b");
    EXPECT_EQ(text(world.place()), "web/1 on b\n");
}

}  // namespace
}  // namespace nap::test
