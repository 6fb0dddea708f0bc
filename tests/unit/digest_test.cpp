#include "reconciler/digest.hpp"

#include <gtest/gtest.h>

namespace nap::test {
namespace {

// SHA-1 of 16 zero bytes and the text, cut and marked as a version 5 UUID.
TEST(Digest, IsTheSameEverywhere) {
    EXPECT_EQ(digest(""), "e129f27c51035c5c844bcdf0a15e160d");
    EXPECT_EQ(digest("nap"), "29d405dfe3f45585acdb716607c5a502");
}

TEST(Digest, SeesEveryByte) {
    EXPECT_NE(digest("a"), digest("b"));
    EXPECT_NE(digest("a"), digest("a\n"));
    EXPECT_NE(digest(std::string_view("a\0b", 3)), digest("a"));
    EXPECT_EQ(digest("x").size(), 32U);
}

}  // namespace
}  // namespace nap::test
