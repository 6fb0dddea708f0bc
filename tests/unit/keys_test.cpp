#include "model/keys.hpp"

#include <gtest/gtest.h>

namespace nap::test {
namespace {

TEST(Keys, AreAsTheContractSays) {
    const Keys keys("nap");
    EXPECT_EQ(keys.apps(), "nap/apps/");
    EXPECT_EQ(keys.meta(), "nap/meta");
    EXPECT_EQ(keys.leader(), "nap/leader");
    EXPECT_EQ(keys.status(AppId("shop")), "nap/status/shop");
    EXPECT_EQ(keys.node(NodeId("n0")), "nap/nodes/n0");
    EXPECT_EQ(keys.assigned(NodeId("n0"), AppId("shop")), "nap/assigned/n0/shop");
    EXPECT_EQ(keys.observed(NodeId("n0"), AppId("shop")), "nap/observed/n0/shop");
}

TEST(Keys, PrefixesEndWithASlash) {
    const Keys keys("team/nap");
    for (const std::string& prefix :
         {keys.apps(), keys.statuses(), keys.nodes(), keys.assigned(), keys.assigned(NodeId("n1")),
          keys.observed(), keys.observed(NodeId("n1"))}) {
        EXPECT_TRUE(prefix.starts_with("team/nap/")) << prefix;
        EXPECT_TRUE(prefix.ends_with('/')) << prefix << " would match n10 for n1";
    }
    EXPECT_TRUE(keys.apps_sentinel().starts_with(keys.apps()));
}

TEST(ParseAppKey, TakesTheEndingsOff) {
    for (const char* name : {"shop", "shop.yml", "shop.yaml", "shop.json"}) {
        EXPECT_EQ(parse_app_key(name).app, "shop") << name;
        EXPECT_EQ(parse_app_key(name).file, name);
    }
    EXPECT_EQ(parse_app_key("shop.txt").app, "shop.txt");
    EXPECT_EQ(parse_app_key("shop.yml.yml").app, "shop.yml");
}

TEST(ParseAppKey, AFolderIsTheApp) {
    EXPECT_EQ(parse_app_key("shop/compose.yml").app, "shop");
    EXPECT_EQ(parse_app_key("shop.yml/x.yml").app, "shop.yml");
    EXPECT_EQ(parse_app_key("/x").app, "");
    EXPECT_EQ(parse_app_key("").app, "");
    EXPECT_EQ(parse_app_key(".yml").app, "");
}

}  // namespace
}  // namespace nap::test
