// What is held until a person says so (S4, S5, S8), and what releases it.
#include <gtest/gtest.h>

#include "support/cluster_world.hpp"

namespace nap::test {
namespace {

constexpr milliseconds past_grace{1'001};

/// `a`, `b` and `c`, four instances each, on three nodes.
ClusterWorld three_apps() {
    ClusterWorld world({"n0", "n1", "n2"});
    for (const char* app : {"a", "b", "c"})
        world.put(app, ClusterWorld::web(4));
    EXPECT_TRUE(world.converge());
    return world;
}

bool runs(const ClusterWorld& world, const std::string& app) {
    return world.state.apps().contains(AppId(app)) &&
           world.state.apps().at(AppId(app)).instances() == 4;
}

std::vector<AppId> apps(std::initializer_list<const char*> names) {
    std::vector<AppId> ids;
    for (const char* name : names)
        ids.emplace_back(name);
    return ids;
}

TEST(MassRemoval, OfMoreThanHalfIsHeld) {
    ClusterWorld world = three_apps();
    world.remove("a");
    world.remove("b");
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(runs(world, "a") && runs(world, "b") && runs(world, "c"));
    ASSERT_EQ(world.holds.size(), 1U);
    EXPECT_EQ(world.holds[0].apps, apps({"a", "b"}));
    EXPECT_EQ(world.holds[0].what, "removal of a, b");
    EXPECT_EQ(world.status("a").phase, Phase::held);
    EXPECT_NE(world.status("a").message.find("nap approve"), std::string::npos);
    EXPECT_EQ(world.status("c").phase, Phase::converged);
    EXPECT_TRUE(world.plan().empty());
}

TEST(MassRemoval, OfOneAppOrOfHalfIsNotHeld) {
    ClusterWorld world = three_apps();
    world.put("c", ClusterWorld::web(8));
    ASSERT_TRUE(world.converge());
    world.remove("a");
    world.remove("b");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.orders.size(), 3U);
    EXPECT_TRUE(world.holds.empty());
    world.remove("c");
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(world.orders.empty()) << "a single app, though it is all there is";
    EXPECT_TRUE(world.statuses.empty());
}

TEST(MassRemoval, ApprovedIsDoneAndTheApprovalUsedUp) {
    ClusterWorld world = three_apps();
    world.remove("a");
    world.remove("b");
    world.plan();
    world.approve("removal-of-something-else");
    world.plan();
    EXPECT_TRUE(runs(world, "a"));
    world.approve(world.holds.at(0).id);
    world.plan();
    EXPECT_FALSE(runs(world, "a"));
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(world.holds.empty());
    EXPECT_TRUE(world.approved.empty());
    EXPECT_EQ(world.statuses.size(), 1U);
    EXPECT_TRUE(runs(world, "c"));
}

TEST(MassRemoval, ManifestsThatComeBackOneByOneReleaseOneByOne) {
    ClusterWorld world = three_apps();
    for (const char* app : {"a", "b", "c"})
        world.remove(app);
    ASSERT_TRUE(world.converge());
    ASSERT_EQ(world.holds.at(0).apps, apps({"a", "b", "c"}));
    world.put("b", ClusterWorld::web(4));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.holds.at(0).apps, apps({"a", "c"}));
    EXPECT_EQ(world.status("b").phase, Phase::converged);
    world.put("a", ClusterWorld::web(4));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.holds.at(0).apps, apps({"c"})) << "the last one is no single removal";
    EXPECT_TRUE(runs(world, "c"));
    world.put("c", ClusterWorld::web(4));
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(world.holds.empty());
    for (const char* app : {"a", "b", "c"})
        EXPECT_TRUE(runs(world, app));
}

TEST(MassRemoval, AnotherLeaderHoldsItToo) {
    ClusterWorld world = three_apps();
    for (const char* app : {"a", "b", "c"})
        world.remove(app);
    world.plan();
    world.put("a", ClusterWorld::web(4));
    world.put("b", ClusterWorld::web(4));
    ASSERT_TRUE(world.converge());
    world.change_leader();
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(runs(world, "c")) << "alone it would not be held, but it was";
    EXPECT_EQ(world.status("c").phase, Phase::held);
    world.approve(world.holds.at(0).id);
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.state.apps().contains(AppId("c")));
}

