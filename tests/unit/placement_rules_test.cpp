// Each rule that keeps an instance off a node, by itself.

#include <gtest/gtest.h>

#include <functional>

#include "support/placement_world.hpp"

namespace nap::test {
namespace {

TEST(PlacementRules, Constraints) {
    struct Case {
        Constraint constraint;
        std::string refusal;
    };
    const std::vector<Case> cases = {
        {{"node.hostname", true, "a"}, ""},
        {{"node.hostname", true, "A"}, ""},
        {{"node.hostname", true, "b"}, "node.hostname is a, not b"},
        {{"node.hostname", false, "a"}, "node.hostname is a, and must not be"},
        {{"node.hostname", false, "b"}, ""},
        {{"node.id", true, "engine-of-a"}, ""},
        {{"node.id", true, "engine-of-b"}, "node.id is engine-of-a, not engine-of-b"},
        {{"node.role", true, "manager"}, ""},
        {{"node.role", true, "worker"}, "node.role is manager, not worker"},
        {{"node.platform.os", true, "linux"}, ""},
        {{"node.platform.os", false, "linux"}, "node.platform.os is linux, and must not be"},
        {{"node.platform.arch", true, "amd64"}, ""},
        {{"node.platform.arch", true, "x86_64"}, ""},
        {{"node.platform.arch", true, "arm64"}, "node.platform.arch is amd64, not arm64"},
        {{"node.platform.arch", false, "x86_64"}, "node.platform.arch is amd64, and must not be"},
        {{"node.labels.zone", true, "north"}, ""},
        {{"node.labels.zone", true, "NORTH"}, ""},
        {{"NODE.Labels.zone", true, "north"}, ""},
        {{"node.labels.Zone", true, "north"}, "node.labels.Zone is not set, not north"},
        {{"node.labels.zone", true, "south"}, "node.labels.zone is north, not south"},
        {{"node.labels.zone", false, "south"}, ""},
        {{"node.labels.disk", true, "ssd"}, "node.labels.disk is not set, not ssd"},
        {{"node.labels.disk", false, "ssd"}, ""},
        {{"node.labels.disk", true, ""}, ""},
        {{"node.labels.gpu", true, "yes"}, "node.labels.gpu is not set, not yes"},
        {{"engine.labels.gpu", true, "yes"}, ""},
        {{"engine.labels.gpu", false, "yes"}, "engine.labels.gpu is yes, and must not be"},
    };
    for (const Case& each : cases) {
        PlacementWorld world;
        world.add_node("a", {{"zone", "north"}}).record.engine_labels["gpu"] = "yes";
        world.add_service("web").placement.constraints = {each.constraint};
        const std::string wanted = each.refusal.empty() ? "yes" : each.refusal;
        SCOPED_TRACE(each.constraint.attribute + (each.constraint.equal ? "==" : "!=") +
                     each.constraint.value);
        EXPECT_EQ(text(world.explain("web")), "a: " + wanted);
        EXPECT_EQ(text(world.place()),
                  each.refusal.empty() ? "web/1 on a\n" : "web/1 nowhere: a: " + wanted + "\n");
    }
}

TEST(PlacementRules, AllConstraintsMustHold) {
    PlacementWorld world;
    world.add_node("a", {{"zone", "north"}, {"disk", "ssd"}});
    world.add_node("b", {{"zone", "north"}});
    world.add_node("c", {{"disk", "ssd"}});
    world.add_service("web", 2).placement.constraints = {{"node.labels.zone", true, "north"},
                                                         {"node.labels.disk", true, "ssd"}};
    EXPECT_EQ(text(world.place()), "web/1 on a\nweb/2 on a\n");
}

TEST(PlacementRules, ANodeThatMayNotLeadIsAWorker) {
    PlacementWorld world;
    world.add_node("a");
    world.add_node("b").record.leads = false;
    world.add_service("web").placement.constraints = {{"node.role", true, "worker"}};
    EXPECT_EQ(text(world.place()), "web/1 on b\n");
}

TEST(PlacementRules, NodesThatTakeNothing) {
    PlacementWorld world;
    world.add_node("a").alive = false;
    NodeView& down = world.add_node("b");
    down.alive = false;
    down.record.state = "engine-down";
    world.add_node("c").draining = true;
    world.add_node("d");
    world.barred[NodeId("d")] = "not in the swarm";
    world.add_service("web");
    EXPECT_EQ(text(world.place()),
              "web/1 nowhere: a: gone; b: engine-down; c: draining; d: not in the swarm\n");
}

TEST(PlacementRules, NoNodesAtAll) {
    PlacementWorld world;
    world.add_service("web");
    EXPECT_EQ(text(world.place()), "web/1 nowhere: \n");
}

PortSpec port(std::uint16_t published, const std::string& host_ip = "",
              const std::string& protocol = "tcp") {
    return {.target = 80, .published = published, .host_ip = host_ip, .protocol = protocol};
}

TEST(PlacementRules, PortsOfTheHost) {
    struct Case {
        PortSpec taken;
        PortSpec wanted;
        std::string refusal;
    };
    const std::vector<Case> cases = {
        {port(80), port(80), "port 80/tcp is taken"},
        {port(80), port(81), ""},
        {port(80), port(80, "", "udp"), ""},
        {port(0), port(0), ""},
        {port(80), port(80, "10.0.0.1"), "port 10.0.0.1:80/tcp is taken"},
        {port(80, "10.0.0.1"), port(80), "port 80/tcp is taken"},
        {port(80, "10.0.0.1"), port(80, "0.0.0.0"), "port 80/tcp is taken"},
        {port(80, "0.0.0.0"), port(80, "10.0.0.1"), "port 10.0.0.1:80/tcp is taken"},
        {port(80, "10.0.0.1"), port(80, "10.0.0.2"), ""},
        {port(80, "10.0.0.2"), port(80, "10.0.0.2"), "port 10.0.0.2:80/tcp is taken"},
        {port(80, "::"), port(80), "port 80/tcp is taken"},
    };
    for (const Case& each : cases) {
        PlacementWorld world;
        world.add_node("a");
        ServiceSpec other;
        other.ports = {port(7, "", "udp"), each.taken, port(900)};
        world.nodes.occupy(NodeId("a"), other);
        world.add_service("web").ports = {each.wanted};
        SCOPED_TRACE(each.taken.host_ip + " against " + each.wanted.host_ip);
        EXPECT_EQ(text(world.explain("web")),
                  "a: " + (each.refusal.empty() ? "yes" : each.refusal));
        world.nodes.vacate(NodeId("a"), other);
        EXPECT_EQ(text(world.explain("web")), "a: yes");
    }
}

TEST(PlacementRules, ReplicasWithAFixedPortDoNotShareANode) {
    PlacementWorld world;
    world.add_node("a");
    world.add_node("b");
    world.add_service("web", 3).ports = {port(80)};
    EXPECT_EQ(text(world.place()),
              "web/1 on a\nweb/2 on b\n"
              "web/3 nowhere: a: port 80/tcp is taken; b: port 80/tcp is taken\n");
}

TEST(PlacementRules, ServicesOfOneAppDoNotShareAPort) {
    PlacementWorld world;
    world.add_node("a");
    world.add_node("b");
    world.add_service("api").ports = {port(80)};
    world.add_service("web").ports = {port(80)};
    EXPECT_EQ(text(world.place()), "api/1 on a\nweb/1 on b\n");
}

TEST(PlacementRules, ContainerNamesAreOncePerNode) {
    PlacementWorld world;
    world.add_node("a");
    world.add_node("b");
    ServiceSpec other;
    other.container_name = "db";
    world.nodes.occupy(NodeId("a"), other);
    world.add_service("db", 2).container_name = "db";
    EXPECT_EQ(text(world.place()),
              "db/1 on b\n"
              "db/2 nowhere: a: container name db is taken; b: container name db is taken\n");
}

TEST(PlacementRules, MaxReplicasPerNode) {
    PlacementWorld world;
    world.add_node("a");
    world.add_node("b");
    world.add_service("web", 5).placement.per_node_max = 2;
    world.keep("web", 1, "a");
    world.fill("b", 9);
    EXPECT_EQ(text(world.place()),
              "web/2 on b\nweb/3 on a\nweb/4 on b\n"
              "web/5 nowhere: a: has 2 of at most 2 for each node; "
              "b: has 2 of at most 2 for each node\n");
}

TEST(PlacementRules, ReservedMemory) {
    PlacementWorld world;
    world.add_node("a").record.memory_bytes = 1024 * mebibyte;
    world.add_node("b").record.memory_bytes = 600 * mebibyte;
    world.add_service("web", 4).memory_bytes_reserved = 512 * mebibyte;
    EXPECT_EQ(text(world.place()),
              "web/1 on a\nweb/2 on b\nweb/3 on a\n"
              "web/4 nowhere: a: memory: 0 MiB of 1024 MiB not reserved, 512 MiB needed; "
              "b: memory: 88 MiB of 600 MiB not reserved, 512 MiB needed\n");
}

TEST(PlacementRules, ReservedProcessors) {
    PlacementWorld world;
    world.add_node("a").record.nano_cpus = 2'000'000'000;
    world.add_service("web", 3).nano_cpus_reserved = 750'000'000;
    EXPECT_EQ(text(world.place()),
              "web/1 on a\nweb/2 on a\n"
              "web/3 nowhere: a: CPUs: 0.5 of 2 not reserved, 0.75 needed\n");
}

TEST(PlacementRules, WithoutCapacityOrReservationThereIsNoLimit) {
    PlacementWorld world;
    world.add_node("a");
    world.add_service("api", 2).memory_bytes_reserved = 1LL << 50;
    EXPECT_EQ(text(world.place()), "api/1 on a\napi/2 on a\n");

    PlacementWorld full;
    full.add_node("a").record.memory_bytes = 1;
    ServiceSpec big;
    big.memory_bytes_reserved = 100;
    full.nodes.occupy(NodeId("a"), big);
    full.add_service("web");
    EXPECT_EQ(text(full.place()), "web/1 on a\n");
}

TEST(PlacementRules, WhatIsUnplacedAlikeSharesItsReasons) {
    PlacementWorld world;
    world.add_node("a").draining = true;
    world.add_service("web", 1000);
    const PlacementResult result = world.place();
    ASSERT_EQ(result.unplaced.size(), 1000U);
    EXPECT_EQ(result.unplaced.front().refusals, result.unplaced.back().refusals);
}

TEST(PlacementRules, LocalDataStaysWithItsNode) {
    struct Case {
        std::string what;
        MountSpec mount;
        std::string driver;
        Sticky sticky;
        bool has_data;
        bool stays;
    };
    const MountSpec volume{.kind = MountKind::volume, .source = "data", .target = "/d"};
    const MountSpec bind{.kind = MountKind::bind, .source = "/srv", .target = "/d"};
    const MountSpec anonymous{.kind = MountKind::anonymous, .target = "/d"};
    const MountSpec tmpfs{.kind = MountKind::tmpfs, .target = "/d"};
    const MountSpec files{.kind = MountKind::project, .source = "conf", .target = "/d"};
    const std::vector<Case> cases = {
        {"volume", volume, "", Sticky::automatic, true, true},
        {"local volume", volume, "local", Sticky::automatic, true, true},
        {"volume of a driver", volume, "nfs", Sticky::automatic, false, false},
        {"bind", bind, "", Sticky::automatic, true, true},
        {"anonymous", anonymous, "", Sticky::automatic, false, false},
        {"tmpfs", tmpfs, "", Sticky::automatic, false, false},
        {"files of the app", files, "", Sticky::automatic, false, false},
        {"volume, never", volume, "", Sticky::never, true, false},
        {"anonymous, always", anonymous, "", Sticky::always, false, true},
    };
    for (const Case& each : cases) {
        SCOPED_TRACE(each.what);
        PlacementWorld world;
        world.app.volumes["data"].driver = each.driver;
        ServiceSpec& service = world.add_service("db");
        service.mounts = {each.mount};
        service.sticky = each.sticky;
        EXPECT_EQ(has_local_data(world.app, service), each.has_data);
        EXPECT_EQ(stays_with_node(world.app, service), each.stays);
    }
}

}  // namespace
}  // namespace nap::test
