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

/// A manifest that mounts these, as `./conf`.
std::string mounting(const std::string& path) {
    return "services: {a: {image: x, volumes: ['" + path + ":/x:ro']}}";
}

TEST_F(AppFolderTest, FindsFilesAndFolders) {
    const std::string manifest = mounting("./conf");
    write("shop.yml", "a");
    write("blog/compose.yaml", manifest);
    write("blog/.env", "c=d");
    write("blog/conf/deep/a.cnf", "d");
    write("blog/conf/.more/b.cnf", "e");
    for (const char* none : {"README.md", ".hidden.yml", "shop.yml~", ".git/config",
                             "docs/index.html", "blog/.git/HEAD", "blog/.compose.yaml.swp",
                             "blog/README.md", "blog/conf/.git/HEAD", "blog/conf/a.cnf~"}) {
        write(none);
    }
    const AppFolder found = read();
    const std::map<AppId, FolderFiles> wanted{{AppId("shop"), {{"shop.yml", "a"}}},
                                              {AppId("blog"),
                                               {{"blog/compose.yaml", manifest},
                                                {"blog/.env", "c=d"},
                                                {"blog/conf/deep/a.cnf", "d"},
                                                {"blog/conf/.more/b.cnf", "e"}}}};
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
    EXPECT_THAT(found.notes, ElementsAre(HasSubstr("Shop.yml"),
                                         HasSubstr("compose.yml is not used: it names no app")));
    EXPECT_EQ(found.apps.size(), 1U);
    // An app that lacks a part of what it names is none.
    write("big/compose.yml", mounting("./data.bin"));
    EXPECT_THAT(read().unread.at(AppId("big")), HasSubstr("big/data.bin has more than 368640"));
    EXPECT_TRUE(read().apps.empty());
}

TEST_F(AppFolderTest, FollowsWhatFilesName) {
    write("shop/compose.yml", "include: [sub/more.yml]\nservices: {a: {image: x}}\n");
    write("shop/sub/more.yml",
          "services: {b: {extends: {file: base.yml, service: b}, image: '${I:-x}'}}\n");
    write("shop/sub/.env", "I=y\n");
    write("shop/sub/base.yml",
          "services: {b: {image: x, env_file: b.env, security_opt: ['seccomp=p.json']}}\n");
    write("shop/sub/b.env", "A=1\n");
    write("shop/sub/p.json", "{}");
    write("shop/compose.override.yml",
          "services: {a: {secrets: [s]}}\nsecrets: {s: {file: s.txt}}\n");
    write("shop/s.txt");
    write("shop/sub/not.env");
    std::set<std::string> names;
    const AppFolder found = read();
    for (const auto& [name, bytes] : found.apps.at(AppId("shop")))
        names.insert(name);
    EXPECT_EQ(names,
              (std::set<std::string>{"shop/compose.yml", "shop/compose.override.yml", "shop/s.txt",
                                     "shop/sub/more.yml", "shop/sub/.env", "shop/sub/base.yml",
                                     "shop/sub/b.env", "shop/sub/p.json"}));
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
    write("shop/compose.yml", mounting("./f"));
    write("shop/f/real");
    write("../secret");
    fs::create_symlink("real", dir / "shop/f/inside");
    fs::create_symlink("/etc/passwd", dir / "shop/of-no-concern");
    EXPECT_EQ(read().apps.at(AppId("shop")).size(), 3U);
    for (const auto& [target, why] :
         std::map<std::string, std::string>{{"../../../secret", "leads out"},
                                            {"nowhere", "cannot read shop/f/bad"},
                                            {".", "is a link to a folder"},
                                            {"/etc", "leads out"}}) {
        fs::create_symlink(target, dir / "shop/f/bad");
        EXPECT_THAT(read().unread.at(AppId("shop")), HasSubstr(why)) << target;
        fs::remove(dir / "shop/f/bad");
    }
    EXPECT_TRUE(read().unread.empty());
    // Nor by way of a folder.
    write("shop/compose.yml", mounting("./way/secret"));
    fs::create_symlink("../..", dir / "shop/way");
    EXPECT_THAT(read().unread.at(AppId("shop")), HasSubstr("leads out"));
    write("shop/compose.yml", mounting("./way"));
    EXPECT_THAT(read().unread.at(AppId("shop")), HasSubstr("leads out"));
}

}  // namespace
}  // namespace nap::test
