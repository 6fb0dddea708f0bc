// What becomes of instances whose node drains or is lost.
#include <gtest/gtest.h>

#include "support/cluster_world.hpp"

namespace nap::test {
namespace {

constexpr milliseconds past_grace{1'001};

ClusterWorld nine_on_three() {
    ClusterWorld world({"n0", "n1", "n2"});
    world.put("shop", ClusterWorld::web(9));
    EXPECT_TRUE(world.converge());
    return world;
}

AppSpec with_data() {
    AppSpec spec = ClusterWorld::web(2);
    spec.volumes["data"] = {.name = "shop_data"};
    spec.services["web"].mounts = {{MountKind::volume, "data", "/data", false}};
    return spec;
}

bool says(const ClusterWorld& world, const std::string& app, const std::string& what) {
    return world.status(app).message.find(what) != std::string::npos;
}

TEST(Drain, TheNewCopyRunsBeforeTheOldOneGoes) {
    ClusterWorld world({"n0", "n1"});
    world.put("shop", ClusterWorld::web(2));
    ASSERT_TRUE(world.converge());
    world.drain({"n0"});
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: web/1-; n1: web/1 web/2");
    EXPECT_EQ(world.status("shop").phase, Phase::converging);
    EXPECT_EQ(world.status("shop").services.at("web").desired, 2);

    world.hosts.at(NodeId("n1")).fresh[AppId("shop")] = {{"web", 1}};
    world.report("n0", "shop");
    world.report("n1", "shop");
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: web/1-; n1: web/1 web/2") << "it is not healthy yet";
    world.hosts.at(NodeId("n1")).fresh.clear();
    world.report("n1", "shop");
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere; n1: web/1 web/2");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n1: web/1 web/2");
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(Drain, TakenBackTheMoveUnderWayIsFinishedAndNothingIsLost) {
    ClusterWorld world({"n0", "n1"});
    world.put("shop", ClusterWorld::web(2));
    ASSERT_TRUE(world.converge());
    world.drain({"n0"});
    world.plan();
    world.drain({});
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: web/1-; n1: web/1 web/2") << "one of them runs";
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n1: web/1 web/2");
}

TEST(Drain, TakenBackWhereNothingCouldGoChangesNothing) {
    ClusterWorld world({"n0"});
    world.put("shop", ClusterWorld::web(2));
    ASSERT_TRUE(world.converge());
    world.drain({"n0"});
    ASSERT_TRUE(world.converge());
    world.drain({});
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1 web/2");
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(Drain, WithNowhereToGoItStaysAndSaysWhy) {
    ClusterWorld world({"n0", "n1"});
    AppSpec spec = ClusterWorld::web(2);
    spec.services["web"].placement.per_node_max = 1;
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    world.drain({"n0"});
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: web/2");
    EXPECT_EQ(world.status("shop").phase, Phase::degraded);
    EXPECT_TRUE(says(world, "shop", "web/1 fits on no node: n0: draining"))
        << world.status("shop").message;
    EXPECT_EQ(world.status("shop").services.at("web").desired, 2);
    EXPECT_EQ(world.status("shop").services.at("web").healthy, 2);
    world.add_node("n2");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n1: web/2; n2: web/1");
}

TEST(Drain, WhatHasItsDataThereStaysAndTheStatusSaysSo) {
    ClusterWorld world({"n0", "n1"});
    world.put("shop", with_data());
    ASSERT_TRUE(world.converge());
    world.drain({"n0"});
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: web/2");
    EXPECT_TRUE(says(world, "shop", "web/1 stays on n0")) << world.status("shop").message;
    EXPECT_EQ(world.status("shop").phase, Phase::degraded);
    world.drain({});
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(Drain, WhatIsSickOnItsNewNodeKeepsTheOldCopy) {
    ClusterWorld world({"n0", "n1"});
    world.put("shop", ClusterWorld::web(1));
    ASSERT_TRUE(world.converge());
    world.drain({"n0"});
    world.hosts.at(NodeId("n1")).sick[AppId("shop")] = {{"web", 1}};
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1-; n1: web/1");
    EXPECT_EQ(world.status("shop").phase, Phase::degraded);
}

TEST(Drain, TheNewNodeLostBeforeItRanAnotherOneIsFound) {
    ClusterWorld world({"n0", "n1", "n2"});
    world.put("filler", ClusterWorld::web(5));
    world.put("shop", ClusterWorld::web(1));
    ASSERT_TRUE(world.converge());
    ASSERT_EQ(world.shares("shop"), "n2: web/1");
    world.drain({"n2"});
    world.plan();
    ASSERT_EQ(world.shares("shop"), "n1: web/1; n2: web/1-");
    world.lose("n1");
    world.plan();
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: elsewhere");
}

TEST(Failover, ALossShorterThanTheGraceMovesNothing) {
    ClusterWorld world = nine_on_three();
    const std::string before = world.shares("shop");
    world.lose("n0");
    world.plan();
    EXPECT_EQ(world.shares("shop"), before);
    EXPECT_TRUE(says(world, "shop", "node n0 is lost")) << world.status("shop").message;
    ASSERT_TRUE(world.state.next_due(world.now));
    EXPECT_EQ(*world.state.next_due(world.now), world.now + milliseconds(1'000));
    world.pass(milliseconds(999));
    world.plan();
    EXPECT_EQ(world.shares("shop"), before);
    world.bring_back("n0");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), before);
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(Failover, AfterTheGraceTheInstancesRunElsewhere) {
    ClusterWorld world = nine_on_three();
    world.lose("n0");
    world.plan();
    world.pass(past_grace);
    world.plan();
    EXPECT_EQ(world.shares("shop"),
              "n0: web/1- web/4- web/7-; n1: web/1 web/2 web/5 web/7 web/8; "
              "n2: web/3 web/4 web/6 web/9");
    EXPECT_TRUE(world.holds.empty());
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"),
              "n0: elsewhere; n1: web/1 web/2 web/5 web/7 web/8; n2: web/3 web/4 web/6 web/9");
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(Failover, AReturnedNodeEndsItsCopies) {
    ClusterWorld world = nine_on_three();
    world.lose("n0");
    world.plan();
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.hosts.at(NodeId("n0")).runs.at(AppId("shop")).size(), 3U);
    world.bring_back("n0");
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.has_order("n0", "shop"));
    EXPECT_FALSE(world.hosts.at(NodeId("n0")).runs.contains(AppId("shop")));
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(Failover, ANodeBackBeforeItsInstancesRunElsewhereLosesThemOnlyThen) {
    ClusterWorld world = nine_on_three();
    world.lose("n0");
    world.plan();
    world.pass(past_grace);
    world.plan();
    world.bring_back("n0");
    world.report("n0", "shop");
    world.plan();
    EXPECT_EQ(world.order("n0", "shop").instances.size(), 3U);
    EXPECT_EQ(world.order("n0", "shop").leaving.size(), 3U);
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.has_order("n0", "shop"));
}

TEST(Failover, AnAppWhoseManifestIsInvalidNowGoesOnAsItLastWas) {
    ClusterWorld world = nine_on_three();
    const RevisionId revision = world.order("n0", "shop").revision;
    world.put_broken("shop");
    ASSERT_TRUE(world.converge());
    world.lose("n0");
    world.plan();
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.order("n1", "shop").instances.size(), 5U);
    EXPECT_EQ(world.order("n1", "shop").revision, revision);
    EXPECT_EQ(world.status("shop").phase, Phase::invalid);
    EXPECT_EQ(world.status("shop").services.at("web").healthy, 9);
}

TEST(Failover, AnotherLeaderGoesOnWithTheLastGoodRevision) {
    ClusterWorld world = nine_on_three();
    world.put_broken("shop");
    ASSERT_TRUE(world.converge());
    world.lose("n0");
    world.change_leader();
    world.plan();
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.order("n1", "shop").instances.size(), 5U);
}

TEST(Failover, WhatHasItsDataOnTheLostNodeWaitsForIt) {
    ClusterWorld world({"n0", "n1", "n2"});
    world.put("shop", with_data());
    ASSERT_TRUE(world.converge());
    world.lose("n0");
    world.plan();
    world.pass(milliseconds(60'000));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: web/2");
    EXPECT_TRUE(says(world, "shop", "node n0 is lost")) << world.status("shop").message;
    EXPECT_TRUE(says(world, "shop", "web/1 stays on n0")) << world.status("shop").message;
    world.bring_back("n0");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(Failover, AnEngineThatIsDownIsALoss) {
    ClusterWorld world = nine_on_three();
    world.set_engine("n0", false);
    world.plan();
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.order("n1", "shop").instances.size(), 5U);
    world.set_engine("n0", true);
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.has_order("n0", "shop"));
}

TEST(Failover, ANodeThatWasNeverSeenCountsFromWhenItIsMissed) {
    ClusterWorld world = nine_on_three();
    world.lose("n0");
    world.change_leader();
    world.plan();
    EXPECT_EQ(world.order("n0", "shop").leaving.size(), 0U);
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop").substr(0, 14), "n0: elsewhere;");
}

TEST(Failover, ANodeThatGoesForGoodIsForgottenOnceNothingIsAssignedToIt) {
    ClusterWorld world({"n0", "n1"});
    world.put("shop", ClusterWorld::web(1));
    ASSERT_TRUE(world.converge());
    world.lose("n1");
    world.plan();
    EXPECT_FALSE(world.state.nodes().find(NodeId("n1")));
    EXPECT_FALSE(world.state.next_due(world.now));
}

}  // namespace
}  // namespace nap::test
