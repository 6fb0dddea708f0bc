// Services of `partition: stop`: at most one copy of each instance, whatever happens (S2).
#include <gtest/gtest.h>

#include "support/cluster_world.hpp"

namespace nap::test {
namespace {

constexpr milliseconds second{1'000};
/// A lease of five seconds, and what the leader adds to it.
constexpr milliseconds lease_and_margin{8'000};

/// `shop` with a service of which there must never be two copies.
AppSpec single(int replicas = 1) {
    AppSpec spec = ClusterWorld::web(replicas);
    spec.services["web"].partition = PartitionPolicy::stop;
    return spec;
}

class Partition : public ::testing::Test {
  protected:
    Partition() {
        world.after_write = [this] { check(); };
    }
    void check() const {
        for (int slot = 1; slot <= 6; ++slot) {
            EXPECT_LE(world.may_run_on("shop", {"web", slot}).size(), 1U)
                << "web/" << slot << "; " << world.shares("shop");
        }
    }
    void start(int replicas = 1) {
        world.put("shop", single(replicas));
        ASSERT_TRUE(world.converge());
    }
    void start_without_policy() {
        AppSpec spec = single();
        spec.services["web"].partition = PartitionPolicy::keep;
        world.put("shop", spec);
        ASSERT_TRUE(world.converge());
    }
    /// Looks again every half second, as hosts report.
    void live(milliseconds time) {
        for (milliseconds passed{0}; passed < time; passed += second / 2) {
            world.pass(second / 2);
            check();
            world.report_all();
            check();
            world.plan();
        }
    }
    static const WriteAssignment* to(const std::vector<ClusterAction>& actions,
                                     const std::string& node) {
        for (const ClusterAction& action : actions) {
            const auto* write = std::get_if<WriteAssignment>(&action);
            if (write != nullptr && write->node == NodeId(node)) return write;
        }
        return nullptr;
    }

    ClusterWorld world{{"n0", "n1", "n2"}};
};

TEST_F(Partition, WhatNobodyWasOrderedToRunWaitsWhileOrdersMayHaveBeenLost) {
    start();
    ASSERT_EQ(world.shares("shop"), "n0: web/1");
    // Consul's data is gone, and the node's record and report with it, while it is cut off: the
    // leader has only the manifest, which was put again.
    world.orders.clear();
    world.reports.clear();
    world.statuses.clear();
    world.lose("n0");
    world.change_leader();
    world.state.doubt_orders(world.now);
    world.pass(lease_and_margin - milliseconds(1));
    world.plan();
    EXPECT_EQ(world.shares("shop"), "");
    EXPECT_NE(world.status("shop").message.find("may still run"), std::string::npos);
    EXPECT_EQ(world.state.next_due(world.now), world.now + milliseconds(1));
    world.pass(milliseconds(1));
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n1: web/1");
}

TEST_F(Partition, WhatIsToBeTogetherWaitsTogether) {
    AppSpec spec = single();
    spec.colocate = true;
    spec.services["worker"] = {.image = "worker:1"};
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    const HostReport report = world.reports.at({NodeId("n0"), AppId("shop")});
    world.orders.clear();
    world.reports.clear();
    world.change_leader();
    world.state.doubt_orders(world.now);
    world.plan();
    EXPECT_EQ(world.shares("shop"), "") << "or it would be split once n0 reports";
    world.publish(report);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1 worker/1");
}

TEST_F(Partition, AHostThatReportsInTimeKeepsWhatItHas) {
    start();
    const HostReport report = world.reports.at({NodeId("n0"), AppId("shop")});
    world.orders.clear();
    world.reports.clear();
    world.change_leader();
    world.state.doubt_orders(world.now);
    world.pass(second);
    world.plan();
    world.publish(report);
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: web/1") << "at once, for nobody else has it";
}

TEST_F(Partition, ALostNodesCopyIsGivenAwayOnlyAfterItsLease) {
    start();
    world.lose("n0");
    world.plan();
    world.pass(lease_and_margin - milliseconds(1));
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: web/1");
    world.pass(milliseconds(1));
    const auto actions = world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere; n1: web/1");
    const WriteAssignment* taken = to(actions, "n0");
    const WriteAssignment* given = to(actions, "n1");
    ASSERT_TRUE(taken != nullptr && given != nullptr);
    EXPECT_LT(taken->assignment.instances.size(), given->assignment.instances.size());
    EXPECT_EQ(taken->absent, std::vector<NodeId>{NodeId("n0")});
    EXPECT_EQ(given->absent, std::vector<NodeId>{NodeId("n0")});
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST_F(Partition, AHostLostBeforeItHeardOfThePolicyKeepsItsCopy) {
    start_without_policy();
    ASSERT_EQ(world.shares("shop"), "n0: web/1");
    world.lose("n0");
    world.plan();
    world.put("shop", single());
    world.plan();
    live(2 * lease_and_margin);
    EXPECT_EQ(world.shares("shop"), "n0: web/1") << "it goes on there, lease or no lease";
    world.bring_back("n0");
    ASSERT_TRUE(world.converge());
    world.lose("n0");
    world.plan();
    live(lease_and_margin);
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere; n1: web/1") << "now it knew";
}

TEST_F(Partition, AHostLostBeforeItHeardOfARemovalKeepsItsCopyFromComingTwice) {
    start_without_policy();
    world.lose("n0");
    world.remove("shop");
    world.plan();
    world.put("shop", single());
    world.plan();
    live(2 * lease_and_margin);
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere") << "n0 runs it still, by what it last heard";
    world.bring_back("n0");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST_F(Partition, AHostThatHasNotHeardOfAMoveKeepsItsCopyFromComingTwice) {
    start_without_policy();
    world.lose("n0");
    world.plan();
    world.after_write = nullptr;  // cut off it runs on, beside the new one: it was told to keep
    for (int i = 0; i < 8; ++i) {
        world.pass(second / 2);
        world.report_all();
        world.plan();
    }
    ASSERT_EQ(world.shares("shop"), "n0: elsewhere; n1: web/1");
    world.remove("shop");
    ASSERT_TRUE(world.converge());
    world.after_write = [this] { check(); };
    world.put("shop", single());
    world.plan();
    live(2 * lease_and_margin);
    EXPECT_TRUE(world.nodes_of("shop", {"web", 1}).empty()) << world.shares("shop");
    EXPECT_EQ(world.status("shop").message,
              "web/1 waits for n0, which is lost and may run it by an older manifest that did not "
              "say `partition: stop`");
    world.change_leader();
    world.plan();
    live(3 * lease_and_margin);
    EXPECT_TRUE(world.nodes_of("shop", {"web", 1}).empty()) << "another leader knows it too";
    world.bring_back("n0");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.nodes_of("shop", {"web", 1}).size(), 1U);
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST_F(Partition, WhatMovesAtOnceDoesNotHoldBackItsNeighbour) {
    AppSpec spec = single();
    spec.services["web"].placement.constraints = {{"node.hostname", false, "n2"}};
    spec.services["side"] = spec.services["web"];
    spec.services["side"].partition = PartitionPolicy::keep;
    spec.colocate = true;
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    ASSERT_EQ(world.nodes_of("shop", {"side", 1}), world.nodes_of("shop", {"web", 1}));
    const std::string node = world.nodes_of("shop", {"web", 1}).front();
    world.lose(node);
    world.plan();
    live(lease_and_margin);
    ASSERT_EQ(world.nodes_of("shop", {"web", 1}).size(), 1U) << world.shares("shop");
    EXPECT_NE(world.nodes_of("shop", {"web", 1}).front(), node) << world.shares("shop");
}

TEST_F(Partition, TheLeaderLooksAgainWhenTheLeaseIsOver) {
    start();
    world.lose("n0");
    world.plan();
    world.pass(second);
    world.plan();
    ASSERT_TRUE(world.state.next_due(world.now));
    EXPECT_EQ(*world.state.next_due(world.now) - world.now, lease_and_margin - second);
}

TEST_F(Partition, ALongerLeaseIsWaitedFor) {
    NodeRecord record;
    record.lease = milliseconds(40'000);
    world.add_node("n0", record);
    start();
    ASSERT_EQ(world.shares("shop"), "n0: web/1");
    world.lose("n0");
    world.plan();
    live(milliseconds(42'500));
    EXPECT_EQ(world.shares("shop"), "n0: web/1");
    live(second);
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere; n1: web/1");
}

TEST_F(Partition, ANodeBackUnseenKeepsWhatTheLeaderWantedToGiveAway) {
    start();
    world.lose("n0");
    world.plan();
    world.pass(lease_and_margin);
    world.bring_back_unseen("n0");
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: web/1");
    world.add_node("n0");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1");
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST_F(Partition, WhatWasTakenEarlierIsGivenOnlyWhileTheNodeIsStillAway) {
    start();
    world.lose("n0");
    world.plan();
    world.pass(lease_and_margin);
    int writes = 0;
    world.write_fails = [&] { return ++writes > 1; };
    world.plan();
    ASSERT_EQ(world.shares("shop"), "n0: elsewhere") << "taken, not given yet";
    world.write_fails = nullptr;
    const auto actions = world.plan();
    ASSERT_TRUE(to(actions, "n1"));
    EXPECT_EQ(to(actions, "n1")->absent, std::vector<NodeId>{NodeId("n0")});
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere; n1: web/1");
}

TEST_F(Partition, ANodeBackAtAnyMomentLeavesOneCopy) {
    for (int moment = 0; moment <= 2 * (lease_and_margin / second) + 4; ++moment) {
        world = ClusterWorld({"n0", "n1", "n2"});
        world.after_write = [this] { check(); };
        start(3);
        world.lose("n0");
        world.plan();
        live(moment * second / 2);
        world.bring_back("n0");
        check();
        ASSERT_TRUE(world.converge()) << "back after " << moment << " half seconds";
        for (int slot = 1; slot <= 3; ++slot)
            EXPECT_EQ(world.nodes_of("shop", {"web", slot}).size(), 1U);
        EXPECT_EQ(world.status("shop").phase, Phase::converged);
    }
}

TEST_F(Partition, AnEngineThatIsDownDoesNotGiveItAway) {
    start();
    world.set_engine("n0", false);
    world.plan();
    live(milliseconds(60'000));
    EXPECT_EQ(world.shares("shop"), "n0: web/1") << "it may run there still";
    EXPECT_EQ(world.status("shop").phase, Phase::degraded);
    world.set_engine("n0", true);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST_F(Partition, AHostLostAfterItsEngineGivesAwayOnlyALeaseAfterThat) {
    start();
    world.set_engine("n0", false);
    world.plan();
    live(milliseconds(30'000));
    world.lose("n0");
    world.plan();
    live(lease_and_margin - second);
    EXPECT_EQ(world.shares("shop"), "n0: web/1");
    live(second);
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere; n1: web/1");
}

TEST_F(Partition, AHostThatComesBackWithoutItsEngineKeepsIt) {
    start();
    world.set_engine("n0", false);
    world.plan();
    world.lose("n0");
    world.plan();
    live(lease_and_margin - second);
    world.bring_back("n0");
    live(milliseconds(30'000));
    EXPECT_EQ(world.shares("shop"), "n0: web/1");
    world.lose("n0");
    live(second);
    world.bring_back("n0");
    live(milliseconds(30'000));
    EXPECT_EQ(world.shares("shop"), "n0: web/1");
}

TEST_F(Partition, DrainedItIsTakenAwayFirstAndPlacedOnceThatIsConfirmed) {
    start();
    world.drain({"n0"});
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere") << "the only copy stops first";
    EXPECT_EQ(world.status("shop").services.at("web").desired, 1);
    EXPECT_EQ(world.status("shop").phase, Phase::converging);
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere") << "not confirmed";
    HostReport report = *world.report("n0", "shop");
    report.surplus = {{"web", 1}};
    report.settled = false;
    world.hosts.at(NodeId("n0")).runs[AppId("shop")] = {{"web", 1}};
    world.publish(report);
    world.plan();
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere") << "it still stops";
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n1: web/1");
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST_F(Partition, ThePolicyComesWhileItIsOnItsWayToAnotherNode) {
    AppSpec spec = single();
    spec.services.at("web").partition = PartitionPolicy::keep;
    world.after_write = nullptr;
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    world.hosts.at(NodeId("n1")).slow = true;
    world.hosts.at(NodeId("n2")).slow = true;
    world.drain({"n0"});
    world.plan();
    ASSERT_EQ(world.may_run_on("shop", {"web", 1}).size(), 2U) << world.shares("shop");
    world.put("shop", single());
    world.plan();
    world.follow("n0", "shop");
    world.follow("n1", "shop");
    for (int i = 0; i < 5; ++i) {
        world.report_all();
        EXPECT_LE(world.nodes_of("shop", {"web", 1}).size(), 1U) << world.shares("shop");
        world.plan();
    }
    for (auto& [id, host] : world.hosts)
        host.slow = false;
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.nodes_of("shop", {"web", 1}).size(), 1U) << world.shares("shop");
}

TEST_F(Partition, DrainedWithNowhereToGoItStays) {
    AppSpec spec = single();
    spec.services["web"].placement.constraints = {{"node.hostname", true, "n0"}};
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    world.drain({"n0"});
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1") << "no node would take it";
    EXPECT_EQ(world.status("shop").phase, Phase::degraded);
}

TEST_F(Partition, ABrokenManifestMeanwhileDoesNotLeaveItWithoutANode) {
    start();
    world.drain({"n0"});
    world.plan();
    ASSERT_EQ(world.shares("shop"), "n0: elsewhere");
    world.put_broken("shop");
    world.change_leader();
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n1: web/1");
}

TEST_F(Partition, LostWhileItIsToStopItIsPlacedAfterTheLease) {
    start();
    world.drain({"n0"});
    world.plan();
    world.lose("n0");
    world.plan();
    live(lease_and_margin - second);
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere");
    live(second);
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere; n1: web/1");
}

TEST_F(Partition, ScaledDownAndUpItWaitsForTheFormerCopyToStop) {
    start(2);
    ASSERT_EQ(world.shares("shop"), "n0: web/1; n1: web/2");
    world.put("shop", single(1));
    world.plan();
    world.drain({"n1"});
    world.put("shop", single(2));
    world.plan();
    EXPECT_TRUE(world.nodes_of("shop", {"web", 2}).empty()) << "n1 has not said that it stopped";
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.nodes_of("shop", {"web", 2}).size(), 1U);
}

TEST_F(Partition, HeldLossesGiveNothingAway) {
    start(3);
    world.lose("n0");
    world.lose("n1");
    world.plan();
    live(milliseconds(30'000));
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: web/2; n2: web/3");
    ASSERT_EQ(world.holds.size(), 1U);
    world.approve(world.holds[0].id);
    live(milliseconds(30'000));
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere; n1: elsewhere; n2: web/1 web/2 web/3");
}

TEST_F(Partition, ApprovedBeforeTheLeaseIsOverItStaysApproved) {
    start(3);
    world.lose("n0");
    world.lose("n1");
    world.plan();
    live(2 * second);
    ASSERT_EQ(world.holds.size(), 1U);
    world.approve(world.holds[0].id);
    live(2 * second);
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: web/2; n2: web/3");
    live(milliseconds(30'000));
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere; n1: elsewhere; n2: web/1 web/2 web/3");
    EXPECT_TRUE(world.approved.empty()) << "used up";
}

TEST_F(Partition, AnotherLeaderWaitsAWholeLeaseItself) {
    start();
    world.lose("n0");
    world.plan();
    live(lease_and_margin - second);
    world.change_leader();
    world.plan();
    live(lease_and_margin - second);
    EXPECT_EQ(world.shares("shop"), "n0: web/1");
    live(second);
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere; n1: web/1");
}

TEST_F(Partition, ForgottenByConsulItIsNotStartedTwice) {
    start();
    world.orders.clear();
    world.change_leader();
    world.drain({"n0"});
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n1: web/1");
}

}  // namespace
}  // namespace nap::test
