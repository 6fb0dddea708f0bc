// What is stopped on a host that may be taken for lost by now (S2).
#include "reconciler/lease_end.hpp"

#include <gtest/gtest.h>

namespace nap::test {
namespace {

ContainerSummary container(const std::string& service, ContainerState state) {
    return {.id = ContainerId("id-" + service),
            .name = "shop-" + service + "-1",
            .owner = OwnerLabels{.cluster = ClusterId("u"),
                                 .app = AppId("shop"),
                                 .instance = {service, 1},
                                 .revision = {},
                                 .config_hash = {}},
            .fingerprint = {},
            .state = state};
}

class LeaseEnd : public ::testing::Test {
  protected:
    LeaseEnd() {
        app.app = AppId("shop");
        app.services["one"].partition = PartitionPolicy::stop;
        app.services["many"] = {};
    }
    std::string plan(const std::vector<ContainerSummary>& list, std::set<std::string> busy = {}) {
        return to_string(plan_lease_end(ClusterId("u"), app, list, busy));
    }
    std::chrono::milliseconds grace_of(std::optional<milliseconds> wanted) {
        app.services["one"].stop_grace_period = wanted;
        const std::vector list{container("one", ContainerState::running)};
        const Plan plan = plan_lease_end(ClusterId("u"), app, list, {});
        return std::get<StopContainer>(plan.steps.at(0).action).grace.value();
    }

    AppSpec app;
};

TEST_F(LeaseEnd, StopsWhatMustNotRunTwiceAndNothingElse) {
    const std::string text =
        plan({container("one", ContainerState::running), container("many", ContainerState::running),
              container("gone", ContainerState::running)});
    EXPECT_NE(text.find("stop-container one/1"), std::string::npos) << text;
    EXPECT_EQ(text.find("many"), std::string::npos) << text;
    EXPECT_EQ(text.find("gone"), std::string::npos) << text;
}

TEST_F(LeaseEnd, LeavesOthersContainersAlone) {
    ContainerSummary foreign = container("one", ContainerState::running);
    foreign.owner.reset();
    ContainerSummary of_other_cluster = container("one", ContainerState::running);
    of_other_cluster.owner->cluster = ClusterId("v");
    ContainerSummary of_other_app = container("one", ContainerState::running);
    of_other_app.owner->app = AppId("blog");
    EXPECT_EQ(plan({foreign, of_other_cluster, of_other_app}), plan({}));
}

TEST_F(LeaseEnd, StopsOnlyWhatIsUpAndNotBeingWorkedOn) {
    for (const auto state : {ContainerState::created, ContainerState::exited, ContainerState::dead})
        EXPECT_EQ(plan({container("one", state)}), plan({})) << to_string(state);
    EXPECT_NE(plan({container("one", ContainerState::paused)}), plan({}));
    EXPECT_EQ(plan({container("one", ContainerState::running)}, {"one/1"}), plan({}));
}

TEST_F(LeaseEnd, GivesASecondAtMost) {
    EXPECT_EQ(grace_of(std::nullopt), std::chrono::seconds(1));
    EXPECT_EQ(grace_of(std::chrono::seconds(30)), std::chrono::seconds(1));
    EXPECT_EQ(grace_of(std::chrono::milliseconds(200)), std::chrono::milliseconds(200));
}

}  // namespace
}  // namespace nap::test
