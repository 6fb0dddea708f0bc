#include "reconciler/network_scope.hpp"

#include <gtest/gtest.h>

#include "support/world.hpp"

namespace nap::test {
namespace {

constexpr NetworkScope scopes[] = {NetworkScope::local, NetworkScope::overlay,
                                   NetworkScope::routed};

TEST(NetworkScope, IsForNetworksWithoutADriver) {
    const NetworkSpec plain{.name = "n"};
    EXPECT_EQ(resolve_scope(plain, NetworkScope::overlay).driver, "overlay");
    EXPECT_TRUE(resolve_scope(plain, NetworkScope::overlay).attachable);
    for (const NetworkScope scope : {NetworkScope::local, NetworkScope::routed}) {
        EXPECT_EQ(resolve_scope(plain, scope).driver, "") << to_string(scope);
        EXPECT_FALSE(resolve_scope(plain, scope).attachable) << to_string(scope);
    }
}

TEST(NetworkScope, ADriverInTheManifestDecides) {
    for (const NetworkScope scope : scopes) {
        EXPECT_FALSE(is_overlay({.name = "n", .driver = "bridge"}, scope));
        EXPECT_FALSE(is_overlay({.name = "n", .external = true}, scope));
        EXPECT_TRUE(is_overlay({.name = "n", .driver = "overlay"}, scope));
        EXPECT_TRUE(resolve_scope({.name = "n", .driver = "overlay"}, scope).attachable);
    }
}

TEST(NetworkScope, LeavesTheConfigHashAlone) {
    World world;
    world.app.app = AppId("shop");
    world.app.networks["default"] = {.name = "shop_default"};
    world.app.services["web"] = {.image = "web:1", .networks = {{"default", {}}}};
    world.instances = {{"web", 1}};
    add_images(world);
    world.swarm_manager = true;
    for (const NetworkScope scope : scopes) {
        world.scope = scope;
        const Plan plan = world.plan();
        ASSERT_FALSE(plan.steps.empty());
        const auto* create = std::get_if<CreateNetwork>(&plan.steps.front().action);
        ASSERT_NE(create, nullptr) << to_string(plan);
        EXPECT_EQ(owner_from_labels(create->spec.labels)->config_hash,
                  config_hash(world.app.networks.at("default")));
        EXPECT_EQ(create->spec.attachable, scope == NetworkScope::overlay);
    }
}

}  // namespace
}  // namespace nap::test
