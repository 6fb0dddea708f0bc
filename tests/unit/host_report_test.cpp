#include "reconciler/host_report.hpp"

#include <gtest/gtest.h>

#include "support/world.hpp"

namespace nap::test {
namespace {

World shop() {
    World world;
    world.app.app = AppId("shop");
    world.app.services["web"].image = "web:1";
    world.instances = {{"web", 1}};
    add_networks(world);
    add_images(world);
    return world;
}

HostReport report_of(const World& world) {
    return host_report(NodeId("n0"), 7, world.input(), world.plan());
}

TEST(HostReport, TellsWhatRuns) {
    World world = shop();
    ObservedContainer container = running_container(world, {"web", 1}, "c1");
    container.health = Health::healthy;
    container.ports = {{.target = 80, .published = 8080}};
    add_container(world, container);
    const HostReport report = report_of(world);
    EXPECT_TRUE(report.settled);
    EXPECT_TRUE(report.problems.empty());
    EXPECT_EQ(report.manifest_index, 7U);
    EXPECT_EQ(report.revision, world.revision);
    ASSERT_EQ(report.instances.size(), 1U);
    const InstanceReport& instance = report.instances[0];
    EXPECT_EQ(instance.container, ContainerId("c1"));
    EXPECT_EQ(instance.state, "running");
    EXPECT_EQ(instance.health, "healthy");
    EXPECT_EQ(instance.since, "2025-12-18T00:00:00.000Z");
    EXPECT_EQ(instance.addresses, (StringMap{{"bridge", "10.0.0.1"}}));
    EXPECT_EQ(instance.ports, container.ports);
    EXPECT_EQ(instance.image_id, image_id("web:1"));
}

TEST(HostReport, TimeAloneChangesNothing) {
    World world = shop();
    add_container(world, running_container(world, {"web", 1}, "c1"));
    const HostReport before = report_of(world);
    world.now += std::chrono::hours(5);
    EXPECT_EQ(report_of(world), before);
}

TEST(HostReport, WhatIsBeingStartedUnaskedIsSurplus) {
    World world = shop();
    world.busy = {"web/1", "web/2", "network shop_net", "image a/b:1"};
    EXPECT_EQ(report_of(world).surplus, (std::vector<InstanceId>{{"web", 2}}));
}

TEST(HostReport, WhatIsMissingIsAbsentAndNotSettled) {
    const HostReport report = report_of(shop());
    EXPECT_FALSE(report.settled);
    ASSERT_EQ(report.instances.size(), 1U);
    EXPECT_EQ(report.instances[0].state, "absent");
}

TEST(HostReport, BusyIsNotSettled) {
    World world = shop();
    add_container(world, running_container(world, {"web", 1}, "c1"));
    world.busy = {"network x"};
    EXPECT_FALSE(report_of(world).settled);
}

TEST(HostReport, ACrashLoopIsAProblemSaidOnce) {
    World world = shop();
    ObservedContainer container = running_container(world, {"web", 1}, "c1");
    container.state = ContainerState::exited;
    container.exit_code = 3;
    container.finished_at = world.now;
    add_container(world, container);
    Attempt& attempt = world.attempts["web/1"];
    attempt = {.failures = 1, .deaths = 5, .not_before = world.now};
    EXPECT_TRUE(report_of(world).problems.empty()) << "once may be bad luck";
    attempt.failures = crash_loop_failures;
    attempt.not_before = world.now + milliseconds(400);
    const HostReport report = report_of(world);
    ASSERT_EQ(report.problems.size(), 1U);
    EXPECT_EQ(report.problems[0], "web/1: crash loop: ended 2 times in a row");
    EXPECT_EQ(report.instances[0].restarts, 5);
    EXPECT_EQ(report.instances[0].exit_code, 3);
    EXPECT_FALSE(report.settled);
}

TEST(HostReport, WaitingIsNoProblemAndAFaultIs) {
    World world = shop();
    world.host.names["shop-web-1"] = ContainerId("stranger");
    ASSERT_EQ(report_of(world).problems.size(), 1U);
    world.host.names.clear();
    world.busy = {"web/1"};
    EXPECT_TRUE(report_of(world).problems.empty());
}

TEST(HostReport, ARunningContainerSpeaksBeforeANewerOneThatDoesNot) {
    World world = shop();
    add_container(world, running_container(world, {"web", 1}, "runs"));
    ObservedContainer newer = running_container(world, {"web", 1}, "newer");
    newer.name = "newer";
    newer.state = ContainerState::created;
    newer.created_at = world.now;
    add_container(world, newer);
    EXPECT_EQ(report_of(world).instances[0].container, ContainerId("runs"));
}

TEST(HostReport, AnswersAnOrderToRemove) {
    World world = shop();
    world.remove = true;
    world.instances.clear();
    const HostReport report = report_of(world);
    EXPECT_TRUE(report.remove);
    EXPECT_TRUE(report.settled);
    EXPECT_TRUE(report.instances.empty());
}

}  // namespace
}  // namespace nap::test
