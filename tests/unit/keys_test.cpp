#include "model/keys.hpp"
#include "model/app_sources.hpp"

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
}

TEST(AppSources, KnowWhereAManifestCameFrom) {
    const AppSources sources(Keys("nap"), {"team/apps", "git"});
    EXPECT_EQ(sources.prefixes(), (std::vector<std::string>{"nap/apps/", "team/apps/", "git/"}));
    EXPECT_EQ(sources.prefix_of("git/shop.yml"), "git/");
    EXPECT_EQ(sources.shown("nap/apps/"), "");
    EXPECT_EQ(sources.shown("git/"), "git/");
    const AppId shop("shop");
    for (const char* file : {"shop", "shop.yml", "shop/compose.yml", "git/shop", "git/shop.json",
                             "team/apps/shop/compose.yml"}) {
        EXPECT_TRUE(sources.have(shop, file)) << file;
        EXPECT_EQ(AppSources(Keys("nap"), {}).have(shop, file),
                  std::string_view(file).starts_with("shop"))
            << file;
    }
    for (const char* file : {"other/shop", "team/shop.yml", "git/shopping", "team/apps/x/shop"}) {
        EXPECT_FALSE(sources.have(shop, file)) << file;
    }
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
