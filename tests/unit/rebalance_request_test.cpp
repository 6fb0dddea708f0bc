// `nap rebalance`: the leader evens out, a few moves at a time, and says when it is done.
#include <gtest/gtest.h>

#include "support/cluster_world.hpp"

namespace nap::test {
namespace {

/// Six on two nodes, and a third that is empty.
ClusterWorld uneven() {
    ClusterWorld world({"n0", "n1"});
    world.put("shop", ClusterWorld::web(6));
    EXPECT_TRUE(world.converge());
    world.add_node("n2");
    EXPECT_TRUE(world.converge());
    return world;
}

std::size_t leaving(const ClusterWorld& world) {
    std::size_t count = 0;
    for (const auto& [key, order] : world.orders)
        count += order.assignment.leaving.size();
    return count;
}

TEST(RebalanceRequest, MovesTwoAtATimeUntilItIsEven) {
    ClusterWorld world = uneven();
    std::size_t most = 0;
    world.after_write = [&] { most = std::max(most, leaving(world)); };
    world.ask_rebalance();
    world.plan();
    EXPECT_EQ(world.shares("shop"),
              "n0: web/1 web/3 web/5-; n1: web/2 web/4 web/6-; "
              "n2: web/5 web/6");
    EXPECT_TRUE(world.rebalance);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1 web/3; n1: web/2 web/4; n2: web/5 web/6");
    EXPECT_EQ(most, 2U);
    EXPECT_FALSE(world.rebalance) << "done";
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(RebalanceRequest, WithManyToMoveItIsNeverMoreThanTwo) {
    ClusterWorld world({"n0"});
    for (const char* app : {"a", "b", "c"})
        world.put(app, ClusterWorld::web(6));
    ASSERT_TRUE(world.converge());
    world.add_node("n1");
    world.add_node("n2");
    std::size_t most = 0;
    world.after_write = [&] { most = std::max(most, leaving(world)); };
    world.ask_rebalance();
    ASSERT_TRUE(world.converge(40));
    EXPECT_EQ(most, 2U);
    EXPECT_FALSE(world.rebalance);
    for (const char* app : {"a", "b", "c"}) {
        for (const char* node : {"n0", "n1", "n2"})
            EXPECT_EQ(world.order(node, app).instances.size(), 2U) << app << " on " << node;
    }
}

TEST(RebalanceRequest, TheOldCopyGoesOnlyOnceTheNewOneRuns) {
    ClusterWorld world = uneven();
    world.ask_rebalance();
    world.plan();
    for (int i = 0; i < 3; ++i) {
        world.plan();
        EXPECT_EQ(leaving(world), 2U);
    }
}

TEST(RebalanceRequest, OfAnEvenClusterIsDoneAtOnce) {
    ClusterWorld world({"n0", "n1"});
    world.put("shop", ClusterWorld::web(4));
    ASSERT_TRUE(world.converge());
    world.ask_rebalance();
    const auto actions = world.plan();
    ASSERT_EQ(actions.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<DropRebalance>(actions[0]));
}

TEST(RebalanceRequest, MovesNothingOfPartitionStopAndNothingBoundToItsHost) {
    ClusterWorld world({"n0", "n1"});
    AppSpec spec = ClusterWorld::web(6);
    spec.services["web"].partition = PartitionPolicy::stop;
    world.put("single", spec);
    spec = ClusterWorld::web(6);
    spec.services["web"].sticky = Sticky::always;
    world.put("sticky", spec);
    ASSERT_TRUE(world.converge());
    world.add_node("n2");
    world.after_write = [&] {
        for (int slot = 1; slot <= 6; ++slot)
            EXPECT_LE(world.may_run_on("single", {"web", slot}).size(), 1U) << slot;
    };
    world.ask_rebalance();
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.has_order("n2", "sticky"));
    EXPECT_FALSE(world.rebalance);
}

TEST(RebalanceRequest, WaitsForADrainUnderWay) {
    ClusterWorld world = uneven();
    world.drain({"n0"});
    world.plan();
    ASSERT_EQ(leaving(world), 3U);
    world.ask_rebalance();
    world.plan();
    EXPECT_EQ(leaving(world), 3U);
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.rebalance);
    EXPECT_EQ(world.shares("shop"), "n1: web/2 web/4 web/6; n2: web/1 web/3 web/5");
}

TEST(RebalanceRequest, GoesOnUnderAnotherLeader) {
    ClusterWorld world = uneven();
    world.ask_rebalance();
    world.plan();
    world.change_leader();
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1 web/3; n1: web/2 web/4; n2: web/5 web/6");
    EXPECT_FALSE(world.rebalance);
}

TEST(RebalanceRequest, TheTargetLostTheInstanceStaysWhereItRuns) {
    ClusterWorld world = uneven();
    world.ask_rebalance();
    world.plan();
    world.lose("n2");
    world.plan();
    world.pass(milliseconds(1'001));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1 web/3 web/5; n1: web/2 web/4 web/6; n2: elsewhere");
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

}  // namespace
}  // namespace nap::test
