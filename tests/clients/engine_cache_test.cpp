#include "watchers/engine_cache.hpp"

#include <gtest/gtest.h>

namespace nap::test {
namespace {

const AppId shop("shop");
const ContainerId c1("c1");

OwnerLabels owner() {
    return {.cluster = ClusterId("u"), .app = shop, .instance = {"web", 1}};
}

EngineEvent event_of(const std::string& action) {
    return {.type = "container", .action = action, .id = "c1", .name = "one", .owner = owner()};
}

ObservedContainer inspected() {
    ObservedContainer container;
    container.id = c1;
    container.name = "one";
    container.owner = owner();
    container.state = ContainerState::running;
    return container;
}

TEST(EngineCache, KnowsNothingAtFirst) {
    const EngineCache cache;
    EXPECT_TRUE(cache.containers_stale());
    EXPECT_TRUE(cache.networks_stale());
    EXPECT_TRUE(cache.volumes_stale());
}

TEST(EngineCache, ListsThatWereReadAreFreshUntilSomethingHappens) {
    EngineCache cache;
    cache.take_container_list({}, cache.begin_container_list());
    cache.begin_network_list();
    cache.begin_volume_list();
    EXPECT_FALSE(cache.containers_stale() || cache.networks_stale() || cache.volumes_stale());
    EXPECT_TRUE(cache.apply({.type = "network", .action = "create"}).all);
    EXPECT_TRUE(cache.networks_stale());
    EXPECT_TRUE(cache.apply({.type = "volume", .action = "remove"}).all);
    EXPECT_TRUE(cache.volumes_stale());
    EXPECT_FALSE(cache.containers_stale());
    cache.lose_track();
    EXPECT_TRUE(cache.containers_stale());
}

TEST(EngineCache, ImagesAreLookedUpAgainWithTheLists) {
    EngineCache cache;
    cache.take_image("one:1", ImageId("sha256:1"));
    EXPECT_TRUE(cache.knows_image("one:1"));
    cache.distrust_lists();
    EXPECT_FALSE(cache.knows_image("one:1")) << "its event may have been missed";
}

TEST(EngineCache, AnEventWhileAListIsReadKeepsItStale) {
    EngineCache cache;
    cache.begin_network_list();
    cache.apply({.type = "network", .action = "create"});
    cache.take_networks({});
    EXPECT_TRUE(cache.networks_stale());
}

TEST(EngineCache, AContainerIsInTheSnapshotOnceInspected) {
    EngineCache cache;
    cache.apply(event_of("create"));
    EXPECT_TRUE(cache.snapshot(shop).containers.empty());
    EXPECT_EQ(cache.snapshot(shop).names.size(), 1U);
    EXPECT_EQ(cache.begin_inspections(shop, {}), std::vector<ContainerId>{c1});
    EXPECT_TRUE(cache.begin_inspections(shop, {}).empty()) << "under way";
    cache.take_container(inspected());
    EXPECT_EQ(cache.snapshot(shop).containers.size(), 1U);
    EXPECT_TRUE(cache.snapshot(AppId("blog")).containers.empty());
    EXPECT_TRUE(cache.begin_inspections(shop, {}).empty()) << "fresh";
}

TEST(EngineCache, AFailedInspectionIsTriedAgain) {
    EngineCache cache;
    cache.apply(event_of("create"));
    cache.begin_inspections(shop, {});
    cache.inspection_failed(c1, false);
    EXPECT_EQ(cache.begin_inspections(shop, {}).size(), 1U);
    cache.inspection_failed(c1, true);
    EXPECT_TRUE(cache.snapshot(shop).names.empty());
}

TEST(EngineCache, ADestroyedContainerDoesNotComeBackFromASlowAnswer) {
    EngineCache cache;
    cache.apply(event_of("create"));
    cache.begin_inspections(shop, {});
    EXPECT_EQ(cache.apply(event_of("destroy")).apps, std::set<AppId>{shop});
    cache.take_container(inspected());
    EXPECT_TRUE(cache.snapshot(shop).names.empty());
}

TEST(EngineCache, ANameThatBecomesFreeConcernsEveryApp) {
    EngineCache cache;
    EngineEvent foreign = event_of("create");
    foreign.owner.reset();
    EXPECT_FALSE(cache.apply(foreign).all) << "of no concern yet";
    foreign.action = "rename";
    foreign.name = "two";
    EXPECT_TRUE(cache.apply(foreign).all);
    EXPECT_TRUE(cache.snapshot(shop).names.contains("two"));
    foreign.action = "destroy";
    EXPECT_TRUE(cache.apply(foreign).all);
}

TEST(EngineCache, OutOfMemoryIsAskedAbout) {
    EngineCache cache;
    cache.apply(event_of("create"));
    cache.begin_inspections(shop, {});
    cache.take_container(inspected());
    cache.apply(event_of("oom"));
    EngineEvent death = event_of("die");
    death.exit_code = 137;
    death.time = TimePoint{nanoseconds(1)};
    cache.apply(death);
    EXPECT_EQ(cache.begin_inspections(shop, {}).size(), 1U);
}

TEST(EngineCache, AnActionThatEndedIsLookedInto) {
    EngineCache cache;
    cache.touch(c1);
    EXPECT_EQ(cache.begin_inspections(shop, {}), std::vector<ContainerId>{c1})
        << "it may be this app's";
}

}  // namespace
}  // namespace nap::test
