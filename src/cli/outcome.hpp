#pragma once

#include <string>

namespace nap {

/// The exit codes of every command.
enum class Exit : int {
    ok = 0,
    differences = 1,  ///< `plan` only
    usage = 2,
    invalid = 3,
    not_found = 4,
    conflict = 5,
    unreachable = 6,
    failed = 7,
    timed_out = 8,
    interrupted = 130,
};

/// How a command ended, and what is to be said about it on stderr (may be empty).
struct Outcome {
    Exit code = Exit::ok;
    std::string message;
};

}  // namespace nap
