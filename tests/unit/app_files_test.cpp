#include "model/app_files.hpp"

#include <gmock/gmock.h>

namespace nap::test {
namespace {

using ::testing::HasSubstr;

AppSource assembled(const std::vector<std::string>& names) {
    std::vector<AppFile> files;
    std::uint64_t index = 10;
    for (const std::string& name : names)
        files.push_back({.name = name, .bytes = "of " + name, .modify_index = index++});
    return assemble_app("shop", files);
}

std::string only_error(const AppSource& source) {
    return source.errors.size() == 1 ? source.errors.front().message : "not one error";
}

TEST(AppOfName, IsTheKeyOrTheFolder) {
    for (const char* name : {"shop", "shop.yml", "shop.json", "shop/compose.yml", "shop/a/b",
                             "shop.yml/services/web/image"}) {
        EXPECT_EQ(app_of_name(name), "shop") << name;
    }
    EXPECT_EQ(app_of_name("/x"), "");
}

TEST(AssembleApp, OneKeyIsTheManifest) {
    const AppSource source = assembled({"shop.yml"});
    EXPECT_EQ(source.text, (ManifestText{.file = "shop.yml", .text = "of shop.yml"}));
    EXPECT_EQ(source.modify_index, 10U);
    EXPECT_TRUE(source.errors.empty());
}

TEST(AssembleApp, AFolderIsTheManifestAndItsFiles) {
    const AppSource source = assembled({"shop/.env", "shop/docker-compose.yml", "shop/conf/a.cnf"});
    EXPECT_EQ(source.text.file, "shop/docker-compose.yml");
    EXPECT_EQ(source.text.text, "of shop/docker-compose.yml");
    EXPECT_EQ(source.text.files,
              (std::map<std::string, std::string>{{".env", "of shop/.env"},
                                                  {"conf/a.cnf", "of shop/conf/a.cnf"}}));
    EXPECT_EQ(source.modify_index, 12U);
    EXPECT_TRUE(source.errors.empty());
}

TEST(AssembleApp, OfSeveralManifestsInAFolderTheFirstCountsAsInCompose) {
    const AppSource source = assembled({"shop/docker-compose.yml", "shop/compose.yaml"});
    EXPECT_EQ(source.text.file, "shop/compose.yaml");
    EXPECT_TRUE(source.text.files.contains("docker-compose.yml"));
}

TEST(AssembleApp, TwoLayoutsAtOnceAreAnError) {
    EXPECT_THAT(only_error(assembled({"shop", "shop.yml"})), HasSubstr("several keys"));
    EXPECT_THAT(only_error(assembled({"shop", "shop/compose.yml"})),
                HasSubstr("shop and shop/compose.yml"));
}

TEST(AssembleApp, AFolderThatHasLostItsManifestIsAnErrorAndNotAnEmptyApp) {
    const AppSource source = assembled({"shop/.env", "shop/a.cnf"});
    EXPECT_THAT(only_error(source), HasSubstr("no compose.yaml"));
    EXPECT_EQ(source.modify_index, 11U);
}

TEST(AssembleApp, NamesAToolThatMadeKeysOfScalars) {
    for (const std::vector<std::string>& names : std::vector<std::vector<std::string>>{
             {"shop/services/web/image", "shop/services/web/ports/0"},
             {"shop/compose.yml/services/web/image"},
             {"shop.yml/services/web/image"},
             {"shop/web/image"}}) {
        EXPECT_THAT(only_error(assembled(names)), HasSubstr("expand_keys")) << names.front();
    }
    EXPECT_THAT(only_error(assembled({"shop/conf/nginx.conf", "shop/services"})),
                ::testing::Not(HasSubstr("expand_keys")));
}

}  // namespace
}  // namespace nap::test
