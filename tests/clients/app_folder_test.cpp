#include "watchers/app_folder.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace nap::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AppFolderTest : public ::testing::Test {
  protected:
    AppFolderTest() { fs::create_directories(dir); }
    ~AppFolderTest() override { fs::remove_all(outer); }
    void write(const std::string& name, const std::string& text = "x") const {
        fs::create_directories((dir / name).parent_path());
        std::ofstream(dir / name) << text;
    }
    AppFolder read(std::set<AppId> known = {}) const {
        auto found = read_app_folder({.path = dir, .being_written = writing, .known = known});
        EXPECT_TRUE(found);
        return found ? std::move(*found) : AppFolder{};
    }
    fs::path outer = fs::temp_directory_path() / ("nap-folder-" + std::to_string(::getpid()));
    fs::path dir = outer / "apps";
    std::set<std::string> writing;
};

TEST_F(AppFolderTest, FindsFilesAndFolders) {
    write("shop.yml", "a");
    write("blog/compose.yaml", "b");
    write("blog/.env", "c");
    write("blog/conf/deep/a.cnf", "d");
    for (const char* none : {"README.md", ".hidden.yml", "shop.yml~", ".git/config",
                             "docs/index.html", "blog/.git/HEAD", "blog/.compose.yaml.swp"}) {
        write(none);
    }
    const AppFolder found = read();
    const std::map<AppId, FolderFiles> wanted{
        {AppId("shop"), {{"shop.yml", "a"}}},
        {AppId("blog"),
         {{"blog/compose.yaml", "b"}, {"blog/.env", "c"}, {"blog/conf/deep/a.cnf", "d"}}}};
    EXPECT_EQ(found.apps, wanted);
    EXPECT_TRUE(found.unread.empty());
    EXPECT_TRUE(found.notes.empty());
}

TEST_F(AppFolderTest, SaysWhatItDoesNotUse) {
    write("compose.yml");
    write("Shop.yml");
    write("big/compose.yml");
    write("big/data.bin", std::string(400 * 1024, 'x'));
    const AppFolder found = read();
    EXPECT_THAT(found.notes, ElementsAre(HasSubstr("Shop.yml"), HasSubstr("big/data.bin"),
                                         HasSubstr("compose.yml is not used: it names no app")));
    EXPECT_EQ(found.apps.size(), 1U);
}

TEST_F(AppFolderTest, AFolderThatIsGoneIsAnErrorAndNotEmpty) {
    fs::remove_all(dir);
    const auto found = read_app_folder({.path = dir, .being_written = {}, .known = {}});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::not_found);
}

TEST_F(AppFolderTest, AnAppThatHasLostItsManifestIsThereAllTheSame) {
    write("shop/.env");
    EXPECT_TRUE(read().apps.empty());
    EXPECT_TRUE(read({AppId("shop")}).apps.contains(AppId("shop")));
}

TEST_F(AppFolderTest, AFileBeingWrittenHoldsUpItsAppAlone) {
    write("shop.yml");
    write("blog/compose.yml");
    writing.insert(fs::canonical(dir / "shop.yml"));
    const AppFolder found = read();
    EXPECT_TRUE(found.unread.contains(AppId("shop")));
    EXPECT_FALSE(found.apps.contains(AppId("shop")));
    EXPECT_TRUE(found.apps.contains(AppId("blog")));
}

TEST_F(AppFolderTest, LinksDoNotLeadOut) {
    write("shop/compose.yml");
    write("shop/real");
    write("../secret");
    fs::create_symlink("real", dir / "shop/inside");
    EXPECT_EQ(read().apps.at(AppId("shop")).size(), 3U);
    fs::create_symlink("../../secret", dir / "shop/outside");
    EXPECT_THAT(read().unread.at(AppId("shop")), HasSubstr("shop/outside"));
    fs::remove(dir / "shop/outside");
    fs::create_symlink("nowhere", dir / "shop/dangling");
    EXPECT_THAT(read().unread.at(AppId("shop")), HasSubstr("shop/dangling"));
}

}  // namespace
}  // namespace nap::test
