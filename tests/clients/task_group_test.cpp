#include "ports/task_group.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <stdexcept>

#include "ports/wake.hpp"

namespace nap::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

asio::awaitable<void> nap_for(std::chrono::nanoseconds time, int& ended) {
    co_await sleep_for(time);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() == asio::cancellation_type::none) ++ended;
}

asio::awaitable<void> fail() {
    throw std::runtime_error("broken");
    co_return;
}

class TaskGroupTest : public ::testing::Test {
  protected:
    /// Runs `task`; true when it ended by itself.
    bool run(asio::awaitable<void> task) {
        bool done = false;
        asio::co_spawn(io, std::move(task), [&](std::exception_ptr e) {
            done = true;
            error = e;
        });
        io.restart();
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (!done && io.run_one_until(deadline) > 0)
            continue;
        return done;
    }

    asio::io_context io;
    TaskGroup group{io.get_executor()};
    int ended = 0;
    std::exception_ptr error;
};

TEST_F(TaskGroupTest, JoinWaitsForAll) {
    EXPECT_TRUE(run(group.join())) << "an empty group";
    for (int i = 0; i < 5; ++i)
        group.spawn(nap_for(milliseconds(i), ended));
    EXPECT_EQ(group.size(), 5U);
    EXPECT_TRUE(run(group.join()));
    EXPECT_EQ(ended, 5);
    EXPECT_EQ(group.size(), 0U);
    EXPECT_FALSE(error);
}

TEST_F(TaskGroupTest, CancelEndsWhatSleeps) {
    for (int i = 0; i < 3; ++i)
        group.spawn(nap_for(hours(1), ended));
    io.poll();
    group.cancel();
    EXPECT_TRUE(run(group.join()));
    EXPECT_EQ(group.size(), 0U);
    EXPECT_FALSE(error) << "having been cancelled is no failure";
}

TEST_F(TaskGroupTest, JoinTellsOfAFailure) {
    group.spawn(nap_for(milliseconds(1), ended));
    group.spawn(fail());
    EXPECT_TRUE(run(group.join()));
    EXPECT_TRUE(error);
    EXPECT_EQ(ended, 1) << "the others still ended";
}

TEST_F(TaskGroupTest, WaitOneReturnsForEach) {
    EXPECT_TRUE(run(group.wait_one())) << "an empty group";
    group.spawn(nap_for(milliseconds(1), ended));
    group.spawn(nap_for(milliseconds(20), ended));
    EXPECT_TRUE(run(group.wait_one()));
    EXPECT_GE(ended, 1);
    EXPECT_TRUE(run(group.join()));
}

TEST_F(TaskGroupTest, AJoinedGroupStartsAfresh) {
    group.spawn(nap_for(milliseconds(1), ended));
    group.spawn(nap_for(hours(1), ended));
    EXPECT_TRUE(run(group.wait_one()));
    group.cancel();
    EXPECT_TRUE(run(group.join()));
    group.spawn(nap_for(milliseconds(20), ended));
    EXPECT_TRUE(run(group.wait_one()));
    EXPECT_EQ(ended, 2) << "what ended before the join does not count again";
}

TEST(Wake, RingsThatCameEarlyCount) {
    asio::io_context io;
    Wake wake(io.get_executor());
    bool rung = false;
    int turns = 0;
    const auto done = [&](std::exception_ptr, bool value) {
        rung = value;
        ++turns;
    };
    wake.ring();
    wake.ring();
    asio::co_spawn(io, wake.wait_for(hours(1)), done);
    io.run();
    EXPECT_TRUE(rung);
    asio::co_spawn(io, wake.wait_for(milliseconds(1)), done);
    io.restart();
    io.run();
    EXPECT_FALSE(rung) << "twice is remembered once";
    asio::co_spawn(io, wake.wait_for(hours(1)), done);
    io.restart();
    io.poll();
    EXPECT_EQ(turns, 2);
    wake.ring();
    io.restart();
    io.run();
    EXPECT_TRUE(rung);
    EXPECT_EQ(turns, 3);
}

}  // namespace
}  // namespace nap::test