TEST(MassRemoval, OneMoreAppGoneLaterIsItsOwnMatter) {
    ClusterWorld world = three_apps();
    world.remove("a");
    world.remove("b");
    ASSERT_TRUE(world.converge());
    world.remove("c");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.holds.at(0).apps, apps({"a", "b"}));
    EXPECT_FALSE(world.state.apps().contains(AppId("c")));
}

TEST(MassRemoval, WhatIsHeldStillFailsOver) {
    ClusterWorld world = three_apps();
    world.remove("a");
    world.remove("b");
    ASSERT_TRUE(world.converge());
    world.lose("n0");
    world.plan();
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(runs(world, "a"));
    EXPECT_TRUE(world.order("n0", "a").instances.empty());
}

TEST(Absence, ThatIsNotTrustedKeepsEverythingAndSaysSo) {
    ClusterWorld world = three_apps();
    world.distrust("the sentinel is missing");
    EXPECT_TRUE(world.plan().empty()) << "nothing is gone yet";
    for (const char* app : {"a", "b", "c"})
        world.remove(app);
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(runs(world, "a") && runs(world, "b") && runs(world, "c"));
    ASSERT_EQ(world.holds.size(), 1U);
    EXPECT_EQ(world.holds[0].apps, apps({"a", "b", "c"}));
    EXPECT_NE(world.holds[0].why.find("the sentinel is missing"), std::string::npos);
    world.put("b", ClusterWorld::web(4));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.status("b").phase, Phase::converged);
}

TEST(Absence, AnAppThatFailsOverMeanwhileKeepsAll) {
    ClusterWorld world = three_apps();
    world.remove("a");
    world.distrust("the token may not read it");
    world.lose("n0");
    world.plan();
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(runs(world, "a"));
    EXPECT_EQ(world.status("a").phase, Phase::held);
    EXPECT_EQ(world.status("a").services.at("web").healthy, 4);
}

TEST(Absence, ApprovedWritesTheSentinelAndOneAppGoes) {
    ClusterWorld world = three_apps();
    world.has_sentinel = false;
    world.distrust("the sentinel is missing");
    world.remove("a");
    world.plan();
    world.approve(world.holds.at(0).id);
    world.plan();
    EXPECT_TRUE(world.has_sentinel);
    EXPECT_TRUE(runs(world, "a")) << "only once it has been read again";
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.state.apps().contains(AppId("a")));
    EXPECT_TRUE(world.holds.empty() && world.approved.empty());
}

TEST(Absence, OfEverythingTrustedAgainIsStillAMassRemoval) {
    ClusterWorld world = three_apps();
    world.distrust("the sentinel is missing");
    for (const char* app : {"a", "b", "c"})
        world.remove(app);
    ASSERT_TRUE(world.converge());
    world.distrust("");
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(runs(world, "a") && runs(world, "b") && runs(world, "c"));
    ASSERT_EQ(world.holds.size(), 1U);
    EXPECT_TRUE(world.holds[0].id.starts_with("removal-")) << world.holds[0].id;
}

TEST(Orphans, WhatConsulKnowsNothingOfIsKeptUntilApproved) {
    ClusterWorld world = three_apps();
    world.manifests.erase(AppId("a"));
    std::erase_if(world.orders, [](const auto& entry) { return entry.first.second == AppId("a"); });
    world.statuses.erase(AppId("a"));
    world.change_leader();
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.has_order("n0", "a"));
    EXPECT_EQ(world.status("a").phase, Phase::held);
    ASSERT_EQ(world.holds.size(), 1U);
    EXPECT_EQ(world.holds[0].apps, apps({"a"}));
    world.change_leader();
    EXPECT_TRUE(world.plan().empty()) << "and another leader";
    world.approve(world.holds[0].id);
    world.plan();
    EXPECT_TRUE(world.order("n0", "a").remove);
    EXPECT_TRUE(world.order("n0", "a").approved) << "or the host refuses it as older than its own";
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.hosts.at(NodeId("n0")).runs.contains(AppId("a")));
    EXPECT_FALSE(world.state.apps().contains(AppId("a")));
    EXPECT_TRUE(world.holds.empty() && world.approved.empty());
    EXPECT_FALSE(world.statuses.contains(AppId("a")));
}

