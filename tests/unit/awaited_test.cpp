// What instances wait for that is on another node: the leader tells, the host waits.
#include <gtest/gtest.h>

#include "support/cluster_world.hpp"
#include "support/world.hpp"

namespace nap::test {
namespace {

const InstanceId web{"web", 1};
const InstanceId db{"db", 1};

AppSpec pair(DependencyCondition condition, int dbs = 1) {
    AppSpec spec;
    spec.services["db"] = {.image = "db:1", .replicas = dbs};
    spec.services["web"] = {
        .image = "web:1", .depends_on = {"db"}, .terms = {{"db", {.condition = condition}}}};
    return spec;
}

std::string told(const ClusterWorld& world, const std::string& node) {
    std::string text;
    for (const Peer& peer : world.order(node, "shop").peers)
        text += to_string(peer.instance) + " " + std::to_string(static_cast<int>(peer.progress)) +
                (peer.addresses.empty() ? "" : " with addresses") + "; ";
    return text;
}

class Awaited : public ::testing::Test {
  protected:
    void place(const AppSpec& spec) {
        world.put("shop", spec);
        world.plan();
        ASSERT_EQ(world.nodes_of("shop", web), std::vector<std::string>{"n1"});
        world.report_all();
        world.plan();
    }
    void publish(const std::string& node, const std::string& state, const std::string& health,
                 int exit_code = 0) {
        HostReport report = *world.report(node, "shop");
        for (InstanceReport& instance : report.instances) {
            instance.state = state;
            instance.health = health;
            instance.exit_code = exit_code;
        }
        world.publish(report);
        world.plan();
    }
    ClusterWorld world{{"n0", "n1"}};
};

TEST_F(Awaited, IsInTheFirstOrder) {
    world.put("shop", pair(DependencyCondition::healthy));
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: db/1; n1: web/1");
    EXPECT_EQ(told(world, "n1"), "db/1 1; ");
    EXPECT_EQ(told(world, "n0"), "");
}

TEST_F(Awaited, HealthIsToldOnceAndDoesNotFlap) {
    place(pair(DependencyCondition::healthy));
    publish("n0", "running", "starting");
    EXPECT_EQ(told(world, "n1"), "db/1 1; ");
    publish("n0", "running", "none");
    EXPECT_EQ(told(world, "n1"), "db/1 1; ") << "without a health check it is never healthy";
    publish("n0", "running", "healthy");
    EXPECT_EQ(told(world, "n1"), "db/1 2; ");
    const std::uint64_t serial = world.order("n1", "shop").serial;
    publish("n0", "running", "unhealthy");
    publish("n0", "running", "healthy");
    EXPECT_EQ(world.order("n1", "shop").serial, serial) << "what has been waited for is over";
}

TEST_F(Awaited, CompletionIsToldToo) {
    place(pair(DependencyCondition::completed));
    publish("n0", "exited", "none", 1);
    EXPECT_EQ(told(world, "n1"), "db/1 1; ");
    publish("n0", "exited", "none", 0);
    EXPECT_EQ(told(world, "n1"), "db/1 3; ");
}

TEST_F(Awaited, AlsoWhatHasNoNodeYet) {
    AppSpec spec = pair(DependencyCondition::healthy);
    spec.services["db"].placement.constraints = {{"node.labels.disk", true, "ssd"}};
    world.put("shop", spec);
    world.plan();
    ASSERT_EQ(world.nodes_of("shop", web).size(), 1U);
    EXPECT_EQ(told(world, world.nodes_of("shop", web).front()), "db/1 1; ");
}

TEST_F(Awaited, WhatIsMerelyStartedIsNot) {
    place(pair(DependencyCondition::started));
    EXPECT_EQ(told(world, "n1"), "");
    AppSpec spec = pair(DependencyCondition::healthy);
    spec.services["web"].terms["db"].required = false;
    world.put("shop", spec);
    world.plan();
    EXPECT_EQ(told(world, "n1"), "");
}

TEST_F(Awaited, OnlyThoseOnOtherNodes) {
    world.put("shop", pair(DependencyCondition::healthy, 2));
    world.plan();
    const std::string node = world.nodes_of("shop", web).front();
    const bool first_is_here = world.nodes_of("shop", db).front() == node;
    ASSERT_NE(world.nodes_of("shop", db), world.nodes_of("shop", {"db", 2}));
    EXPECT_EQ(told(world, node), first_is_here ? "db/2 1; " : "db/1 1; ");
}

TEST_F(Awaited, AnotherLeaderSaysTheSame) {
    place(pair(DependencyCondition::healthy));
    publish("n0", "running", "healthy");
    ASSERT_EQ(told(world, "n1"), "db/1 2; ");
    world.change_leader();
    world.plan();
    EXPECT_EQ(told(world, "n1"), "db/1 2; ");
}

TEST(AwaitedByHost, AFirstStartWaits) {
    World host;
    host.app = pair(DependencyCondition::healthy);
    host.app.app = AppId("shop");
    host.instances = {web};
    add_networks(host);
    add_images(host);
    const auto starts = [&] {
        return to_string(host.plan()).find("start-container web/1") != std::string::npos;
    };
    EXPECT_TRUE(starts()) << "nothing is known of an older leader's";
    host.peers = {{.instance = db, .name = "shop-db-1", .addresses = {}}};
    EXPECT_TRUE(starts());
    host.peers[0].progress = PeerProgress::pending;
    EXPECT_FALSE(starts());
    EXPECT_NE(to_string(host.plan())
                  .find("waiting web/1: waits for db/1, which is on another node, to be healthy"),
              std::string::npos);
    host.peers[0].progress = PeerProgress::completed;
    EXPECT_FALSE(starts());
    host.peers[0].progress = PeerProgress::healthy;
    EXPECT_TRUE(starts());
    host.app.services["web"].terms["db"].condition = DependencyCondition::completed;
    EXPECT_FALSE(starts());
    // What has run before is started again whatever became of the other.
    ObservedContainer ended = running_container(host, web, "w");
    ended.state = ContainerState::exited;
    ended.exit_code = 1;
    add_container(host, ended);
    EXPECT_TRUE(starts());
}

}  // namespace
}  // namespace nap::test
