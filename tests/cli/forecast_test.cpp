#include "cli/forecast.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/render_cluster.hpp"
#include "cluster_fixture.hpp"
#include "manifest/parse.hpp"
#include "reconciler/digest.hpp"

namespace nap {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ForecastTest : public testing::Test {
  protected:
    ForecastTest() {
        for (const char* name : {"nap0", "nap1", "nap2"})
            view_.records[NodeId(name)] = node_record(name, "a");
    }

    void assign(const std::string& node, const std::string& manifest,
                std::vector<InstanceId> instances) {
        Assignment& order = view_.assigned[{NodeId(node), AppId("shop")}];
        order = assignment_of("shop", manifest, std::move(instances));
        order.revision = RevisionId(digest(manifest));
    }

    Forecast forecast(const std::string& manifest) {
        const ManifestText text{"shop.yml", manifest};
        const auto spec = parse_manifest(AppId("shop"), text).spec;
        EXPECT_TRUE(spec) << manifest;
        return forecast_app({view_, {}, spec.value(), text, ClusterId("c"), NodeId("nap0")});
    }

    ClusterView view_;
};

constexpr char three[] = "services: {web: {image: x, deploy: {replicas: 3}}}";
constexpr char four[] = "services: {web: {image: x, deploy: {replicas: 4}}}";

TEST_F(ForecastTest, ANewAppIsSpreadOverTheNodes) {
    const Forecast made = forecast(three);
    EXPECT_EQ(made.here.instances.size(), 1U);
    EXPECT_EQ(made.here.cluster, ClusterId("c"));
    EXPECT_EQ(changes_text(made.others), "on nap1: start web/2\non nap2: start web/3\n");
    EXPECT_THAT(made.blocked, IsEmpty());
}

TEST_F(ForecastTest, WhatIsAsItShallBeChangesNothing) {
    assign("nap0", three, {{"web", 1}});
    assign("nap1", three, {{"web", 2}});
    assign("nap2", three, {{"web", 3}});
    const Forecast same = forecast(three);
    EXPECT_THAT(same.here.instances, ElementsAre(InstanceId{"web", 1}));
    EXPECT_EQ(changes_text(same.others), "");
}

TEST_F(ForecastTest, SaysWhatComesGoesAndChangesElsewhere) {
    assign("nap0", four, {{"web", 1}});
    assign("nap1", four, {{"web", 2}});
    assign("nap2", four, {{"web", 3}, {"web", 4}});
    EXPECT_EQ(changes_text(forecast(three).others),
              "on nap1: follow the new manifest with the others\n"
              "on nap2: end web/4; follow the new manifest with the others\n");
}

TEST_F(ForecastTest, WhatFitsNowhereIsBlocked) {
    const Forecast made = forecast(
        "services: {web: {image: x, deploy: {placement: {constraints: [node.id==none]}}}}");
    ASSERT_EQ(made.blocked.size(), 1U);
    EXPECT_EQ(made.blocked[0].object, "web/1");
    EXPECT_THAT(made.blocked[0].reason, HasSubstr("fits on no node: nap0: node.id"));
    EXPECT_THAT(made.here.instances, IsEmpty());
    view_.records.clear();
    EXPECT_THAT(forecast(three).blocked[0].reason, HasSubstr("there is no node"));
}

constexpr char linked[] =
    "services:\n"
    "  web: {image: x, links: [db], deploy: {replicas: 3}}\n"
    "  db: {image: x}\n"
    "networks: {default: {driver: bridge}}\n";

TEST_F(ForecastTest, ANetworkThatWouldBeSplitIsRefused) {
    const Forecast made = forecast(linked);
    ASSERT_EQ(made.blocked.size(), 1U);
    EXPECT_EQ(made.blocked[0].object, "shop");
    EXPECT_THAT(made.blocked[0].reason, HasSubstr("shop_default ends at its host"));
    EXPECT_THAT(made.here.instances, IsEmpty());
    EXPECT_THAT(made.others, IsEmpty());
    const Forecast together = forecast(std::string(linked) + "x-nap: {colocate: true}\n");
    EXPECT_THAT(together.blocked, IsEmpty());
    EXPECT_EQ(together.here.instances.size(), 4U);
}

TEST_F(ForecastTest, OtherAppsAreLeftAlone) {
    view_.assigned[{NodeId("nap0"), AppId("other")}] =
        assignment_of("other", three, {{"web", 1}, {"web", 2}, {"web", 3}});
    const Forecast made = forecast("services: {web: {image: x}}");
    EXPECT_THAT(made.here.instances, IsEmpty());
    EXPECT_EQ(changes_text(made.others), "on nap1: start web/1\n");
}

}  // namespace
}  // namespace nap
