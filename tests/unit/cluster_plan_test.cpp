#include "reconciler/cluster_plan.hpp"

#include <gtest/gtest.h>

namespace nap::test {
namespace {

const AppId shop("shop");
const NodeId n0("n0");
const NodeId n1("n1");

/// What a leader sees, and how its writes change it.
struct Cluster {
    std::vector<NodeId> nodes{n0};
    std::map<AppId, ManifestState> manifests;
    std::string absence_untrusted;
    std::map<NodeApp, Assignment> assigned;
    std::map<NodeApp, HostReport> observed;
    std::map<AppId, AppStatus> published;
    std::uint64_t epoch = 1;

    [[nodiscard]] std::vector<ClusterAction> plan() const {
        return plan_cluster({.cluster = ClusterId("u"),
                             .epoch = epoch,
                             .nodes = nodes,
                             .manifests = manifests,
                             .absence_untrusted = absence_untrusted,
                             .assigned = assigned,
                             .observed = observed,
                             .published = published});
    }
    void run(const WriteAssignment& a) { assigned[{a.node, a.assignment.app}] = a.assignment; }
    void run(const DropAssignment& a) { assigned.erase({a.node, a.app}); }
    void run(const WriteStatus& a) { published[a.status.app] = a.status; }
    void run(const DropStatus& a) { published.erase(a.app); }

    std::size_t apply() {
        const auto actions = plan();
        for (const ClusterAction& action : actions) {
            std::visit([this](const auto& a) { run(a); }, action);
        }
        return actions.size();
    }

