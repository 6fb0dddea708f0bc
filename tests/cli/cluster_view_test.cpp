#include "cli/cluster_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/explained.hpp"
#include "cli/staying.hpp"
#include "cluster_fixture.hpp"
#include "manifest/parse.hpp"

namespace nap {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> shown(const std::vector<NodeSummary>& nodes) {
    std::vector<std::string> lines;
    for (const NodeSummary& node : nodes) {
        lines.push_back(node.node.str() + " " + node.state + (node.draining ? " draining" : "") +
                        (node.leader ? " leader " : " ") + std::to_string(node.instances));
    }
    return lines;
}

TEST(ClusterView, KnowsEachNodeWithARecordOrAnAssignment) {
    ClusterView view = four_nodes();
    EXPECT_THAT(shown(summarize(view)),
                ElementsAre("nap0 ready leader 2", "nap1 draining draining 1", "nap2 ready 0",
                            "nap3 lost 1"));
    view.records[NodeId("nap1")].state = "engine-down";
    view.controls[NodeId("nap3")].draining = true;
    view.controls[NodeId("nap9")].draining = true;
    view.assigned.begin()->second.remove = true;
    EXPECT_THAT(shown(summarize(view)),
                ElementsAre("nap0 ready leader 0", "nap1 engine-down draining 1", "nap2 ready 0",
                            "nap3 lost draining 1"));
}

TEST(ClusterView, AnUnknownNodeGetsASuggestion) {
    const Outcome near = unknown_node(NodeId("napo"), four_nodes());
    EXPECT_EQ(near.code, Exit::not_found);
    EXPECT_EQ(near.message, "no node `napo`; did you mean `nap0`?");
    EXPECT_EQ(unknown_node(NodeId("elsewhere"), four_nodes()).message,
              "no node `elsewhere`; `nap nodes` lists all nodes");
}

std::vector<std::string> left_of(const std::string& manifest, std::vector<InstanceId> instances) {
    std::vector<std::string> lines;
    for (const StayingInstance& instance :
         instances_left({assignment_of("shop", manifest, std::move(instances))})) {
        lines.push_back(to_string(instance.instance) + ": " + instance.why);
    }
    return lines;
}

TEST(InstancesLeft, SaysWhyOneStays) {
    EXPECT_THAT(left_of(shop_manifest, {{"web", 2}, {"db", 1}}),
                ElementsAre(HasSubstr("db/1: stays: its data is on this node"), "web/2: "));
    const std::string sticky = "services: {a: {image: x, x-nap: {sticky: always}}}";
    EXPECT_THAT(left_of(sticky, {{"a", 1}}),
                ElementsAre("a/1: stays: its service has `sticky: always`"));
    const std::string told =
        "services: {a: {image: x, volumes: [/srv:/d], x-nap: {sticky: never}}}";
    EXPECT_THAT(left_of(told, {{"a", 1}}), ElementsAre("a/1: "));
    const std::string global =
        "services: {a: {image: x, volumes: [/srv:/d], deploy: {mode: global}}}";
    EXPECT_THAT(left_of(global, {{"a", 1}}), ElementsAre("a/1: "));
}

TEST(InstancesLeft, WhatIsKeptTogetherStaysTogether) {
    EXPECT_THAT(
        left_of(std::string(shop_manifest) + "x-nap: {colocate: true}\n", {{"web", 1}, {"db", 1}}),
        ElementsAre(HasSubstr("its data is on this node"),
                    "web/1: stays: the app is kept together, and its service db stays"));
}

TEST(InstancesLeft, ManifestsThatCannotBeReadStillHaveInstances) {
    EXPECT_THAT(left_of("{", {{"a", 1}}), ElementsAre("a/1: "));
    Assignment removal = assignment_of("shop", shop_manifest, {{"web", 1}});
    removal.remove = true;
    EXPECT_THAT(instances_left({removal}), IsEmpty());
}

class Explain : public testing::Test {
  protected:
    std::vector<ExplainedService> explain(const std::string& service = "") {
        const Scheduled scheduled = scheduled_from(view_);
        return explain_services({service, scheduled.apps.at(AppId("shop")), view_, reports_},
                                scheduled);
    }

    ClusterView view_ = four_nodes();
    std::vector<HostReport> reports_;
};

TEST_F(Explain, EachInstanceHasItsNodeAndState) {
    HostReport report;
    report.node = NodeId("nap0");
    report.app = AppId("shop");
    InstanceReport web;
    web.instance = {"web", 1};
    web.state = "exited";
    web.health = "none";
    web.message = "crash loop";
    report.instances = {web};
    reports_ = {report};
    std::vector<std::string> lines;
    for (const ExplainedService& service : explain()) {
        for (const ExplainedInstance& instance : service.instances) {
            lines.push_back(to_string(instance.instance) + " " + instance.node.str() + " " +
                            instance.state + ": " + instance.message);
        }
    }
    EXPECT_THAT(lines, ElementsAre("db/1 nap0 assigned: its node has not reported it yet",
                                   "web/1 nap0 exited: crash loop",
                                   "web/2 nap1 assigned: its node has not reported it yet",
                                   "web/3 nap3 lost: its node is lost", "web/4  no node: "));
}

TEST_F(Explain, EveryNodeSaysWhyNot) {
    const auto services = explain("web");
    ASSERT_EQ(services.size(), 1U);
    std::vector<std::string> lines;
    for (const NodeAnswer& answer : services[0].nodes)
        lines.push_back(answer.node.str() + ": " + answer.reason);
    EXPECT_THAT(lines, ElementsAre("nap0: port 80/tcp is taken", "nap1: draining",
                                   HasSubstr("nap2: node.labels.zone is c"), "nap3: gone"));
}

TEST_F(Explain, OneThatMovesIsWhereItGoes) {
    view_.assigned[{NodeId("nap1"), AppId("shop")}].leaving = {{"web", 2}};
    Assignment& there = view_.assigned[{NodeId("nap0"), AppId("shop")}];
    there.instances = {{"web", 2}};
    EXPECT_EQ(explain("web")[0].instances[1].node, NodeId("nap0"));
    there.leaving = {{"web", 2}};
    view_.assigned[{NodeId("nap1"), AppId("shop")}].leaving.clear();
    EXPECT_EQ(explain("web")[0].instances[1].node, NodeId("nap1"));
}

TEST_F(Explain, OfTwoManifestsTheNewerOneCounts) {
    Assignment& newer = view_.assigned[{NodeId("nap0"), AppId("shop")}];
    newer.manifest.text = "services: {web: {image: nginx, deploy: {replicas: 1}}}";
    newer.manifest_index = 8;
    const auto services = explain();
    ASSERT_EQ(services.size(), 1U);
    EXPECT_EQ(services[0].instances.size(), 3U);  // the surplus is still somewhere
    EXPECT_EQ(services[0].nodes[0].reason, "");
}

}  // namespace
}  // namespace nap
