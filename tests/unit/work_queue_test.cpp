#include "reconciler/work_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nap::test {
namespace {

using std::chrono::seconds;

const MonotonicTime start{};

TEST(WorkQueue, KeepsOrderAndNoDoubles) {
    WorkQueue<std::string> queue;
    queue.add("a", start);
    queue.add("b", start + seconds(1));
    queue.add("a", start + seconds(2));
    EXPECT_EQ(queue.depth(), 2U);
    const auto first = queue.take(start + seconds(3));
    ASSERT_TRUE(first);
    EXPECT_EQ(first->key, "a");
    EXPECT_EQ(first->waited, seconds(3)) << "since it was first added";
    EXPECT_EQ(queue.take(start)->key, "b");
    EXPECT_FALSE(queue.take(start));
}

TEST(WorkQueue, NeverHandsOutAKeyTwiceAtOnce) {
    WorkQueue<std::string> queue;
    queue.add("a", start);
    ASSERT_TRUE(queue.take(start));
    queue.add("a", start);
    queue.add("a", start);
    EXPECT_EQ(queue.depth(), 0U);
    EXPECT_FALSE(queue.take(start));
    queue.done("a", start);
    EXPECT_EQ(queue.depth(), 1U) << "what came meanwhile is not lost";
    ASSERT_TRUE(queue.take(start));
    queue.done("a", start);
    EXPECT_FALSE(queue.take(start));
}

TEST(WorkQueue, LaterMeansNotBefore) {
    WorkQueue<std::string> queue;
    queue.add_at("a", start + seconds(10));
    queue.add_at("a", start + seconds(5));
    queue.add_at("a", start + seconds(20));
    EXPECT_EQ(queue.next_due(), start + seconds(5));
    queue.advance(start + seconds(4));
    EXPECT_FALSE(queue.take(start));
    queue.advance(start + seconds(5));
    EXPECT_FALSE(queue.next_due());
    EXPECT_TRUE(queue.take(start + seconds(5)));
}

TEST(WorkQueue, DueWhileBeingWorkedOnComesAfterwards) {
    WorkQueue<std::string> queue;
    queue.add("a", start);
    ASSERT_TRUE(queue.take(start));
    queue.add_at("a", start + seconds(1));
    queue.advance(start + seconds(1));
    EXPECT_FALSE(queue.take(start));
    queue.done("a", start + seconds(1));
    EXPECT_TRUE(queue.take(start + seconds(1)));
}

TEST(WorkQueue, NextDueIsTheEarliest) {
    WorkQueue<std::string> queue;
    EXPECT_FALSE(queue.next_due());
    queue.add_at("a", start + seconds(7));
    queue.add_at("b", start + seconds(3));
    EXPECT_EQ(queue.next_due(), start + seconds(3));
}

}  // namespace
}  // namespace nap::test
