#pragma once

#include <set>
#include <string>

#include "model/attempts.hpp"
#include "model/error.hpp"
#include "model/observed.hpp"

namespace nap {

/// How long to wait before the try that follows `failures` failures in a row: nothing after the
/// first, then `initial` doubled each time up to `max`, less up to a tenth by `seed`, so that many
/// instances that failed together do not try together.
[[nodiscard]] milliseconds backoff_delay(const BackoffPolicy& policy, int failures,
                                         const std::string& seed);

/// Brings `attempts` up to date with what is seen: the end of each run is counted once, however
/// often it is seen; a container that has run well for `stable_run` ends its row of failures.
/// Objects in `busy` are being worked on, and how they look now says nothing.
void review_runs(Attempts& attempts, const BackoffPolicy& policy, const ObservedHost& observed,
                 TimePoint now, const std::set<std::string>& busy);

/// Names one run of a container: its id and when it was started.
[[nodiscard]] std::string run_of(const ObservedContainer& container);

/// Remembers how the `post_start` hooks of `run` have ended; `error` is empty when all went well.
void note_hooks(Attempts& attempts, const std::string& object, const std::string& run,
                std::string error);

/// Counts a failed action on `object`.
void note_failure(Attempts& attempts, const BackoffPolicy& policy, const std::string& object,
                  std::string message, TimePoint now);

/// Ends what the failures of an older revision asked to wait for, and keeps the counts of deaths.
void forgive(Attempts& attempts);

/// When a container that has run well since `started_at` ends the row of failures. Not before the
/// next try has had its time: what runs may be the old container, and its replacement what fails.
[[nodiscard]] TimePoint row_ends_at(const Attempt& attempt, const BackoffPolicy& policy,
                                    TimePoint started_at, TimePoint now);

/// When `attempt` may be tried: `now` or earlier when it may be tried at once. A time further away
/// than any backoff reaches comes from a clock that was set back, and does not count.
[[nodiscard]] TimePoint may_try_at(const Attempt& attempt, const BackoffPolicy& policy,
                                   TimePoint now);

}  // namespace nap
