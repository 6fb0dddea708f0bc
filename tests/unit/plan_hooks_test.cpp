// Hooks and shared volumes, as the host planner sees them.
#include <gtest/gtest.h>

#include "reconciler/backoff.hpp"
#include "reconciler/host_report.hpp"
#include "support/host_sim.hpp"

namespace nap::test {
namespace {

const InstanceId web{"web", 1};
const InstanceId db{"db", 1};

World shop() {
    World world;
    world.app.app = AppId("shop");
    for (const char* name : {"db", "web"}) {
        world.app.services[name].image = "busybox:1";
        world.instances.push_back({name, 1});
    }
    add_networks(world);
    add_images(world);
    return world;
}

ObservedContainer& container_of(World& world, const InstanceId& instance) {
    for (ObservedContainer& container : world.host.containers) {
        if (container.owner->instance == instance) return container;
    }
    throw std::runtime_error("there is none");
}

World with_hooks() {
    World world = shop();
    world.app.services["web"].hooks.post_start = {{.command = {"set-up"}}};
    for (const char* name : {"db", "web"})
        add_container(world, running_container(world, {name, 1}, std::string("c-") + name));
    container_of(world, web).hooks = world.app.services["web"].hooks;
    return world;
}

std::string plan_text(const World& world) {
    return to_string(world.plan());
}

TEST(plan_hooks, run_once_for_each_start) {
    World world = with_hooks();
    EXPECT_EQ(plan_text(world), "1. run-hooks web/1 (c-web) 1: it has started\n");
    world.attempts["web/1"].hooked_run = run_of(container_of(world, web));
    EXPECT_EQ(plan_text(world), "");
    container_of(world, web).started_at += std::chrono::seconds(1);
    EXPECT_EQ(plan_text(world), "1. run-hooks web/1 (c-web) 1: it has started\n");
    world.busy = {"web/1"};
    EXPECT_EQ(plan_text(world).find("run-hooks"), std::string::npos);
}

TEST(plan_hooks, that_cannot_be_known_are_not_planned) {
    World world = with_hooks();
    HostInput input = world.input();
    input.runs_known = false;
    EXPECT_EQ(to_string(plan_host(input)), "");
}

TEST(plan_hooks, a_failure_stops_the_container_and_counts) {
    World world = with_hooks();
    ObservedContainer& container = container_of(world, web);
    note_hooks(world.attempts, "web/1", run_of(container), "it failed");
    EXPECT_EQ(plan_text(world), "1. stop-container web/1 (c-web): it failed\n");
    world.frozen = true;
    EXPECT_EQ(plan_text(world), "blocked web/1: held: it failed\n");
    world.frozen = false;
    container.state = ContainerState::exited;
    container.exit_code = 0;
    container.finished_at = container.started_at + std::chrono::minutes(5);
    for (int i = 0; i < 3; ++i)
        review_runs(world.attempts, world.backoff, world.host, world.now, {});
    EXPECT_EQ(world.attempts["web/1"].failures, 1);
    EXPECT_EQ(world.attempts["web/1"].last_error, "it failed");
    for (const auto policy : {RestartPolicy::always, RestartPolicy::on_failure}) {
        world.app.services["web"].restart.policy = policy;
        EXPECT_NE(plan_text(world).find("start-container web/1"), std::string::npos);
    }
    world.app.services["web"].restart.policy = RestartPolicy::no;
    EXPECT_EQ(plan_text(world), "blocked web/1: it failed\n");
}

TEST(plan_hooks, a_row_of_failures_is_backed_off) {
    World world = with_hooks();
    ObservedContainer& container = container_of(world, web);
    for (int i = 1; i <= 3; ++i) {
        container.started_at = world.now + std::chrono::seconds(i);
        container.finished_at = container.started_at + std::chrono::seconds(30);
        container.state = ContainerState::exited;
        note_hooks(world.attempts, "web/1", run_of(container), "it failed");
        review_runs(world.attempts, world.backoff, world.host, world.now, {});
        EXPECT_EQ(world.attempts["web/1"].failures, i) << "a long hook is no good run";
    }
    world.now = container.finished_at;
    EXPECT_NE(plan_text(world).find("blocked web/1: it failed"), std::string::npos);
}

TEST(plan_volumes_from, waits_for_its_source_and_follows_it) {
    World world = shop();
    world.app.services["web"].volumes_from = {{"db", true}};
    HostSim sim(world);
    std::mt19937 random(1);
    const auto settle = [&] {
        for (int i = 0; i < 10; ++i) {
            const Plan plan = world.plan();
            if (plan.steps.empty()) return;
            for (const Step& step : plan.steps) {
                const auto* create = std::get_if<CreateContainer>(&step.action);
                if (create == nullptr || create->instance != web) continue;
                EXPECT_EQ(create->config.volumes_from,
                          std::vector<std::string>{container_of(world, db).id.str() + ":ro"});
            }
            EXPECT_EQ(sim.apply(plan, random), std::nullopt);
            // What HostSim does not know of engines.
            for (ObservedContainer& container : world.host.containers) {
                if (container.owner->instance == web && container.shares.empty()) {
                    container.shares = {container_of(world, db).id};
                }
            }
        }
        ADD_FAILURE() << plan_text(world);
    };
    settle();
    const ContainerId first = container_of(world, web).id;
    world.app.services["db"].labels["a"] = "b";
    settle();
    EXPECT_NE(container_of(world, web).id, first);
    EXPECT_EQ(container_of(world, web).shares.at(0), container_of(world, db).id);
    // It is no namespace: another run of the source changes nothing.
    container_of(world, db).started_at = world.now + std::chrono::hours(1);
    EXPECT_EQ(plan_text(world), "");
}

TEST(plan_volumes_from, may_be_of_one_that_has_ended) {
    World world = shop();
    world.app.services["web"].volumes_from = {{"db", false}};
    world.app.services["db"].restart.policy = RestartPolicy::no;
    ObservedContainer ended = running_container(world, db, "data");
    ended.state = ContainerState::exited;
    ended.mounts = {{std::string(64, 'a'), "/data"}};
    add_container(world, ended);
    EXPECT_NE(plan_text(world).find("create-container web/1"), std::string::npos);
    // Its unnamed volumes are not taken over as the user's own.
    ObservedContainer old = running_container(world, web, "old");
    old.owner->config_hash = "other";
    old.mounts = {{std::string(64, 'a'), "/data"}, {std::string(64, 'b'), "/own"}};
    add_container(world, old);
    const Plan plan = world.plan();
    const auto& create = std::get<CreateContainer>(plan.steps.at(0).action);
    ASSERT_EQ(create.config.mounts.size(), 1U);
    EXPECT_EQ(create.config.mounts[0].target, "/own");
    EXPECT_EQ(create.config.volumes_from, std::vector<std::string>{"data"});
}

TEST(plan_volumes_from, needs_its_source_on_this_host) {
    World world = shop();
    world.app.services["web"].volumes_from = {{"db", false}};
    world.instances = {web};
    EXPECT_NE(plan_text(world).find("shares volumes with db, which does not run on this host"),
              std::string::npos);
}

}  // namespace
}  // namespace nap::test
