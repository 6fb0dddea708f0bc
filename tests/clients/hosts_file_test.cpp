#include "actuators/hosts_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "model/hosts_block.hpp"

namespace nap::test {
namespace {

class HostsFileTest : public ::testing::Test {
  protected:
    void SetUp() override { write(path, engines); }
    void TearDown() override { std::filesystem::remove(path); }

    static void write(const std::string& file, const std::string& text) {
        std::ofstream(file) << text;
    }
    std::string text() const {
        std::ostringstream content;
        content << std::ifstream(path).rdbuf();
        return content.str();
    }
    ino_t inode() const {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return status.st_ino;
    }

    const std::string path = ::testing::TempDir() + "nap-hosts-" + std::to_string(::getpid());
    const std::string engines = "127.0.0.1\tlocalhost\n172.17.0.3\t1f2e3d\r\n";
};

TEST_F(HostsFileTest, IsWrittenInPlace) {
    const ino_t before = inode();
    ASSERT_TRUE(write_hosts_block(path, "172.17.0.2\tredis\n"));
    EXPECT_EQ(inode(), before) << "renaming over it would break the bind into the container";
    EXPECT_TRUE(text().starts_with(engines));
    EXPECT_EQ(read_hosts_block(path).value(), "172.17.0.2\tredis\n");
}

TEST_F(HostsFileTest, ShrinksWithoutARest) {
    ASSERT_TRUE(write_hosts_block(path, std::string(5000, 'x') + "\n"));
    ASSERT_TRUE(write_hosts_block(path, "1.2.3.4 y\n"));
    EXPECT_EQ(text(), replace_hosts_block(engines, "1.2.3.4 y\n"));
    ASSERT_TRUE(write_hosts_block(path, ""));
    EXPECT_EQ(text(), engines);
    EXPECT_EQ(read_hosts_block(path).value(), "");
}

TEST_F(HostsFileTest, DoesNotFollowLinks) {
    const std::string link = path + "-link";
    std::filesystem::remove(link);
    std::filesystem::create_symlink(path, link);
    EXPECT_EQ(write_hosts_block(link, "x\n").error().code, Errc::io);
    EXPECT_EQ(read_hosts_block(link).error().code, Errc::io);
    EXPECT_EQ(text(), engines);
    std::filesystem::remove(link);
}

TEST_F(HostsFileTest, MakesNoFile) {
    const std::string missing = path + "-missing";
    const auto result = write_hosts_block(missing, "x\n");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::io);
    EXPECT_NE(result.error().message.find(missing), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(missing));
}

TEST_F(HostsFileTest, RefusesWhatIsTooLarge) {
    write(path, std::string((1 << 20) + 4097, 'x'));
    EXPECT_EQ(read_hosts_block(path).error().code, Errc::too_large);
    EXPECT_EQ(write_hosts_block(path, "x\n").error().code, Errc::too_large);
}

}  // namespace
}  // namespace nap::test
