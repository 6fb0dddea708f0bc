#include "reconciler/backoff.hpp"

#include <algorithm>
#include <cstdint>

namespace nap {

namespace {

/// FNV-1a: spreads seeds evenly, and the same everywhere.
std::uint64_t spread(const std::string& seed) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : seed) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    }
    return hash;
}

void review_run(Attempts& attempts, const BackoffPolicy& policy, const ObservedContainer& container,
                TimePoint now) {
    const std::string object = to_string(container.owner->instance);
    const auto known = attempts.find(object);
    if (container.state == ContainerState::running) {
        const bool well = container.health == Health::none || container.health == Health::healthy;
        if (known != attempts.end() && well &&
            now >= row_ends_at(known->second, policy, container.started_at, now)) {
            known->second.failures = 0;
            known->second.last_error.clear();
        }
        return;
    }
    const bool ended =
        container.state == ContainerState::exited && container.started_at != TimePoint{};
    if (!ended) return;
    const std::string run = run_of(container);
    if (known != attempts.end() && known->second.last_run == run) return;

    Attempt& attempt = attempts[object];
    attempt.last_run = run;
    const bool hook_failed = attempt.hooked_run == run && !attempt.hook_error.empty();
    attempt.last_error = hook_failed ? attempt.hook_error : std::string();
    attempt.deaths += 1;
    const bool was_stable =
        !hook_failed && container.finished_at - container.started_at >= policy.stable_run;
    attempt.failures = was_stable ? 1 : attempt.failures + 1;
    attempt.not_before =
        container.finished_at + backoff_delay(policy, attempt.failures, object + run);
}

}  // namespace

milliseconds backoff_delay(const BackoffPolicy& policy, int failures, const std::string& seed) {
    if (failures <= 1) return milliseconds{0};
    milliseconds delay = policy.initial;
    for (int i = 2; i < failures && delay < policy.max; ++i)
        delay *= 2;
    delay = std::min(delay, policy.max);
    const auto tenth = static_cast<std::uint64_t>(delay.count() / 10);
    return delay - milliseconds{tenth == 0 ? 0 : static_cast<std::int64_t>(spread(seed) % tenth)};
}

void review_runs(Attempts& attempts, const BackoffPolicy& policy, const ObservedHost& observed,
                 TimePoint now, const std::set<std::string>& busy) {
    // Of several containers of one instance, as a replacement cut short leaves them, the one that
    // ran last speaks for it.
    std::map<InstanceId, const ObservedContainer*> latest;
    for (const ObservedContainer& container : observed.containers) {
        if (!container.owner || busy.contains(to_string(container.owner->instance))) continue;
        const ObservedContainer*& best = latest[container.owner->instance];
        if (best == nullptr || container.started_at > best->started_at) best = &container;
    }
    for (const auto& [instance, container] : latest)
        review_run(attempts, policy, *container, now);
}

std::string run_of(const ObservedContainer& container) {
    return container.id.str() + "@" +
           std::to_string(container.started_at.time_since_epoch().count());
}

void note_hooks(Attempts& attempts, const std::string& object, const std::string& run,
                std::string error) {
    Attempt& attempt = attempts[object];
    attempt.hooked_run = run;
    attempt.hook_error = std::move(error);
}

void note_failure(Attempts& attempts, const BackoffPolicy& policy, const std::string& object,
                  std::string message, TimePoint now) {
    Attempt& attempt = attempts[object];
    attempt.failures += 1;
    attempt.last_error = std::move(message);
    // Unlike a death, a failed call gets no free try: the same call would most likely fail again.
    const int row = attempt.failures + 1;
    attempt.not_before = now + backoff_delay(policy, row, object + std::to_string(row));
}

void forgive(Attempts& attempts) {
    for (auto& [object, attempt] : attempts) {
        attempt.failures = 0;
        attempt.not_before = TimePoint{};
        attempt.last_error.clear();
    }
}

TimePoint row_ends_at(const Attempt& attempt, const BackoffPolicy& policy, TimePoint started_at,
                      TimePoint now) {
    // What lies further ahead than any pause was noted before the clock was set back.
    const auto is_of_another_clock = [&](TimePoint time) { return time - now > policy.max; };
    if (is_of_another_clock(started_at)) return now;
    const TimePoint tried =
        is_of_another_clock(attempt.not_before) ? started_at : attempt.not_before;
    return std::max(started_at, tried) + policy.stable_run;
}

TimePoint may_try_at(const Attempt& attempt, const BackoffPolicy& policy, TimePoint now) {
    if (attempt.not_before - now > policy.max) return now;
    return attempt.not_before;
}

}  // namespace nap
