// Each action is misused on purpose: nothing that is not this app's may be touched.
#include "actuators/perform.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "model/labels.hpp"
#include "support/fake_engine.hpp"

namespace nap::test {
namespace {

const InstanceId web{"web", 1};
const ContainerId c1("c1");

class PerformTest : public ::testing::Test {
  protected:
    Result<void> perform_now(Action action) {
        return run_to_end(io, perform({engine, owner, policy, created}, action));
    }
    void put(std::optional<OwnerLabels> labels) {
        ObservedContainer container = owned_container("c1", web);
        container.owner = std::move(labels);
        engine.containers[c1] = container;
    }
    static OwnerLabels ours() { return {.cluster = ClusterId("u"), .app = AppId("shop")}; }

    asio::io_context io;
    FakeEngine engine{io};
    Owner owner{ClusterId("u"), AppId("shop")};
    HostPolicy policy;
    CreatedContainers created;
};

Hooks hooks_of(const std::vector<std::string>& commands) {
    Hooks hooks;
    for (const std::string& command : commands) {
        hooks.post_start.push_back({.command = {command}});
        hooks.pre_stop.push_back({.command = {command}});
    }
    return hooks;
}

TEST_F(PerformTest, HooksRunInTurnUntilOneFails) {
    put(ours());
    const Hooks hooks = hooks_of({"a", "b", "c"});
    EXPECT_TRUE(perform_now(RunHooks{web, c1, "run", hooks.post_start}));
    EXPECT_EQ(engine.mutations(),
              (std::vector<std::string>{"hook c1 a", "hook c1 b", "hook c1 c"}));
    engine.calls.clear();
    engine.hook_ends["b"] = {.exit_code = 3, .output = "no way"};
    const auto failed = perform_now(RunHooks{web, c1, "run", hooks.post_start});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Errc::rejected);
    EXPECT_EQ(failed.error().message, "post_start hook `b` failed: exit code 3: no way");
    EXPECT_EQ(engine.mutations(), (std::vector<std::string>{"hook c1 a", "hook c1 b"}));
    for (const auto& [code, counts] : {std::pair{Errc::timed_out, Errc::rejected},
                                       std::pair{Errc::unreachable, Errc::unreachable},
                                       std::pair{Errc::conflict, Errc::conflict}}) {
        engine.failures["hook"] = {code, "x"};
        const auto result = perform_now(RunHooks{web, c1, "run", hooks.post_start});
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, counts);
    }
}

TEST_F(PerformTest, APrivilegedHookNeedsTheHostsWord) {
    put(ours());
    const std::vector<Hook> hooks{{.command = {"a"}, .privileged = true}};
    EXPECT_FALSE(perform_now(RunHooks{web, c1, "run", hooks}));
    EXPECT_TRUE(engine.mutations().empty());
    policy.allow = {"privileged"};
    EXPECT_TRUE(perform_now(RunHooks{web, c1, "run", hooks}));
}

TEST_F(PerformTest, PreStopHooksComeBeforeTheStopAndCannotPreventIt) {
    put(ours());
    engine.containers[c1].hooks = hooks_of({"a", "b"});
    EXPECT_TRUE(perform_now(StopContainer{web, c1, {}}));
    EXPECT_EQ(engine.mutations(), (std::vector<std::string>{"hook c1 a", "hook c1 b", "stop c1"}));
    engine.calls.clear();
    EXPECT_TRUE(perform_now(StopContainer{web, c1, {}})) << "it has ended by now";
    EXPECT_EQ(engine.mutations(), (std::vector<std::string>{"stop c1"}));
    engine.calls.clear();
    engine.containers[c1].state = ContainerState::running;
    EXPECT_TRUE(perform_now(StopContainer{web, c1, milliseconds(1000)}));
    EXPECT_EQ(engine.mutations(), (std::vector<std::string>{"stop c1"})) << "it has to be quick";
    engine.calls.clear();
    engine.containers[c1].state = ContainerState::running;
    engine.failures["hook"] = {Errc::timed_out, "x"};
    EXPECT_TRUE(perform_now(RestartContainer{web, c1, {}}));
    EXPECT_EQ(engine.mutations(), (std::vector<std::string>{"hook c1 a", "restart c1"}));
}

