// One app on few nodes: how orders and status follow its manifest and the reports.
#include "reconciler/cluster_plan.hpp"

#include <gtest/gtest.h>

#include "support/cluster_world.hpp"

namespace nap::test {
namespace {

/// One node that runs one revision of `shop`, well.
ClusterWorld running_shop(int replicas = 1) {
    ClusterWorld world({"n0"});
    world.put("shop", ClusterWorld::web(replicas));
    EXPECT_TRUE(world.converge());
    return world;
}

TEST(ClusterPlan, ANewAppIsAssignedThenConverges) {
    ClusterWorld world({"n0"});
    const std::uint64_t index = world.put("shop", ClusterWorld::web(2), "one");
    EXPECT_EQ(world.plan().size(), 2U);
    EXPECT_EQ(world.order("n0", "shop").instances.size(), 2U);
    EXPECT_EQ(world.order("n0", "shop").manifest_index, index);
    EXPECT_EQ(world.orders.at({NodeId("n0"), AppId("shop")}).manifest->text.text, "one");
    EXPECT_EQ(world.status("shop").phase, Phase::converging);
    EXPECT_EQ(world.status("shop").services.at("web").desired, 2);
    EXPECT_EQ(world.plan().size(), 0U) << "the same again writes nothing";
    world.report("n0", "shop");
    EXPECT_EQ(world.plan().size(), 1U);
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
    EXPECT_EQ(world.status("shop").services.at("web").healthy, 2);
    EXPECT_EQ(world.plan().size(), 0U);
}

TEST(ClusterPlan, BeforeTheFirstNodeIsThereAnAppWaitsWithoutComplaint) {
    ClusterWorld world;
    world.put("shop", ClusterWorld::web(2));
    world.plan();
    EXPECT_EQ(world.status("shop").phase, Phase::converging);
    EXPECT_EQ(world.status("shop").message, "no node is ready to run it");
    world.add_node("n0");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1 web/2");
}

TEST(ClusterPlan, WhatMakesHostsActGoesFirst) {
    ClusterWorld world({"n0"});
    world.put("shop", ClusterWorld::web());
    const auto actions = world.plan();
    ASSERT_EQ(actions.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<WriteAssignment>(actions[0]));
}

TEST(ClusterPlan, AReportOfAnOlderRevisionDoesNotConverge) {
    ClusterWorld world = running_shop();
    world.put("shop", ClusterWorld::web(), "two");
    world.plan();
    EXPECT_EQ(world.order("n0", "shop").revision, RevisionId("two"));
    EXPECT_EQ(world.status("shop").phase, Phase::converging);
}

TEST(ClusterPlan, ABrokenManifestChangesNothingThatRuns) {
    ClusterWorld world = running_shop();
    const Assignment before = world.order("n0", "shop");
    world.put_broken("shop");
    EXPECT_EQ(world.plan().size(), 1U);
    EXPECT_EQ(world.order("n0", "shop"), before);
    EXPECT_EQ(world.status("shop").phase, Phase::invalid);
    EXPECT_EQ(world.status("shop").errors.size(), 1U);
    EXPECT_EQ(world.status("shop").modify_index, 6U);
}

TEST(ClusterPlan, RemovalIsSaidAndConfirmed) {
    ClusterWorld world = running_shop();
    world.remove("shop");
    world.plan();
    EXPECT_TRUE(world.order("n0", "shop").remove);
    EXPECT_FALSE(world.order("n0", "shop").elsewhere);
    EXPECT_TRUE(world.order("n0", "shop").instances.empty());
    EXPECT_EQ(world.plan().size(), 0U) << "an old report confirms nothing";
    HostReport report = *world.report("n0", "shop");
    report.settled = false;
    world.publish(report);
    world.plan();
    EXPECT_EQ(world.orders.size(), 1U);
    EXPECT_TRUE(world.converge());
    EXPECT_TRUE(world.orders.empty());
    EXPECT_TRUE(world.statuses.empty());
    EXPECT_TRUE(world.state.apps().empty());
}

bool is_withdrawal(const ClusterAction& action) {
    const auto* assign = std::get_if<WriteAssignment>(&action);
    return assign != nullptr && assign->without_manifest;
}

TEST(ClusterPlan, OnlyTheRemovalOfAnAppNeedsItsManifestToBeGone) {
    ClusterWorld world = running_shop();
    world.put("shop", ClusterWorld::web(0), "none");
    const auto scaled = world.plan();
    EXPECT_TRUE(world.order("n0", "shop").remove);
    EXPECT_EQ(std::count_if(scaled.begin(), scaled.end(), is_withdrawal), 0);
    EXPECT_TRUE(world.converge());
    EXPECT_EQ(world.status("shop").phase, Phase::converged) << "nothing is what it wants";
    world.put("shop", ClusterWorld::web(1), "one");
    EXPECT_TRUE(world.converge());
    world.remove("shop");
    const auto removed = world.plan();
    EXPECT_EQ(std::count_if(removed.begin(), removed.end(), is_withdrawal), 1);
}

TEST(ClusterPlan, AnUntrustedAbsenceRemovesNothing) {
    ClusterWorld world = running_shop();
    const Assignment before = world.order("n0", "shop");
    world.remove("shop");
    world.distrust("the sentinel is missing");
    world.plan();
    EXPECT_EQ(world.order("n0", "shop"), before);
    EXPECT_EQ(world.status("shop").phase, Phase::held);
    EXPECT_EQ(world.plan().size(), 0U);
}

TEST(ClusterPlan, AnUntrustedAbsenceKeepsEvenTheStatusOfWhatNeverRan) {
    ClusterWorld world({"n0"});
    world.put_broken("shop");
    world.plan();
    world.remove("shop");
    world.distrust("the token may not read it");
    world.plan();
    EXPECT_EQ(world.status("shop").phase, Phase::invalid);
    world.distrust("");
    world.plan();
    EXPECT_TRUE(world.statuses.empty());
}

TEST(ClusterPlan, AnotherEpochAloneRewritesNothing) {
    ClusterWorld world = running_shop();
    world.change_leader();
    EXPECT_EQ(world.plan().size(), 0U);
    world.put("shop", ClusterWorld::web());
    world.plan();
    EXPECT_EQ(world.order("n0", "shop").epoch, 2U);
}

TEST(ClusterPlan, WithoutANodeItSaysSo) {
    ClusterWorld world;
    world.put("shop", ClusterWorld::web());
    world.plan();
    EXPECT_TRUE(world.orders.empty());
    EXPECT_NE(world.status("shop").message.find("no node"), std::string::npos)
        << world.status("shop").message;
}

TEST(ClusterPlan, AnAppStaysWhereItIsAndANewOneGoesWhereLeastRuns) {
    ClusterWorld world = running_shop(3);
    world.add_node("n1");
    world.put("shop", ClusterWorld::web(3));
    world.plan();
    EXPECT_EQ(world.orders.size(), 1U);
    world.put("blog", ClusterWorld::web());
    world.plan();
    EXPECT_TRUE(world.has_order("n1", "blog"));
}

TEST(ClusterPlan, ProblemsAndHealthShow) {
    ClusterWorld world({"n0"});
    world.put("shop", ClusterWorld::web());
    world.plan();
    HostReport report = *world.report("n0", "shop");
    report.instances[0].health = "starting";
    world.publish(report);
    world.plan();
    EXPECT_EQ(world.status("shop").phase, Phase::converging);
    EXPECT_EQ(world.status("shop").services.at("web").running, 1);
    EXPECT_EQ(world.status("shop").services.at("web").healthy, 0);
    report.instances[0].health = "unhealthy";
    world.publish(report);
    world.plan();
    EXPECT_EQ(world.status("shop").phase, Phase::degraded);
    EXPECT_EQ(world.status("shop").message, "web/1: unhealthy");
    report.instances[0].health = "none";
    report.problems = {"web/1: crash loop"};
    world.publish(report);
    world.plan();
    EXPECT_EQ(world.status("shop").message, "web/1: crash loop");
}

}  // namespace
}  // namespace nap::test
