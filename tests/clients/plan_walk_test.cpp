#include "actuators/plan_walk.hpp"

#include <gtest/gtest.h>

#include "support/fake_engine.hpp"

namespace nap::test {
namespace {

class PlanWalkTest : public ::testing::Test {
  protected:
    void pull(const std::string& image, std::vector<std::size_t> after = {}) {
        plan.steps.push_back({PullImage{image}, std::move(after), "test"});
    }
    PlanWalk& start(std::size_t parallel_max = 16) {
        walk.emplace(io.get_executor(), engine, plan,
                     PlanWalk::Options{.owner = {},
                                       .policy = {},
                                       .parallel_max = parallel_max,
                                       .on_end = [this](const StepEnd& end) {
                                           ends.push_back(object_of(end.step.action) +
                                                          (end.skipped  ? " skipped"
                                                           : end.result ? " ok"
                                                                        : " failed"));
                                       }});
        asio::co_spawn(io, walk->run(), [this](std::exception_ptr error) {
            returned = true;
            threw = error != nullptr;
        });
        turn();
        return *walk;
    }
    void turn() {
        io.restart();
        io.poll();
    }
    std::set<std::string> busy() const {
        std::set<std::string> objects;
        walk->add_busy(objects);
        return objects;
    }
    void expect_over() {
        EXPECT_TRUE(returned);
        EXPECT_FALSE(threw);
        EXPECT_TRUE(walk->finished());
        EXPECT_TRUE(busy().empty());
    }

    asio::io_context io;
    FakeEngine engine{io};
    Plan plan;
    std::optional<PlanWalk> walk;
    std::vector<std::string> ends;
    bool returned = false;
    bool threw = false;
};

using Strings = std::vector<std::string>;

TEST_F(PlanWalkTest, AnEmptyPlanIsOverAtOnce) {
    start();
    expect_over();
    EXPECT_TRUE(engine.calls.empty());
}

TEST_F(PlanWalkTest, KeepsTheOrderAsked) {
    pull("a");
    pull("b", {0});
    pull("c", {0, 1});
    start();
    expect_over();
    EXPECT_EQ(engine.calls, (Strings{"pull a", "pull b", "pull c"}));
}

TEST_F(PlanWalkTest, GoesSideBySideUpToTheLimit) {
    for (int i = 0; i < 10; ++i)
        pull(std::to_string(i));
    engine.held = {"pull"};
    start(3);
    EXPECT_EQ(engine.calls.size(), 3U);
    EXPECT_EQ(busy().size(), 10U) << "what is to come is taken too";
    engine.release();
    turn();
    expect_over();
    EXPECT_EQ(engine.calls.size(), 10U);
    EXPECT_LE(engine.in_flight_max, 3U);
}

TEST_F(PlanWalkTest, NeverTwoAtOnceOnOneObject) {
    pull("same");
    pull("same");
    pull("other");
    engine.held = {"pull"};
    start();
    EXPECT_EQ(engine.calls, (Strings{"pull same", "pull other"}));
    engine.release();
    turn();
    expect_over();
    EXPECT_EQ(engine.calls.size(), 3U);
}

TEST_F(PlanWalkTest, AFailureEndsOnlyWhatNeedsIt) {
    plan.steps.push_back({CreateVolume{{.name = "v"}}, {}, "test"});
    pull("a", {0});
    pull("b", {1});
    pull("c");
    engine.failures["create_volume"] = {Errc::rejected, "no"};
    start();
    expect_over();
    EXPECT_EQ(engine.calls, (Strings{"create_volume v", "pull c"}));
    EXPECT_EQ(ends.size(), 4U);
    EXPECT_EQ(std::count(ends.begin(), ends.end(), "image b skipped"), 1);
    EXPECT_EQ(std::count(ends.begin(), ends.end(), "image c ok"), 1);
}

TEST_F(PlanWalkTest, StopLetsGoOfWhatHasNotBegun) {
    pull("a");
    pull("b", {0});
    engine.held = {"pull"};
    PlanWalk& running = start();
    running.stop();
    EXPECT_EQ(busy(), std::set<std::string>{"image a"});
    EXPECT_FALSE(returned);
    engine.release();
    turn();
    expect_over();
    EXPECT_EQ(engine.calls, Strings{"pull a"});
    EXPECT_EQ(ends, Strings{"image a ok"}) << "what is under way ends by itself";
}

TEST_F(PlanWalkTest, TellsWhichContainerItWorkedOn) {
    const InstanceId web{"web", 1};
    std::vector<std::optional<ContainerId>> seen;
    plan.steps.push_back({CreateContainer{web, "w", {}}, {}, "test"});
    plan.steps.push_back({StartContainer{web, std::nullopt}, {0}, "test"});
    PlanWalk other(io.get_executor(), engine, plan,
                   {.owner = {}, .policy = {}, .on_end = [&](const StepEnd& end) {
                        seen.push_back(end.container);
                    }});
    asio::co_spawn(io, other.run(), [](std::exception_ptr) {});
    io.run();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0], ContainerId("id-w"));
    EXPECT_EQ(seen[1], ContainerId("id-w"));
}

}  // namespace
}  // namespace nap::test