std::vector<Action> on_existing() {
    return {UnpauseContainer{web, c1},
            StopContainer{web, c1, {}},
            WriteFiles{web, c1, {{.path = "/site", .content = "x"}}},
            RestartContainer{web, c1, {}},
            SignalContainer{web, c1, "HUP"},
            RemoveContainer{web, c1},
            RenameContainer{web, c1, "other"},
            RunHooks{web, c1, "run", {{.command = {"a"}}}},
            WriteHosts{web, c1, "/nonexistent", "x\n"}};
}

TEST_F(PerformTest, LeavesContainersOfOthersAlone) {
    const std::vector<std::optional<OwnerLabels>> others = {
        std::nullopt,
        OwnerLabels{.cluster = ClusterId("another"), .app = AppId("shop")},
        OwnerLabels{.cluster = ClusterId("u"), .app = AppId("another")},
    };
    for (const auto& labels : others) {
        for (const Action& action : on_existing()) {
            put(labels);
            const auto result = perform_now(action);
            ASSERT_FALSE(result) << action_name(action);
            EXPECT_EQ(result.error().code, Errc::rejected) << action_name(action);
        }
    }
    EXPECT_TRUE(engine.mutations().empty());
}

TEST_F(PerformTest, WhatIsGoneIsStoppedAndRemovedAlready) {
    EXPECT_TRUE(perform_now(StopContainer{web, c1, {}}));
    EXPECT_TRUE(perform_now(RemoveContainer{web, c1}));
    EXPECT_TRUE(engine.mutations().empty());
    for (const Action& action :
         {Action(RestartContainer{web, c1, {}}), Action(SignalContainer{web, c1, "HUP"}),
          Action(RenameContainer{web, c1, "x"}), Action(UnpauseContainer{web, c1})}) {
        const auto result = perform_now(action);
        ASSERT_FALSE(result) << action_name(action);
        EXPECT_EQ(result.error().code, Errc::not_found);
    }
    EXPECT_TRUE(engine.mutations().empty());
}

TEST_F(PerformTest, WhatGoesBetweenLookAndCallIsDone) {
    put(ours());
    engine.before["remove"] = [&] { engine.containers.clear(); };
    EXPECT_TRUE(perform_now(RemoveContainer{web, c1}));
    put(ours());
    engine.before["stop"] = [&] { engine.containers.clear(); };
    EXPECT_TRUE(perform_now(StopContainer{web, c1, {}}));
}

TEST_F(PerformTest, WithoutAnAnswerToTheLookNothingIsDone) {
    put(ours());
    engine.failures["inspect"] = {Errc::timed_out, "slow"};
    for (const Action& action : on_existing()) {
        const auto result = perform_now(action);
        ASSERT_FALSE(result) << action_name(action);
        EXPECT_EQ(result.error().code, Errc::timed_out);
    }
    EXPECT_TRUE(engine.mutations().empty());
}

TEST_F(PerformTest, OursAreActedOnByOneCallEach) {
    for (const Action& action : on_existing()) {
        if (std::holds_alternative<WriteHosts>(action)) continue;
        put(ours());
        engine.containers[c1].state = ContainerState::paused;
        engine.calls.clear();
        EXPECT_TRUE(perform_now(action)) << action_name(action);
        EXPECT_EQ(engine.mutations().size(), 1U) << action_name(action);
    }
}

TEST_F(PerformTest, WhatTheHostKeepsClosedIsNotCreated) {
    CreateContainer create{web, "shop-web-1", {.image = "a"}};
    create.config.options.privileged = true;
    EXPECT_EQ(perform_now(create).error().code, Errc::rejected);
    EXPECT_TRUE(engine.mutations().empty());
    policy.allow = {"privileged"};
    EXPECT_TRUE(perform_now(create));
}

TEST_F(PerformTest, AlreadySoIsNoCall) {
    put(ours());
    EXPECT_TRUE(perform_now(UnpauseContainer{web, c1}));
    EXPECT_TRUE(perform_now(RenameContainer{web, c1, "shop-c1"}));
    EXPECT_TRUE(engine.mutations().empty());
}

