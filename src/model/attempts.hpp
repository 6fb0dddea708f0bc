#pragma once

#include <map>
#include <string>

#include "model/time.hpp"

namespace nap {

/// How often one object has failed in a row, and when it may be tried again. Kept on disk, so that
/// restarting the agent does not reset a crash loop.
struct Attempt {
    int failures = 0;        ///< in a row: deaths after short runs, and failed actions
    int deaths = 0;          ///< in all, of this instance
    TimePoint not_before{};  ///< no try before this
    std::string last_run;    ///< container id and start time of the last death that was counted
    std::string last_error;  ///< of the last failed action; empty after a death
    std::string hooked_run;  ///< as `last_run`: the last one whose `post_start` hooks were run
    std::string hook_error;  ///< what one of them failed with

    friend bool operator==(const Attempt&, const Attempt&) = default;
};

/// By object (`web/1`, `image redis:7`), within one app.
using Attempts = std::map<std::string, Attempt>;

struct BackoffPolicy {
    milliseconds initial{100};
    milliseconds max{60'000};
    milliseconds stable_run{10'000};  ///< a run this long ends a row of failures
};

}  // namespace nap
