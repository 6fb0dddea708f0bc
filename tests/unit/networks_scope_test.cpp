// Networks between hosts: which kind an app's networks are, what may be split, who is told of whom.
#include <gtest/gtest.h>

#include "support/cluster_world.hpp"

namespace nap::test {
namespace {

NodeRecord in_swarm(const std::string& swarm) {
    NodeRecord record;
    record.swarm = swarm;
    return record;
}

NodeRecord routed() {
    NodeRecord record;
    record.routed = true;
    return record;
}

ClusterWorld two_nodes(const NodeRecord& record) {
    ClusterWorld world;
    world.add_node("n0", record);
    world.add_node("n1", record);
    return world;
}

/// Two services on one network.
AppSpec pair_on_network(int web = 1, int db = 1) {
    AppSpec spec;
    spec.networks["net"] = {.name = "shop_net"};
    spec.services["db"] = {.image = "db:1", .networks = {{"net", {}}}, .replicas = db};
    spec.services["web"] = {.image = "web:1", .networks = {{"net", {}}}, .replicas = web};
    return spec;
}

/// Two linked services of version 1.
AppSpec pair_with_links() {
    AppSpec spec;
    spec.services["db"] = {.image = "db:1"};
    spec.services["web"] = {.image = "web:1", .links = {{"db", "db"}}};
    return spec;
}

std::vector<std::string> peers(const ClusterWorld& world, const std::string& node) {
    std::vector<std::string> names;
    for (const Peer& peer : world.order(node, "shop").peers)
        names.push_back(peer.name + " " + peer.addresses.at("net"));
    return names;
}

TEST(NetworkScopes, OneSwarmMeansOverlay) {
    ClusterWorld world = two_nodes(in_swarm("s"));
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.order("n0", "shop").scope, NetworkScope::overlay);
    EXPECT_EQ(world.shares("shop"), "n0: db/1; n1: web/1");
    EXPECT_TRUE(world.order("n0", "shop").peers.empty()) << "the swarm has DNS";
}

TEST(NetworkScopes, TwoSwarmsOrOneNodeInNoneMeansNoOverlay) {
    for (const char* other : {"t", ""}) {
        ClusterWorld world;
        world.add_node("n0", in_swarm("s"));
        world.add_node("n1", in_swarm(other));
        world.put("shop", ClusterWorld::web());
        ASSERT_TRUE(world.converge());
        EXPECT_EQ(world.order("n0", "shop").scope, NetworkScope::local);
    }
}

TEST(NetworkScopes, AllRoutedMeansRouted) {
    ClusterWorld world = two_nodes(routed());
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.order("n0", "shop").scope, NetworkScope::routed);
    EXPECT_EQ(world.shares("shop"), "n0: db/1; n1: web/1");
}

TEST(NetworkScopes, ASwarmGoesBeforeRoutes) {
    NodeRecord both = in_swarm("s");
    both.routed = true;
    ClusterWorld world = two_nodes(both);
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.order("n0", "shop").scope, NetworkScope::overlay);
}

TEST(NetworkScopes, StayAsTheyAreOnceDeployed) {
    ClusterWorld world = two_nodes(routed());
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    for (const char* node : {"n0", "n1"}) {
        NodeRecord record = in_swarm("s");
        record.routed = true;
        world.add_node(node, record);
    }
    world.put("shop", pair_on_network(2));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.order("n0", "shop").scope, NetworkScope::routed);
    world.put("blog", ClusterWorld::web());
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.state.apps().at(AppId("blog")).orders.begin()->second.terms->scope,
              NetworkScope::overlay);
}

TEST(NetworkScopes, ASplitBridgeIsRefusedAndSaidSo) {
    ClusterWorld world = two_nodes({});
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "");
    EXPECT_EQ(world.status("shop").phase, Phase::degraded);
    const std::string& message = world.status("shop").message;
    EXPECT_NE(message.find("network shop_net ends at its host"), std::string::npos) << message;
    EXPECT_NE(message.find("colocate"), std::string::npos) << message;
    EXPECT_EQ(world.status("shop").services.at("web").desired, 1);
}