TEST_F(PerformTest, RemovesOnlyItsOwnNetworks) {
    const NetworkId n1("n1");
    const RemoveNetwork remove{n1, "shop_default"};
    EXPECT_TRUE(perform_now(remove)) << "gone";
    engine.networks = {{n1, "shop_default", std::nullopt}};
    EXPECT_EQ(perform_now(remove).error().code, Errc::rejected);
    engine.networks[0].owner = OwnerLabels{.cluster = ClusterId("u"), .app = AppId("another")};
    EXPECT_EQ(perform_now(remove).error().code, Errc::rejected);
    engine.failures["list_networks"] = {Errc::unreachable, "away"};
    EXPECT_EQ(perform_now(remove).error().code, Errc::unreachable);
    engine.failures.clear();
    EXPECT_TRUE(engine.mutations().empty());
    engine.networks[0].owner = ours();
    EXPECT_TRUE(perform_now(remove));
    EXPECT_EQ(engine.mutations(), (std::vector<std::string>{"remove_network n1"}));
}

TEST_F(PerformTest, ANetworkThatAnotherManagerMadeFirstIsMade) {
    const CreateNetwork create{NetworkSpec{.name = "shop_default"}};
    engine.failures["create_network"] = {Errc::conflict, "already exists"};
    EXPECT_EQ(perform_now(create).error().code, Errc::conflict) << "nobody's";
    engine.networks = {{NetworkId("n"), "shop_default", std::nullopt, true}};
    EXPECT_EQ(perform_now(create).error().code, Errc::conflict) << "somebody's";
    OwnerLabels other = ours();
    other.cluster = ClusterId("another");
    engine.networks = {{NetworkId("n"), "shop_default", other, true},
                       {NetworkId("m"), "shop_back", ours(), true}};
    EXPECT_EQ(perform_now(create).error().code, Errc::conflict) << "another cluster's";
    engine.networks.push_back({NetworkId("n2"), "shop_default", ours(), true});
    EXPECT_TRUE(perform_now(create));
    engine.failures["create_network"] = {Errc::internal, "the swarm does not have a leader"};
    EXPECT_FALSE(perform_now(create));
}

TEST_F(PerformTest, StepsAfterACreationWorkOnWhatItMade) {
    const auto early = perform_now(StartContainer{web, std::nullopt});
    ASSERT_FALSE(early);
    CreateContainer create{web, "shop-web-1", {}};
    create.config.labels = {{labels::cluster, "u"}, {labels::app, "shop"}};
    EXPECT_TRUE(perform_now(create));
    EXPECT_TRUE(perform_now(ConnectNetwork{web, std::nullopt, {"shop_back", {}, {}}}));
    EXPECT_TRUE(perform_now(StartContainer{web, std::nullopt}));
    EXPECT_TRUE(perform_now(RenameContainer{web, std::nullopt, "final"}));
    EXPECT_EQ(engine.mutations(),
              (std::vector<std::string>{"create shop-web-1", "connect id-shop-web-1 shop_back",
                                        "start id-shop-web-1", "rename id-shop-web-1 final"}));
}

TEST_F(PerformTest, AFailedCreationIsRememberedAsNone) {
    engine.failures["create"] = {Errc::conflict, "name taken"};
    EXPECT_EQ(perform_now(CreateContainer{web, "shop-web-1", {}}).error().code, Errc::conflict);
    EXPECT_TRUE(created.empty());
}

TEST_F(PerformTest, ABindThatLeadsElsewhereThroughALinkIsRefused) {
    const auto link = std::filesystem::path(::testing::TempDir()) / "nap-innocent";
    std::filesystem::remove(link);
    std::filesystem::create_symlink("/etc", link);
    CreateContainer create{web, "x", {}};
    create.config.mounts = {{MountKind::bind, (link / "ssl").string(), "/mnt", true}};
    EXPECT_EQ(perform_now(create).error().code, Errc::rejected);
    EXPECT_TRUE(engine.mutations().empty());
    policy.allow = {"bind:/etc/ssl"};
    EXPECT_TRUE(perform_now(create));
    std::filesystem::remove(link);
}

TEST_F(PerformTest, AHostsFileThatMovedIsLeftAlone) {
    put(ours());
    engine.containers[c1].hosts_path = "/engine/new/hosts";
    EXPECT_EQ(perform_now(WriteHosts{web, c1, "/engine/old/hosts", "x\n"}).error().code,
              Errc::conflict);
}

}  // namespace
}  // namespace nap::test
