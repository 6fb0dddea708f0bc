#include "reconciler/backoff.hpp"

#include <gtest/gtest.h>

#include "support/world.hpp"

namespace nap::test {
namespace {

using std::chrono::seconds;

const BackoffPolicy policy;
const InstanceId web{"web", 1};

World crashed(seconds ran_for) {
    World world;
    world.app.app = AppId("shop");
    world.app.services["web"].image = "web:1";
    ObservedContainer container = running_container(world, web, "c1");
    container.state = ContainerState::exited;
    container.finished_at = container.started_at + ran_for;
    world.now = container.finished_at;
    add_container(world, container);
    return world;
}

void review(World& world) {
    review_runs(world.attempts, policy, world.host, world.now, world.busy);
}

/// Another run of the container that ended at once.
void crash_again(World& world) {
    ObservedContainer& container = world.host.containers.front();
    world.now += seconds(1);
    container.started_at = world.now;
    container.finished_at = world.now;
    review(world);
}

TEST(BackoffDelay, DoublesUpToTheCap) {
    EXPECT_EQ(backoff_delay(policy, 0, ""), milliseconds(0));
    EXPECT_EQ(backoff_delay(policy, 1, ""), milliseconds(0));
    milliseconds nominal = policy.initial;
    for (int failures = 2; failures < 40; ++failures) {
        const milliseconds delay = backoff_delay(policy, failures, "seed");
        EXPECT_LE(delay, nominal) << failures;
        EXPECT_GT(delay, nominal - nominal / 10) << failures;
        nominal = std::min(nominal * 2, policy.max);
    }
    EXPECT_GT(backoff_delay(policy, 2'000'000'000, ""), policy.max * 9 / 10);
}

TEST(BackoffDelay, SpreadsByTheSeedAndByNothingElse) {
    EXPECT_EQ(backoff_delay(policy, 12, "a"), backoff_delay(policy, 12, "a"));
    EXPECT_NE(backoff_delay(policy, 12, "a"), backoff_delay(policy, 12, "b"));
}

TEST(BackoffDelay, TakesPoliciesTooShortToSpread) {
    const BackoffPolicy quick{.initial = milliseconds(1), .max = milliseconds(5)};
    EXPECT_EQ(backoff_delay(quick, 2, "x"), milliseconds(1));
    EXPECT_EQ(backoff_delay(quick, 9, "x"), milliseconds(5));
}

TEST(ReviewRuns, CountsEachEndOnce) {
    World world = crashed(seconds(1));
    for (int i = 0; i < 5; ++i)
        review(world);
    const Attempt& attempt = world.attempts.at("web/1");
    EXPECT_EQ(attempt.failures, 1);
    EXPECT_EQ(attempt.deaths, 1);
    EXPECT_LE(attempt.not_before, world.now) << "the first restart is at once";
    crash_again(world);
    EXPECT_EQ(attempt.failures, 2);
    EXPECT_GT(attempt.not_before, world.now);
}

TEST(ReviewRuns, CountsOnceWhenTwoContainersOfAnInstanceHaveEnded) {
    World world = crashed(seconds(1));
    ObservedContainer older = world.host.containers.front();
    older.id = ContainerId("c0");
    older.name = "older";
    older.started_at -= seconds(60);
    add_container(world, older);
    for (int i = 0; i < 5; ++i)
        review(world);
    EXPECT_EQ(world.attempts.at("web/1").failures, 1);
    EXPECT_EQ(world.attempts.at("web/1").deaths, 1);
}

TEST(ReviewRuns, AStableRunStartsTheRowAnew) {
    World world = crashed(seconds(1));
    review(world);
    for (int i = 0; i < 5; ++i)
        crash_again(world);
    EXPECT_EQ(world.attempts.at("web/1").failures, 6);
    ObservedContainer& container = world.host.containers.front();
    world.now += seconds(1);
    container.started_at = world.now;
    container.finished_at = world.now = world.now + policy.stable_run;
    review(world);
    EXPECT_EQ(world.attempts.at("web/1").failures, 1);
    EXPECT_EQ(world.attempts.at("web/1").deaths, 7);
}

TEST(ReviewRuns, RunningWellForLongEnoughForgives) {
    World world = crashed(seconds(1));
    review(world);
    crash_again(world);
    ObservedContainer& container = world.host.containers.front();
    container.state = ContainerState::running;
    world.now = world.attempts.at("web/1").not_before;
    container.started_at = world.now;
    world.now += policy.stable_run - milliseconds(1);
    review(world);
    EXPECT_EQ(world.attempts.at("web/1").failures, 2);
    world.now += milliseconds(1);
    container.health = Health::unhealthy;
    review(world);
    EXPECT_EQ(world.attempts.at("web/1").failures, 2) << "not well";
    container.health = Health::healthy;
    review(world);
    EXPECT_EQ(world.attempts.at("web/1").failures, 0);
}

TEST(ReviewRuns, AnOldContainerThatRunsWellDoesNotForgiveItsReplacement) {
    World world = crashed(seconds(1));
    ObservedContainer& old = world.host.containers.front();
    old.state = ContainerState::running;
    old.started_at = world_begins;
    world.now = world_begins + std::chrono::hours(1);
    for (int i = 1; i <= 8; ++i) {
        note_failure(world.attempts, policy, "web/1", "create-container failed", world.now);
        review(world);
        const Attempt& attempt = world.attempts.at("web/1");
        EXPECT_EQ(attempt.failures, i);
        world.now = attempt.not_before;
    }
    world.now += policy.stable_run;
    review(world);
    EXPECT_EQ(world.attempts.at("web/1").failures, 0) << "nothing failed any more";
}

TEST(ReviewRuns, AClockThatWasSetBackDoesNotKeepARowOpen) {
    World world = crashed(seconds(1));
    ObservedContainer& container = world.host.containers.front();
    note_failure(world.attempts, policy, "web/1", "x", world.now + std::chrono::hours(1));
    container.state = ContainerState::running;
    container.started_at = world.now - policy.stable_run;
    review(world);
    EXPECT_EQ(world.attempts.at("web/1").failures, 0);
}

TEST(ReviewRuns, ARunBegunBeforeTheClockWasSetBackEndsTheRow) {
    World world = crashed(seconds(1));
    review(world);
    crash_again(world);
    ObservedContainer& container = world.host.containers.front();
    container.state = ContainerState::running;
    container.started_at = world.now + policy.max;
    review(world);
    EXPECT_EQ(world.attempts.at("web/1").failures, 2) << "clocks need not agree to the second";
    container.started_at = world.now + std::chrono::hours(3);
    review(world);
    EXPECT_EQ(world.attempts.at("web/1").failures, 0) << "hours would pass";
}

TEST(ReviewRuns, LeavesBusyOnesAndStrangersAlone) {
    World world = crashed(seconds(1));
    world.busy = {"web/1"};
    review(world);
    EXPECT_TRUE(world.attempts.empty());
    world.busy.clear();
    world.host.containers.front().owner.reset();
    review(world);
    EXPECT_TRUE(world.attempts.empty());
}

TEST(ReviewRuns, AContainerNeverStartedHasNotDied) {
    World world = crashed(seconds(0));
    world.host.containers.front().started_at = {};
    review(world);
    EXPECT_TRUE(world.attempts.empty());
}

TEST(NoteFailure, WaitsFromTheFirstFailureOn) {
    Attempts attempts;
    const TimePoint now = world_begins;
    note_failure(attempts, policy, "image x", "no such host", now);
    const Attempt& attempt = attempts.at("image x");
    EXPECT_EQ(attempt.failures, 1);
    EXPECT_EQ(attempt.last_error, "no such host");
    EXPECT_GT(attempt.not_before, now);
    EXPECT_LE(attempt.not_before, now + policy.initial);
    for (int i = 0; i < 30; ++i)
        note_failure(attempts, policy, "image x", "again", now);
    EXPECT_LE(attempt.not_before, now + policy.max);
    EXPECT_EQ(attempts.size(), 1U);
}

TEST(Forgive, KeepsDeathsOnly) {
    Attempts attempts;
    note_failure(attempts, policy, "web/1", "x", world_begins);
    attempts["web/1"].deaths = 3;
    forgive(attempts);
    EXPECT_EQ(attempts.at("web/1"), (Attempt{.deaths = 3}));
}

TEST(MayTryAt, DoesNotBelieveAClockThatWasSetBack) {
    const TimePoint now = world_begins;
    Attempt attempt;
    attempt.not_before = now + policy.max;
    EXPECT_EQ(may_try_at(attempt, policy, now), now + policy.max);
    attempt.not_before = now + policy.max + milliseconds(1);
    EXPECT_EQ(may_try_at(attempt, policy, now), now);
}

}  // namespace
}  // namespace nap::test