TEST(NetworkScopes, LinksOverTheDefaultBridgeAreSplitToo) {
    ClusterWorld world = two_nodes({});
    world.put("shop", pair_with_links());
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "");
    EXPECT_NE(world.status("shop").message.find("the engine's default bridge"), std::string::npos);
}

TEST(NetworkScopes, TheDefaultBridgeWithoutLinksIsNoNetworkOfTheApp) {
    ClusterWorld world = two_nodes({});
    AppSpec spec = pair_with_links();
    spec.services["web"].links.clear();
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: db/1; n1: web/1");
}

TEST(NetworkScopes, InstancesOfOneServiceMaySpread) {
    ClusterWorld world = two_nodes({});
    AppSpec spec = pair_on_network(2);
    spec.services.erase("db");
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: web/1; n1: web/2");
}

TEST(NetworkScopes, KeptTogetherNothingIsSplit) {
    ClusterWorld world = two_nodes({});
    AppSpec spec = pair_on_network(2);
    spec.colocate = true;
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: db/1 web/1 web/2");
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(NetworkScopes, KeptTogetherAllMoveTogether) {
    ClusterWorld world = two_nodes({});
    AppSpec spec = pair_on_network(2);
    spec.colocate = true;
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    world.drain({"n0"});
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n1: db/1 web/1 web/2");
    world.drain({});
    world.lose("n1");
    world.plan();
    world.pass(milliseconds(1'001));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: db/1 web/1 web/2; n1: elsewhere");
}

TEST(NetworkScopes, AnExternalOrADriversOwnNetworkIsItsOwnersBusiness) {
    for (const bool external : {true, false}) {
        ClusterWorld world = two_nodes({});
        AppSpec spec = pair_on_network();
        spec.networks["net"].external = external;
        spec.networks["net"].driver = external ? "" : "macvlan";
        world.put("shop", spec);
        ASSERT_TRUE(world.converge());
        EXPECT_EQ(world.shares("shop"), "n0: db/1; n1: web/1");
    }
}

TEST(NetworkScopes, ABridgeByNameIsOneAlsoInASwarm) {
    ClusterWorld world = two_nodes(in_swarm("s"));
    AppSpec spec = pair_on_network();
    spec.networks["net"].driver = "bridge";
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    EXPECT_NE(world.status("shop").message.find("network shop_net"), std::string::npos);
}

TEST(NetworkScopes, ARefusalGoesOnceTheNodesFormASwarm) {
    ClusterWorld world = two_nodes({});
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    world.add_node("n0", in_swarm("s"));
    world.add_node("n1", in_swarm("s"));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: db/1; n1: web/1");
    EXPECT_EQ(world.order("n0", "shop").scope, NetworkScope::overlay);
}

/// n0 manages the swarm and takes no instances; n1 and n2 are workers of it.
ClusterWorld two_workers() {
    ClusterWorld world(std::vector<std::string>{});
    NodeRecord manager = in_swarm("s");
    manager.swarm_manager = true;
    world.add_node("n0", manager);
    world.add_node("n1", in_swarm("s"));
    world.add_node("n2", in_swarm("s"));
    world.drain({"n0"});
    return world;
}

TEST(NetworkScopes, AManagerMakesTheNetworksOfAnAppThatRunsOnWorkers) {
    ClusterWorld world = two_workers();
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: elsewhere; n1: db/1; n2: web/1");
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
    world.remove("shop");
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(world.orders.empty());
}

TEST(NetworkScopes, AnotherManagerTakesOverFromOneThatIsLost) {
    ClusterWorld world = two_workers();
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    world.lose("n0");
    world.plan();
    NodeRecord manager = in_swarm("s");
    manager.swarm_manager = true;
    world.add_node("n3", manager);
    world.drain({"n0", "n3"});
    ASSERT_TRUE(world.converge());
    EXPECT_TRUE(world.has_order("n3", "shop")) << world.shares("shop");
}

TEST(NetworkScopes, AnAppWithoutNetworksOfTheSwarmNeedsNoManager) {
    ClusterWorld world = two_workers();
    world.put("shop", ClusterWorld::web(2));
    ASSERT_TRUE(world.converge());
    EXPECT_FALSE(world.has_order("n0", "shop"));
}

TEST(NetworkScopes, WhatRunsIsNotTouchedByARefusal) {
    ClusterWorld world({"n0"});
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    world.add_node("n1");
    world.put("shop", pair_on_network(2));
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(world.shares("shop"), "n0: db/1 web/1");
    EXPECT_EQ(world.status("shop").phase, Phase::degraded);
}

TEST(Peers, AreToldWhereTheOthersOfTheirNetworksAre) {
    ClusterWorld world = two_nodes(routed());
    world.put("shop", pair_on_network(2));
    ASSERT_TRUE(world.converge());
    ASSERT_EQ(world.shares("shop"), "n0: db/1 web/2; n1: web/1");
    EXPECT_EQ(peers(world, "n0"), std::vector<std::string>{"shop-web-1 n1-web/1"});
    EXPECT_EQ(peers(world, "n1"),
              (std::vector<std::string>{"shop-db-1 n0-db/1", "shop-web-2 n0-web/2"}));
    EXPECT_EQ(world.status("shop").phase, Phase::converged);
}

TEST(Peers, FollowAnAddressThatChanges) {
    ClusterWorld world = two_nodes(routed());
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    HostReport report = world.reports.at({NodeId("n0"), AppId("shop")});
    report.instances[0].addresses["net"] = "elsewhere";
    world.publish(report);
    world.plan();
    EXPECT_EQ(peers(world, "n1"), std::vector<std::string>{"shop-db-1 elsewhere"});
}

TEST(Peers, WithoutARunningContainerAreLeftOut) {
    ClusterWorld world = two_nodes(routed());
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    HostReport report = world.reports.at({NodeId("n0"), AppId("shop")});
    report.instances[0].state = "exited";
    world.publish(report);
    world.plan();
    EXPECT_TRUE(peers(world, "n1").empty());
}

TEST(Peers, OfALostNodeAreLeftOutAndThoseOfTheNewOneComeAsTheyRun) {
    ClusterWorld world = two_nodes(routed());
    world.add_node("n2", routed());
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    ASSERT_EQ(world.shares("shop"), "n0: db/1; n1: web/1");
    world.lose("n0");
    world.plan();
    EXPECT_TRUE(peers(world, "n1").empty());
    world.pass(milliseconds(1'001));
    ASSERT_TRUE(world.converge());
    ASSERT_EQ(world.shares("shop"), "n0: elsewhere; n1: web/1; n2: db/1");
    EXPECT_EQ(peers(world, "n1"), std::vector<std::string>{"shop-db-1 n2-db/1"});
}

TEST(Peers, AreKnownToAnotherLeaderWhateverItReadsFirst) {
    ClusterWorld world = two_nodes(routed());
    world.put("shop", pair_on_network());
    ASSERT_TRUE(world.converge());
    world.change_leader();
    EXPECT_TRUE(world.plan().empty());
    EXPECT_EQ(peers(world, "n1"), std::vector<std::string>{"shop-db-1 n0-db/1"});
}

TEST(Peers, AreKnownOnceTheLastNodeIsRouted) {
    ClusterWorld world;
    world.add_node("n0", routed());
    world.add_node("n1");
    AppSpec spec = pair_on_network();
    spec.networks["net"].external = true;
    world.put("shop", spec);
    ASSERT_TRUE(world.converge());
    world.add_node("n1", routed());
    spec.networks["net"].external = false;
    world.put("shop", spec);
    world.plan();
    EXPECT_EQ(peers(world, "n1"), std::vector<std::string>{"shop-db-1 n0-db/1"});
}

TEST(Peers, OverTheDefaultBridgeAreThoseOfLinks) {
    ClusterWorld world = two_nodes(routed());
    world.put("shop", pair_with_links());
    ASSERT_TRUE(world.converge());
    EXPECT_EQ(peers(world, "n1"), std::vector<std::string>{"shop-db-1 n0-db/1"});
    EXPECT_TRUE(peers(world, "n0").empty()) << "nothing links to web";
}

}  // namespace
}  // namespace nap::test
