#include "watchers/kv_watch.hpp"

#include <gtest/gtest.h>

namespace nap::test {
namespace {

TEST(KvCursor, FollowsTheIndexForward) {
    KvCursor cursor;
    EXPECT_EQ(cursor.index(), 0U) << "the first read does not block";
    cursor.advance(7);
    EXPECT_EQ(cursor.index(), 7U);
    cursor.advance(7);
    EXPECT_EQ(cursor.index(), 7U);
    cursor.advance(9);
    EXPECT_EQ(cursor.index(), 9U);
}

TEST(KvCursor, BeginsAnewWhenTheIndexGoesBack) {
    KvCursor cursor;
    cursor.advance(9);
    cursor.advance(3);
    EXPECT_EQ(cursor.index(), 0U);
    cursor.advance(3);
    EXPECT_EQ(cursor.index(), 3U);
    cursor.restart();
    EXPECT_EQ(cursor.index(), 0U);
}

}  // namespace
}  // namespace nap::test
