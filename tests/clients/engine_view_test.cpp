#include "watchers/engine_view.hpp"

#include <gtest/gtest.h>

#include "support/fake_engine.hpp"

namespace nap::test {
namespace {

const AppId shop("shop");

EngineEvent event_of(const std::string& action, const std::string& id) {
    return {.type = "container",
            .action = action,
            .id = id,
            .name = "shop-" + id,
            .owner = OwnerLabels{.cluster = ClusterId("u"), .app = shop, .instance = {"web", 1}},
            .time = TimePoint{std::chrono::hours(1)}};
}

class EngineViewTest : public ::testing::Test {
  protected:
    void SetUp() override { put("c1", {"web", 1}); }

    void put(const std::string& id, const InstanceId& instance) {
        engine.containers[ContainerId(id)] = owned_container(id, instance);
    }
    Result<ObservedHost> look(std::set<std::string> images = {}, std::set<std::string> busy = {}) {
        return run_to_end(io, view.observe({shop, std::move(images), std::move(busy)}));
    }
    ContainerState state_of(const ObservedHost& host, const std::string& id) {
        for (const auto& container : host.containers) {
            if (container.id.str() == id) return container.state;
        }
        return ContainerState::dead;
    }

    asio::io_context io;
    FakeEngine engine{io};
    EngineView view{io.get_executor(), engine};
};

TEST_F(EngineViewTest, LooksOnceAndThenOnlyForAReason) {
    const auto host = look();
    ASSERT_TRUE(host);
    EXPECT_EQ(host->containers.size(), 1U);
    EXPECT_EQ(host->names.at("shop-c1"), ContainerId("c1"));
    const std::size_t calls = engine.calls.size();
    ASSERT_TRUE(look());
    EXPECT_EQ(engine.calls.size(), calls);
    view.cache().apply(event_of("start", "c1"));
    ASSERT_TRUE(look());
    EXPECT_EQ(engine.calls.size(), calls + 1) << "one inspection";
}

TEST_F(EngineViewTest, TheEnginesRoleIsAskedForAgainOnlyForAReason) {
    engine.failures["info"] = {Errc::timed_out, "info"};
    ASSERT_TRUE(look()) << "what runs does not depend on it";
    EXPECT_FALSE(view.cache().info().swarm_manager);
    engine.failures.clear();
    engine.swarm_manager = true;
    ASSERT_TRUE(look());
    EXPECT_EQ(engine.count("info"), 1U) << "one that hangs must not hold up each look";
    view.cache().touch_info();
    ASSERT_TRUE(look());
    EXPECT_TRUE(view.cache().info().swarm_manager);
    engine.failures["info"] = {Errc::timed_out, "info"};
    view.cache().lose_track();
    ASSERT_TRUE(look());
    EXPECT_EQ(engine.count("info"), 3U);
    EXPECT_TRUE(view.cache().info().swarm_manager) << "the last answer stands";
}

TEST_F(EngineViewTest, AFailureIsAnErrorAndNotAnEmptyHost) {
    for (const char* op :
         {"list_containers", "list_networks", "list_volumes", "inspect", "find_image"}) {
        engine.failures[op] = {Errc::timed_out, op};
        const auto host = look({"web:1"});
        ASSERT_FALSE(host) << op;
        EXPECT_EQ(host.error().message, op);
        engine.failures.clear();
        const auto again = look({"web:1"});
        ASSERT_TRUE(again) << op;
        EXPECT_EQ(again->containers.size(), 1U) << op;
        view.cache().lose_track();
    }
}

TEST_F(EngineViewTest, ADeathIsKnownWithoutLooking) {
    ASSERT_TRUE(look());
    const std::size_t calls = engine.calls.size();
    EngineEvent death = event_of("die", "c1");
    death.exit_code = 137;
    const Wakes wakes = view.cache().apply(death);
    EXPECT_EQ(wakes.apps, std::set<AppId>{shop});
    EXPECT_FALSE(wakes.all);
    const auto host = look();
    ASSERT_TRUE(host);
    EXPECT_EQ(engine.calls.size(), calls);
    EXPECT_EQ(state_of(*host, "c1"), ContainerState::exited);
    EXPECT_EQ(host->containers[0].exit_code, 137);
    EXPECT_EQ(host->containers[0].finished_at, death.time);
}

TEST_F(EngineViewTest, AnOldDeathIsOnlyAHint) {
    engine.containers[ContainerId("c1")].started_at = TimePoint{std::chrono::hours(2)};
    ASSERT_TRUE(look());
    EngineEvent death = event_of("die", "c1");
    death.exit_code = 1;
    view.cache().apply(death);
    EXPECT_EQ(state_of(look().value(), "c1"), ContainerState::running);
    EXPECT_EQ(engine.count("inspect c1"), 2U);
}

TEST_F(EngineViewTest, AnEventDuringAnInspectionIsNotLost) {
    engine.before["inspect"] = [this] {
        engine.containers[ContainerId("c1")].state = ContainerState::exited;
        EngineEvent death = event_of("die", "c1");
        death.exit_code = 1;
        view.cache().apply(death);
    };
    EXPECT_EQ(state_of(look().value(), "c1"), ContainerState::running) << "as the answer said";
    EXPECT_EQ(state_of(look().value(), "c1"), ContainerState::exited);
}

TEST_F(EngineViewTest, MissedEventsAreMadeUpForByLosingTrack) {
    for (int i = 2; i <= 300; ++i)
        put("c" + std::to_string(i), {"web", i});
    ASSERT_TRUE(look());
    for (auto& [id, container] : engine.containers)
        container.state = ContainerState::exited;
    engine.containers.erase(ContainerId("c7"));
    engine.networks.push_back({NetworkId("n"), "new", std::nullopt});
    view.cache().lose_track();
    const auto host = look();
    ASSERT_TRUE(host);
    EXPECT_EQ(host->containers.size(), 299U);
    EXPECT_EQ(host->networks.size(), 1U);
    for (const auto& container : host->containers) {
        EXPECT_EQ(container.state, ContainerState::exited);
    }
}

TEST_F(EngineViewTest, ADistrustedListCostsOnlyWhatChanged) {
    put("c2", {"web", 2});
    ASSERT_TRUE(look());
    engine.containers[ContainerId("c2")].state = ContainerState::paused;
    view.cache().distrust_lists();
    EXPECT_EQ(state_of(look().value(), "c2"), ContainerState::paused);
    EXPECT_EQ(engine.count("inspect c1"), 1U);
    EXPECT_EQ(engine.count("inspect c2"), 2U);
}

TEST_F(EngineViewTest, WhatIsBusyIsNotInspected) {
    ASSERT_TRUE(look());
    view.cache().apply(event_of("start", "c1"));
    ASSERT_TRUE(look({}, {"web/1"}));
    EXPECT_EQ(engine.count("inspect c1"), 1U);
    ASSERT_TRUE(look());
    EXPECT_EQ(engine.count("inspect c1"), 2U);
}

TEST_F(EngineViewTest, NetworksThatAreNotToldStandAsLongAsNothingSaysOtherwise) {
    engine.failures["list_networks"] = {Errc::timed_out, "the swarm has no leader"};
    EXPECT_FALSE(look()) << "there is no last answer yet";
    engine.failures.clear();
    ASSERT_TRUE(look());
    engine.failures["list_networks"] = {Errc::timed_out, "the swarm has no leader"};
    view.cache().distrust_lists();
    const std::size_t asked = engine.count("list_networks");
    ASSERT_TRUE(look()) << "what runs is kept running";
    ASSERT_TRUE(look());
    EXPECT_EQ(engine.count("list_networks"), asked + 1) << "not at each look";
    view.cache().apply({.type = "network", .action = "destroy"});
    EXPECT_FALSE(look()) << "the last answer no longer holds";
}

TEST_F(EngineViewTest, AContainerGoneBeforeItsInspectionIsGone) {
    engine.before["list_networks"] = [this] { engine.containers.clear(); };
    const auto host = look();
    ASSERT_TRUE(host);
    EXPECT_TRUE(host->containers.empty());
    EXPECT_TRUE(host->names.empty());
}

TEST_F(EngineViewTest, ACreationDuringTheListIsKept) {
    engine.before["list_containers"] = [this] {
        put("c2", {"web", 2});
        view.cache().apply(event_of("create", "c2"));
    };
    const auto host = look();
    ASSERT_TRUE(host);
    EXPECT_EQ(host->containers.size(), 2U);
}

TEST_F(EngineViewTest, WhatANetworkSaysOfAContainerNamesNeither) {
    EngineEvent joined = event_of("connect", "c2");
    joined.name = "bridge";
    joined.owner.reset();
    view.cache().apply(joined);
    EXPECT_FALSE(view.cache().snapshot(shop).names.contains("bridge"));
    view.cache().apply(event_of("start", "c2"));
    EXPECT_TRUE(view.cache().apps().contains(shop));
}

TEST_F(EngineViewTest, ImagesAreResolvedOnceUntilTheyChange) {
    engine.containers.at(ContainerId("c1")).image_id = ImageId("sha256:1");
    engine.images["web:1"] = ImageId("sha256:1");
    EXPECT_EQ(look({"web:1"})->images.at("web:1"), ImageId("sha256:1"));
    engine.images["web:1"] = ImageId("sha256:2");
    EXPECT_EQ(look({"web:1"})->images.at("web:1"), ImageId("sha256:1"));
    view.cache().apply({.type = "image", .action = "tag", .id = "web:1"});
    EXPECT_EQ(look({"web:1"})->images.at("web:1"), ImageId("sha256:2"));
}

TEST_F(EngineViewTest, AnImageWhoseChangeWasMissedDoesNotCondemnContainersMadeFromIt) {
    engine.containers.at(ContainerId("c1")).image_id = ImageId("sha256:1");
    engine.images["web:1"] = ImageId("sha256:1");
    ASSERT_TRUE(look({"web:1"}));
    // Tagged anew, which nobody has told, and then a container was made from it.
    engine.images["web:1"] = ImageId("sha256:2");
    put("c2", {"web", 2});
    engine.containers.at(ContainerId("c2")).image_id = ImageId("sha256:2");
    view.cache().apply(event_of("create", "c2"));
    EXPECT_EQ(look({"web:1"})->images.at("web:1"), ImageId("sha256:2"));
}

TEST_F(EngineViewTest, InspectsManyFewAtATime) {
    for (int i = 2; i <= 40; ++i)
        put("c" + std::to_string(i), {"web", i});
    ASSERT_TRUE(look());
    EXPECT_LE(engine.in_flight_max, 4U);
}

}  // namespace
}  // namespace nap::test