TEST(Orphans, TheManifestPutAgainTakesThemOverWhereTheyAre) {
    ClusterWorld world = three_apps();
    const std::string before = world.shares("a");
    world.manifests.erase(AppId("a"));
    std::erase_if(world.orders, [](const auto& entry) { return entry.first.second == AppId("a"); });
    world.change_leader();
    ASSERT_TRUE(world.converge());
    world.put("a", ClusterWorld::web(4));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("a"), before);
    EXPECT_TRUE(world.holds.empty());
}

TEST(Orphans, AHostThatIsDoneWithAnAppIsNone) {
    ClusterWorld world = three_apps();
    world.remove("a");
    world.plan();
    world.report_all();
    world.plan();
    EXPECT_TRUE(world.reports.contains({NodeId("n0"), AppId("a")}));
    EXPECT_TRUE(world.holds.empty());
    world.change_leader();
    world.plan();
    EXPECT_TRUE(world.holds.empty());
}

TEST(Older, ARefusedManifestIsHeldAndApprovalVouchesForIt) {
    ClusterWorld world = three_apps();
    const std::uint64_t index = world.put("a", ClusterWorld::web(4));
    world.plan();
    for (const char* node : {"n0", "n1"}) {
        HostReport report = world.reports.at({NodeId(node), AppId("a")});
        report.refused = "its manifest is older than the one in force";
        world.publish(report);
    }
    world.plan();
    EXPECT_EQ(world.status("a").phase, Phase::held);
    ASSERT_EQ(world.holds.size(), 1U);
    EXPECT_EQ(world.holds[0].id, "older:a:" + std::to_string(index));
    EXPECT_FALSE(world.order("n0", "a").approved);
    world.approve(world.holds[0].id);
    world.plan();
    EXPECT_TRUE(world.order("n0", "a").approved);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.status("a").phase, Phase::converged);
    EXPECT_TRUE(world.holds.empty() && world.approved.empty());
    EXPECT_TRUE(world.order("n0", "a").approved) << "for a host that comes back later";
    world.put("a", ClusterWorld::web(4));
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.order("n0", "a").approved) << "only for that manifest";
}

TEST(Older, OrdersOfAnOlderLeadershipAreGivenAgainByANewerOne) {
    ClusterWorld world = three_apps();
    HostReport report = world.reports.at({NodeId("n0"), AppId("a")});
    report.refused = "it is of leadership 1";
    report.newer_epoch = 5;
    world.publish(report);
    EXPECT_TRUE(world.plan().empty()) << "this leader can do nothing about it, nor can an approval";
    world.settings.epoch = 4;
    world.change_leader();
    EXPECT_TRUE(world.plan().empty()) << "nor can one as old as that";
    world.change_leader();
    world.plan();
    EXPECT_EQ(world.order("n0", "a").epoch, 6U);
    EXPECT_EQ(world.order("n1", "a").epoch, 1U) << "nobody refuses it";
    EXPECT_TRUE(world.plan().empty());
    EXPECT_TRUE(world.holds.empty());
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.status("a").phase, Phase::converged);
}

TEST(Older, ARemovalOfAnOlderLeadershipIsOrderedAgain) {
    ClusterWorld world = three_apps();
    world.remove("a");
    world.plan();
    HostReport report = world.reports.at({NodeId("n0"), AppId("a")});
    report.refused = "it is of leadership 1";
    report.newer_epoch = 5;
    world.publish(report);
    EXPECT_TRUE(world.plan().empty());
    world.settings.epoch = 5;
    world.change_leader();
    world.plan();
    EXPECT_EQ(world.order("n0", "a").epoch, 6U);
    EXPECT_TRUE(world.order("n0", "a").remove);
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.has_order("n0", "a"));
}

