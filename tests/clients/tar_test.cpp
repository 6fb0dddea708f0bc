#include "clients/tar.hpp"

#include <gtest/gtest.h>

namespace nap {
namespace {

TEST(Tar, HoldsAFileAsUstarHasIt) {
    const auto archive =
        encode_tar({{.path = "/run/secrets/a", .content = "hi", .uid = 5, .gid = 6, .mode = 0440}});
    ASSERT_TRUE(archive);
    ASSERT_EQ(archive->size(), 4 * 512U);
    EXPECT_STREQ(archive->c_str(), "run/secrets/a");
    EXPECT_STREQ(archive->c_str() + 100, "0000440");
    EXPECT_STREQ(archive->c_str() + 108, "0000005");
    EXPECT_STREQ(archive->c_str() + 116, "0000006");
    EXPECT_STREQ(archive->c_str() + 124, "00000000002");
    EXPECT_EQ(archive->substr(257, 8), std::string_view("ustar\00000", 8));
    EXPECT_EQ(archive->substr(512, 2), "hi");
    unsigned sum = 0;
    for (std::size_t i = 0; i < 512; ++i) {
        const bool in_sum = i >= 148 && i < 156;
        sum += in_sum ? ' ' : static_cast<unsigned char>((*archive)[i]);
    }
    EXPECT_EQ(std::stoul(archive->substr(148, 6), nullptr, 8), sum);
}

TEST(Tar, SplitsLongPathsAndRefusesLongerOnes) {
    const std::string folder(90, 'a');
    const auto split = encode_tar({{.path = "/" + folder + "/" + folder, .content = ""}});
    ASSERT_TRUE(split);
    EXPECT_STREQ(split->c_str(), folder.c_str());
    EXPECT_STREQ(split->c_str() + 345, folder.c_str());
    EXPECT_FALSE(encode_tar({{.path = "/" + std::string(101, 'a'), .content = ""}}));
    EXPECT_FALSE(encode_tar({{.path = "/a", .content = "", .uid = 1 << 30}}));
}

TEST(Tar, FillsBlocks) {
    const auto archive = encode_tar({{.path = "/a", .content = std::string(512, 'x')},
                                     {.path = "/b", .content = std::string(513, 'y')}});
    ASSERT_TRUE(archive);
    EXPECT_EQ(archive->size(), (2 + 3 + 2) * 512U);
    EXPECT_EQ((*archive)[2 * 512], 'b');
}

}  // namespace
}  // namespace nap
