// Files of the app's project directory on a host: when they are written, used and taken away.
#include <gtest/gtest.h>

#include "model/plan.hpp"
#include "support/host_sim.hpp"

namespace nap::test {
namespace {

const InstanceId web{"web", 1};

BoundFiles files(const std::string& content) {
    return {std::make_shared<const StringMap>(StringMap{{"a.conf", content}})};
}

World shop(const std::string& content) {
    World world;
    world.app.app = AppId("shop");
    for (const char* name : {"db", "web"}) {
        world.app.services[name].image = "busybox:1";
        world.instances.push_back({name, 1});
    }
    world.app.services["web"].mounts = {{.kind = MountKind::project,
                                         .source = "conf",
                                         .target = "/etc/app",
                                         .read_only = true,
                                         .files = files(content)}};
    add_networks(world);
    add_images(world);
    return world;
}

std::string settle(World& world, HostSim& sim) {
    std::mt19937 random(1);
    std::string text;
    for (int i = 0; i < 10; ++i) {
        const Plan plan = world.plan();
        text += to_string(plan);
        if (plan.steps.empty()) break;
        EXPECT_EQ(sim.apply(plan, random), std::nullopt);
    }
    return text;
}

const CreateContainer& creation(const Plan& plan) {
    for (const Step& step : plan.steps) {
        const auto* create = std::get_if<CreateContainer>(&step.action);
        if (create != nullptr && create->instance == web) return *create;
    }
    throw std::runtime_error("nothing is created");
}

TEST(plan_folders, files_are_there_before_the_container_is_made) {
    World world = shop("1");
    HostSim sim(world);
    const std::string digest = folder_digest(files("1"));
    const Plan plan = world.plan();
    const auto& mount = creation(plan).config.mounts.at(0);
    EXPECT_EQ(mount.source, "/data/files/shop/" + digest);
    EXPECT_NE(
        to_string(plan).find("write-folder files " + digest.substr(0, 12) + " of 1: not there"),
        std::string::npos);
    settle(world, sim);
    EXPECT_EQ(world.host.folders, std::set<std::string>{digest});
    EXPECT_TRUE(world.plan().steps.empty());
}

TEST(plan_folders, other_content_recreates_its_users_and_the_old_goes) {
    World world = shop("1");
    HostSim sim(world);
    settle(world, sim);
    const auto before = world.host.containers;
    world.app.services["web"].mounts[0].files = files("2");
    const std::string text = settle(world, sim);
    EXPECT_EQ(world.host.folders, std::set<std::string>{folder_digest(files("2"))});
    EXPECT_NE(text.find("remove-folder"), std::string::npos);
    EXPECT_EQ(text.find("db"), std::string::npos) << text;
    EXPECT_EQ(world.host.containers.size(), before.size());
    world.instances.clear();
    world.remove = true;
    settle(world, sim);
    EXPECT_TRUE(world.host.folders.empty());
}

TEST(plan_folders, nothing_goes_while_a_container_may_use_it) {
    World world = shop("1");
    HostSim sim(world);
    settle(world, sim);
    world.host.folders.insert("old");
    world.busy = {"db/1"};
    EXPECT_TRUE(world.plan().steps.empty());
    world.busy.clear();
    world.frozen = true;
    EXPECT_TRUE(world.plan().steps.empty());
    world.frozen = false;
    world.host.containers.at(0).mounts = {{"", "/x", "/data/files/shop/old/file"}};
    EXPECT_TRUE(world.plan().steps.empty());
    world.host.containers.at(0).mounts.clear();
    const std::string text = to_string(world.plan());
    EXPECT_NE(text.find("remove-folder files old: no container uses it"), std::string::npos);
}

TEST(plan_folders, a_single_file_is_mounted_by_its_own_path) {
    World world = shop("1");
    BoundFiles one{std::make_shared<const StringMap>(StringMap{{"", "1"}})};
    world.app.services["web"].mounts[0].files = one;
    EXPECT_NE(folder_digest(one), folder_digest(files("1")));
    EXPECT_EQ(creation(world.plan()).config.mounts.at(0).source,
              "/data/files/shop/" + folder_digest(one) + "/file");
}

TEST(plan_folders, an_engine_elsewhere_is_named) {
    World world = shop("1");
    world.folders_path.clear();
    const std::string text = to_string(world.plan());
    EXPECT_NE(text.find("`docker.host` names an engine on another machine"), std::string::npos);
    EXPECT_NE(text.find("create-container db/1"), std::string::npos);
    EXPECT_EQ(text.find("create-container web/1"), std::string::npos);
}

TEST(plan_folders, a_container_whose_files_were_kept_elsewhere_is_replaced_when_it_ends) {
    World world = shop("1");
    HostSim sim(world);
    settle(world, sim);
    for (ObservedContainer& container : world.host.containers) {
        for (ObservedMount& mount : container.mounts)
            mount.source = "/old" + mount.source;
    }
    EXPECT_TRUE(world.plan().steps.empty()) << "it runs well";
    for (ObservedContainer& container : world.host.containers) {
        if (container.owner->instance == web) container.state = ContainerState::exited;
    }
    EXPECT_NE(to_string(world.plan()).find("create-container web/1"), std::string::npos);
    // Files that are lost are written again.
    World again = shop("1");
    HostSim sim2(again);
    settle(again, sim2);
    again.host.folders.clear();
    auto& all = again.host.containers;
    const auto ended = std::find_if(all.begin(), all.end(), [](const ObservedContainer& container) {
        return container.owner->instance == web;
    });
    ended->state = ContainerState::exited;
    EXPECT_NE(to_string(again.plan()).find("write-folder"), std::string::npos);
    settle(again, sim2);
    EXPECT_EQ(ended->state, ContainerState::running);
}

}  // namespace
}  // namespace nap::test
