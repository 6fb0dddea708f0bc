#include "watchers/kv_watch.hpp"

#include <gtest/gtest.h>

namespace nap::test {
namespace {

TEST(KvCursor, FollowsTheIndexForward) {
    KvCursor cursor;
    EXPECT_EQ(cursor.index(), 0u);
    EXPECT_FALSE(cursor.advance(5));
    EXPECT_EQ(cursor.index(), 5u);
    EXPECT_FALSE(cursor.advance(7));
    EXPECT_EQ(cursor.index(), 7u);
}

TEST(KvCursor, DoesNotBlockAgainOnAnIndexThatBroughtNothing) {
    KvCursor cursor;
    cursor.advance(7);
    EXPECT_FALSE(cursor.advance(7));
    EXPECT_EQ(cursor.index(), 0u) << "after a restore 7 may never come";
    EXPECT_FALSE(cursor.advance(7));
    EXPECT_EQ(cursor.index(), 7u);
    cursor.advance(7);
    EXPECT_TRUE(cursor.advance(3)) << "the restore shows";
    EXPECT_EQ(cursor.index(), 3u);
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
