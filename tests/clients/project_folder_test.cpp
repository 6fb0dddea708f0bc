#include "actuators/project_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace nap::test {
namespace {

namespace fs = std::filesystem;

BoundFiles bound(StringMap files) {
    return {std::make_shared<const StringMap>(std::move(files))};
}

class ProjectFolder : public ::testing::Test {
  protected:
    void SetUp() override { fs::remove_all(data_); }
    void TearDown() override {
        for (const std::string& name : list_project_folders(folders()))
            EXPECT_TRUE(remove_project_folder(folders() + "/" + name));
        fs::remove_all(data_);
    }
    std::string folders() const {
        return project_folders_path("unix:///d.sock", data_, ClusterId("c-1"), AppId("shop"));
    }
    static std::string text(const fs::path& path) {
        std::ostringstream content;
        content << std::ifstream(path).rdbuf();
        return content.str();
    }
    static unsigned mode(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 07777U;
    }

    const std::string data_ = ::testing::TempDir() + "nap-project-" + std::to_string(::getpid());
};

TEST_F(ProjectFolder, IsWrittenWholeAndStays) {
    const std::string path = folders() + "/d1";
    EXPECT_TRUE(list_project_folders(folders()).empty());
    const auto written =
        write_project_folder(path, bound({{"a.conf", "A"}, {"x/y/run.sh", "#!/bin/sh\n"}}));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(text(path + "/a.conf"), "A");
    EXPECT_EQ(mode(path + "/a.conf"), 0444U);
    EXPECT_EQ(mode(path + "/x/y/run.sh"), 0555U);
    EXPECT_EQ(mode(path + "/x/y"), 0555U);
    EXPECT_EQ(mode(path), 0555U);
    EXPECT_EQ(mode(data_ + "/files"), 0711U);
    EXPECT_EQ(list_project_folders(folders()), std::set<std::string>{"d1"});
    // What containers see does not change.
    ASSERT_TRUE(write_project_folder(path, bound({{"a.conf", "B"}})));
    EXPECT_EQ(text(path + "/a.conf"), "A");
}

TEST_F(ProjectFolder, ASingleFileHasANameOfItsOwn) {
    ASSERT_TRUE(write_project_folder(folders() + "/d1", bound({{"", "A"}})));
    EXPECT_EQ(text(folders() + "/d1/file"), "A");
}

TEST_F(ProjectFolder, WhatACrashHasLeftGoes) {
    fs::create_directories(folders() + "/d0.new/x");
    fs::create_directories(folders() + "/d1.new/x");
    EXPECT_TRUE(list_project_folders(folders()).empty());
    ASSERT_TRUE(write_project_folder(folders() + "/d1", bound({{"a", "A"}})));
    EXPECT_FALSE(fs::exists(folders() + "/d0.new"));
    EXPECT_FALSE(fs::exists(folders() + "/d1/x"));
    fs::create_directories(folders() + "/d1.new/x");
    ASSERT_TRUE(remove_project_folder(folders() + "/d1"));
    EXPECT_FALSE(fs::exists(folders())) << "the app's own goes with the last one";
    EXPECT_TRUE(remove_project_folder(folders() + "/d1")) << "it is gone already";
}

TEST_F(ProjectFolder, NothingIsWrittenOutsideOrHalf) {
    for (const char* name : {"../evil", "/evil", "a/../../evil", "a//b", "./a"}) {
        EXPECT_FALSE(write_project_folder(folders() + "/d1", bound({{"a0", ""}, {name, "x"}})))
            << name;
        EXPECT_TRUE(list_project_folders(folders()).empty()) << name;
        EXPECT_TRUE(fs::is_empty(folders())) << name;
    }
    const std::string nul("a\0b", 3);
    EXPECT_FALSE(write_project_folder(folders() + "/d1", bound({{nul, "x"}})));
    // A file where a folder is needed.
    EXPECT_FALSE(write_project_folder(folders() + "/d1", bound({{"a", ""}, {"a/b", ""}})));
    EXPECT_FALSE(fs::exists(folders() + "/d1"));
}

TEST_F(ProjectFolder, IsForEnginesOnThisMachine) {
    const auto at = [&](const char* host, const char* cluster) {
        return project_folders_path(host, data_, ClusterId(cluster), AppId("shop"));
    };
    EXPECT_EQ(at("tcp://192.0.2.1:2375", "c"), "");
    EXPECT_EQ(at("https://192.0.2.1:2376", "c"), "");
    EXPECT_EQ(at("unix:///d.sock", "../c"), "");
    EXPECT_EQ(at("unix:///d.sock", ""), "");
    fs::create_directories(data_ + "/real");
    fs::create_symlink(data_ + "/real", data_ + "/link");
    EXPECT_EQ(project_folders_path("unix:///d.sock", data_ + "/link", ClusterId("c"), AppId("a")),
              fs::canonical(data_).string() + "/real/files/c/a");
}

}  // namespace
}  // namespace nap::test
