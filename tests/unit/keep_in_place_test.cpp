// Where instances go when an app comes, changes, grows or shrinks: what runs stays.
#include <gtest/gtest.h>

#include "support/cluster_world.hpp"

namespace nap::test {
namespace {

ClusterWorld nine_on_three() {
    ClusterWorld world({"n0", "n1", "n2"});
    world.put("shop", ClusterWorld::web(9));
    EXPECT_TRUE(world.converge());
    return world;
}

AppSpec global_web() {
    AppSpec spec = ClusterWorld::web();
    spec.services["web"].mode = DeployMode::global;
    return spec;
}

constexpr const char* three_each =
    "n0: web/1 web/4 web/7; n1: web/2 web/5 web/8; n2: web/3 web/6 web/9";

TEST(KeepInPlace, NineReplicasAreSpreadThreeEach) {
    const ClusterWorld world = nine_on_three();
    EXPECT_EQ(world.shares("shop"), three_each);
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
    EXPECT_EQ(world.status("shop").services.at("web"),
              (ServiceCounts{.desired = 9, .running = 9, .healthy = 9}));
}

TEST(KeepInPlace, TheSameTextPutAgainMovesNothing) {
    ClusterWorld world = nine_on_three();
    const std::uint64_t index = world.put("shop", ClusterWorld::web(9), "same");
    ASSERT_TRUE(world.converge());
    const std::uint64_t next = world.put("shop", ClusterWorld::web(9), "same");
    ASSERT_NE(index, next);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), three_each);
    EXPECT_EQ(world.order("n2", "shop").manifest_index, next);
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
    EXPECT_EQ(world.status("shop").modify_index, next);
}

TEST(KeepInPlace, AnotherImageMovesNothing) {
    ClusterWorld world = nine_on_three();
    AppSpec spec = ClusterWorld::web(9);
    spec.services["web"].image = "web:2";
    world.put("shop", spec, "two");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), three_each);
    EXPECT_EQ(world.order("n1", "shop").revision, RevisionId("two"));
    const Manifest manifest = world.orders.at({NodeId("n1"), AppId("shop")}).manifest;
    EXPECT_EQ(manifest->spec->services.at("web").image, "web:2");
}

TEST(KeepInPlace, AnotherLeaderMovesNothing) {
    ClusterWorld world = nine_on_three();
    world.change_leader();
    EXPECT_EQ(world.plan().size(), 0U);
    EXPECT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), three_each);
}

TEST(KeepInPlace, FewerReplicasTakeTheHighestSlots) {
    ClusterWorld world = nine_on_three();
    world.put("shop", ClusterWorld::web(4));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1 web/4; n1: web/2; n2: web/3");
    world.put("shop", ClusterWorld::web(1));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1") << "nodes with nothing left are done with it";
}

TEST(KeepInPlace, ScaledDownToNothingItIsConverged) {
    ClusterWorld world = nine_on_three();
    world.put("shop", ClusterWorld::web(0));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "");
    EXPECT_EQ(world.status("shop").phase, Phase::converged) << world.status("shop").message;
    EXPECT_EQ(world.status("shop").services.at("web"), ServiceCounts{});
    world.put("shop", ClusterWorld::web(1));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1");
}

TEST(KeepInPlace, ANodeWithNothingLeftIsToldThatTheAppLivesOn) {
    ClusterWorld world = nine_on_three();
    world.put("shop", ClusterWorld::web(1));
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: elsewhere; n2: elsewhere");
}

TEST(KeepInPlace, MoreReplicasLeaveTheOthersWhereTheyAre) {
    ClusterWorld world = nine_on_three();
    world.add_node("n3");
    world.put("shop", ClusterWorld::web(12));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), std::string(three_each) + "; n3: web/10 web/11 web/12");
}