    void put(const std::string& text, std::uint64_t index, int replicas = 1) {
        ManifestState state{
            .text = {"shop.yml", text}, .modify_index = index, .revision = RevisionId(text)};
        state.spec.emplace();
        state.spec->app = shop;
        state.spec->services["web"] = {.image = "web:1", .replicas = replicas};
        manifests[shop] = std::move(state);
    }
    void put_broken(std::uint64_t index) {
        manifests[shop] = {.text = {"shop.yml", "{"},
                           .modify_index = index,
                           .errors = {{.file = "shop.yml", .message = "no"}}};
    }
    /// The node reports that all of its assignment runs.
    HostReport& report(const NodeId& node = n0) {
        const Assignment& assignment = assigned.at({node, shop});
        HostReport& report = observed[{node, shop}];
        report = {.node = node,
                  .app = shop,
                  .revision = assignment.revision,
                  .manifest_index = assignment.manifest_index,
                  .settled = true,
                  .remove = assignment.remove};
        for (const InstanceId& instance : assignment.instances) {
            report.instances.push_back(
                {.instance = instance, .state = "running", .health = "none"});
        }
        return report;
    }
    [[nodiscard]] const AppStatus& status() const { return published.at(shop); }
    [[nodiscard]] const Assignment& assignment() const { return assigned.at({n0, shop}); }
};

TEST(ClusterPlan, ANewAppIsAssignedThenConverges) {
    Cluster cluster;
    cluster.put("one", 5, 2);
    EXPECT_EQ(cluster.apply(), 2U);
    EXPECT_EQ(cluster.assignment().instances.size(), 2U);
    EXPECT_EQ(cluster.assignment().manifest.text, "one");
    EXPECT_EQ(cluster.status().phase, Phase::converging);
    EXPECT_EQ(cluster.status().services.at("web").desired, 2);
    EXPECT_EQ(cluster.apply(), 0U) << "the same again writes nothing";
    cluster.report();
    EXPECT_EQ(cluster.apply(), 1U);
    EXPECT_EQ(cluster.status().phase, Phase::converged);
    EXPECT_EQ(cluster.status().services.at("web").healthy, 2);
    EXPECT_EQ(cluster.apply(), 0U);
}

TEST(ClusterPlan, WhatMakesHostsActGoesFirst) {
    Cluster cluster;
    cluster.put("one", 5);
    const auto actions = cluster.plan();
    ASSERT_EQ(actions.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<WriteAssignment>(actions[0]));
}

TEST(ClusterPlan, AReportOfAnOlderRevisionDoesNotConverge) {
    Cluster cluster;
    cluster.put("one", 5);
    cluster.apply();
    cluster.report();
    cluster.apply();
    cluster.put("two", 6);
    cluster.apply();
    EXPECT_EQ(cluster.assignment().revision, RevisionId("two"));
    EXPECT_EQ(cluster.status().phase, Phase::converging);
}

TEST(ClusterPlan, ABrokenManifestChangesNothingThatRuns) {
    Cluster cluster;
    cluster.put("one", 5);
    cluster.apply();
    cluster.report();
    cluster.apply();
    const Assignment before = cluster.assignment();
    cluster.put_broken(6);
    EXPECT_EQ(cluster.apply(), 1U);
    EXPECT_EQ(cluster.assignment(), before);
    EXPECT_EQ(cluster.status().phase, Phase::invalid);
    EXPECT_EQ(cluster.status().errors.size(), 1U);
    EXPECT_EQ(cluster.status().modify_index, 6U);
}

TEST(ClusterPlan, RemovalIsSaidAndConfirmed) {
    Cluster cluster;
    cluster.put("one", 5);
    cluster.apply();
    cluster.report();
    cluster.apply();
    cluster.manifests.clear();
    cluster.apply();
    EXPECT_TRUE(cluster.assignment().remove);
    EXPECT_TRUE(cluster.assignment().instances.empty());
    EXPECT_EQ(cluster.apply(), 0U) << "an old report confirms nothing";
    cluster.report().settled = false;
    cluster.apply();
    EXPECT_EQ(cluster.assigned.size(), 1U);
    cluster.report();
    cluster.apply();
    EXPECT_TRUE(cluster.assigned.empty());
    EXPECT_TRUE(cluster.published.empty());
    EXPECT_EQ(cluster.apply(), 0U);
}

TEST(ClusterPlan, AnUntrustedAbsenceRemovesNothing) {
    Cluster cluster;
    cluster.put("one", 5);
    cluster.apply();
    cluster.report();
    cluster.apply();
    const Assignment before = cluster.assignment();
    cluster.manifests.clear();
    cluster.absence_untrusted = "the sentinel is missing";
    cluster.apply();
    EXPECT_EQ(cluster.assignment(), before);
    EXPECT_EQ(cluster.status().phase, Phase::held);
    EXPECT_EQ(cluster.apply(), 0U);
}

TEST(ClusterPlan, AnUntrustedAbsenceKeepsEvenTheStatusOfWhatNeverRan) {
    Cluster cluster;
    cluster.put_broken(5);
    cluster.apply();
    cluster.manifests.clear();
    cluster.absence_untrusted = "the token may not read it";
    cluster.apply();
    EXPECT_EQ(cluster.status().phase, Phase::invalid);
    cluster.absence_untrusted.clear();
    cluster.apply();
    EXPECT_TRUE(cluster.published.empty());
}

TEST(ClusterPlan, AnotherEpochAloneRewritesNothing) {
    Cluster cluster;
    cluster.put("one", 5);
    cluster.apply();
    cluster.epoch = 2;
    EXPECT_EQ(cluster.apply(), 0U);
    cluster.put("two", 6);
    cluster.apply();
    EXPECT_EQ(cluster.assignment().epoch, 2U);
}

TEST(ClusterPlan, WithoutANodeItSaysSo) {
    Cluster cluster;
    cluster.nodes.clear();
    cluster.put("one", 5);
    cluster.apply();
    EXPECT_TRUE(cluster.assigned.empty());
    EXPECT_NE(cluster.status().message.find("no node"), std::string::npos);
}

TEST(ClusterPlan, AnAppStaysWhereItIsAndANewOneGoesWhereLeastRuns) {
    Cluster cluster;
    cluster.put("one", 5, 3);
    cluster.apply();
    cluster.nodes = {n1, n0};
    cluster.put("two", 6, 3);
    cluster.apply();
    EXPECT_EQ(cluster.assigned.size(), 1U);
    ManifestState other = cluster.manifests.at(shop);
    other.spec->app = AppId("blog");
    cluster.manifests[AppId("blog")] = other;
    cluster.apply();
    EXPECT_TRUE(cluster.assigned.contains({n1, AppId("blog")}));
}

TEST(ClusterPlan, ProblemsAndHealthShow) {
    Cluster cluster;
    cluster.put("one", 5);
    cluster.apply();
    cluster.report().instances[0].health = "starting";
    cluster.apply();
    EXPECT_EQ(cluster.status().phase, Phase::converging);
    EXPECT_EQ(cluster.status().services.at("web").running, 1);
    EXPECT_EQ(cluster.status().services.at("web").healthy, 0);
    cluster.report().instances[0].health = "unhealthy";
    cluster.apply();
    EXPECT_EQ(cluster.status().phase, Phase::degraded);
    EXPECT_EQ(cluster.status().message, "web/1: unhealthy");
    cluster.report().problems = {"web/1: crash loop"};
    cluster.apply();
    EXPECT_EQ(cluster.status().message, "web/1: crash loop");
}

}  // namespace
}  // namespace nap::test