TEST(Losses, OfMoreThanHalfAtOnceAreHeldUntilApproved) {
    ClusterWorld world = three_apps();
    const std::string before = world.shares("a");
    world.lose("n0");
    world.lose("n1");
    world.plan();
    EXPECT_TRUE(world.holds.empty()) << "within the grace nothing is to be held";
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("a"), before);
    ASSERT_EQ(world.holds.size(), 1U);
    EXPECT_EQ(world.holds[0].what, "failover of n0, n1");
    EXPECT_EQ(world.status("a").phase, Phase::held);
    world.approve(world.holds[0].id);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("a"), "n0: elsewhere; n1: elsewhere; n2: web/1 web/2 web/3 web/4");
    EXPECT_TRUE(world.holds.empty() && world.approved.empty());
    EXPECT_EQ(world.status("a").phase, Phase::converged);
}

TEST(Losses, ThatAreOverReleaseThemselves) {
    ClusterWorld world = three_apps();
    const std::string before = world.shares("a");
    world.lose("n0");
    world.lose("n1");
    world.plan();
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    world.bring_back("n1");
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(world.holds.empty());
    world.pass(std::chrono::seconds(10));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("a"), before) << "n0 gets as long again to come back as well";
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(world.order("n0", "a").instances.empty()) << "one of three is a plain failure";
    world.bring_back("n0");
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.status("a").phase, Phase::converged);
}

TEST(Losses, OneAfterTheOtherAreNotHeld) {
    ClusterWorld world = three_apps();
    for (const char* node : {"n0", "n1"}) {
        world.lose(node);
        world.plan();
        world.pass(past_grace);
        ASSERT_TRUE(world.converge());
        world.pass(std::chrono::seconds(30));
    }
    EXPECT_TRUE(world.holds.empty());
    EXPECT_EQ(world.order("n2", "a").instances.size(), 4U);
}

TEST(Losses, RightAfterConsulItselfWasAwayGetTwoSecondsMore) {
    ClusterWorld world = three_apps();
    const std::string before = world.shares("a");
    world.state.note_recovery(world.now);
    world.lose("n1");
    world.pass(past_grace);
    world.plan();
    EXPECT_EQ(*world.state.next_due(world.now) - world.now, milliseconds(1'999));
    world.pass(milliseconds(1'998));
    world.plan();
    EXPECT_EQ(world.shares("a"), before);
    world.pass(milliseconds(1));
    world.plan();
    EXPECT_NE(world.shares("a"), before);
}

TEST(Losses, OfWhatMustStayAnywayDoNotCount) {
    ClusterWorld world({"n0", "n1", "n2"});
    AppSpec spec = ClusterWorld::web(2);
    spec.services["web"].sticky = Sticky::always;
    world.put("data", spec);
    world.put("shop", ClusterWorld::web(1));
    ASSERT_TRUE(world.converge());
    ASSERT_EQ(world.shares("data"), "n0: web/1; n1: web/2");
    world.put("more", ClusterWorld::web(4));
    ASSERT_TRUE(world.converge());
    world.lose("n0");
    world.plan();
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    world.pass(std::chrono::seconds(30));
    world.lose("n2");
    world.plan();
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(world.holds.empty()) << "n0 has only what waits for it";
    EXPECT_EQ(world.order("n1", "shop").instances.size(), 1U);
}

TEST(Losses, AnotherLossAfterAnApprovalIsAnotherMatter) {
    ClusterWorld world({"n0", "n1", "n2", "n3", "n4"});
    AppSpec spec = ClusterWorld::web(10);
    spec.services["web"].partition = PartitionPolicy::stop;
    world.put("a", spec);
    ASSERT_TRUE(world.converge());
    for (const char* node : {"n0", "n1", "n2"})
        world.lose(node);
    world.plan();
    world.pass(past_grace);
    world.plan();
    world.approve(world.holds.at(0).id);
    world.plan();
    EXPECT_TRUE(world.holds.empty());
    world.lose("n3");
    world.plan();
    world.pass(past_grace);
    ASSERT_TRUE(world.converge());
    ASSERT_EQ(world.holds.size(), 1U);
    EXPECT_EQ(world.holds[0].what, "failover of n0, n1, n2, n3");
}

}  // namespace
}  // namespace nap::test