TEST(KeepInPlace, AServiceThatGoesTakesItsInstances) {
    ClusterWorld world({"n0", "n1"});
    AppSpec spec = ClusterWorld::web(2);
    spec.services["db"] = {.image = "db:1"};
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    ASSERT_EQ(world.shares("shop"), "n0: db/1 web/2; n1: web/1");
    world.put("shop", ClusterWorld::web(2));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/2; n1: web/1");
    EXPECT_FALSE(world.status("shop").services.contains("db"));
}

TEST(KeepInPlace, ANewNodeGetsNothingThatRunsElsewhere) {
    ClusterWorld world = nine_on_three();
    world.add_node("n3");
    EXPECT_TRUE(world.plan().empty());
}

TEST(KeepInPlace, WhatDoesNotFitIsSaidAndComesOnceItDoes) {
    ClusterWorld world({"n0"});
    AppSpec spec = ClusterWorld::web(2);
    spec.services["web"].placement.per_node_max = 1;
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.status("shop").phase, Phase::degraded);
    EXPECT_NE(world.status("shop").message.find("web/2 fits on no node: n0: "), std::string::npos)
        << world.status("shop").message;
    EXPECT_EQ(world.status("shop").services.at("web").desired, 2);
    world.add_node("n1");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: web/2");
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(KeepInPlace, GlobalIsOneForEachNodeAlsoForOneThatJoins) {
    ClusterWorld world({"n0", "n1"});
    world.put("shop", global_web());
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: web/2");
    world.add_node("n2");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: web/2; n2: web/3");
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(KeepInPlace, GlobalLeavesADrainingNodeAndComesBack) {
    ClusterWorld world({"n0", "n1"});
    world.put("shop", global_web());
    ASSERT_TRUE(world.converge());
    world.drain({"n0"});
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n1: web/2");
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
    EXPECT_EQ(world.status("shop").services.at("web").desired, 1);
    world.drain({});
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: web/2");
}

TEST(KeepInPlace, GlobalStaysWithALostNode) {
    ClusterWorld world({"n0", "n1", "n2"});
    world.put("shop", global_web());
    ASSERT_TRUE(world.converge());
    world.lose("n1");
    world.plan();
    world.pass(milliseconds(60'000));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: web/2; n2: web/3");
    EXPECT_EQ(world.status("shop").phase, Phase::degraded);
    world.bring_back("n1");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(KeepInPlace, ABrokenManifestKeepsEveryInstanceWhereItIs) {
    ClusterWorld world = nine_on_three();
    world.put_broken("shop");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), three_each);
    EXPECT_EQ(world.status("shop").phase, Phase::invalid);
    EXPECT_EQ(world.status("shop").services.at("web").healthy, 9);
}

TEST(KeepInPlace, AnOrderThatIsLostIsWrittenAgainForWhoFollowsIt) {
    ClusterWorld world = nine_on_three();
    world.orders.erase({NodeId("n1"), AppId("shop")});
    world.read_own_writes();
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), three_each);
}

TEST(KeepInPlace, AfterALossOfAllOrdersHostsGoOnWithWhatTheyHad) {
    ClusterWorld world({"n0", "n1", "n2"});
    world.put("other", ClusterWorld::web(2));
    world.put("shop", ClusterWorld::web(4));
    ASSERT_TRUE(world.converge());
    const std::string before = world.shares("shop");
    ASSERT_EQ(before, "n0: web/2; n1: web/3; n2: web/1 web/4");
    world.orders.clear();
    world.statuses.clear();
    world.change_leader();
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), before);
}

TEST(KeepInPlace, WhatAForgottenHostHasTooManyGoes) {
    ClusterWorld world = nine_on_three();
    world.orders.erase({NodeId("n1"), AppId("shop")});
    world.put("shop", ClusterWorld::web(1));
    world.read_own_writes();
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1");
    EXPECT_TRUE(world.hosts.at(NodeId("n1")).runs.empty()) << "told outright";
}

}  // namespace
}  // namespace nap::test
