#pragma once

#include <string>

namespace nap::test {

/// Runs this program twice at the same time, each with half of the tests and a cluster of its own:
/// most of what they do is to wait. Passes on what they say, line by line; returns the exit code.
int run_shards(const std::string& program, int count);

}  // namespace nap::test
