#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace nap::test {

/// Calls `check` with the seeds from 0 on, `count` of them, until one fails; its failures name it.
/// NAP_SEED=<n> in the environment runs that one alone.
template <class Check>
void run_seeds(unsigned count, Check check) {
    unsigned first = 0;
    unsigned last = count;
    if (const char* only = std::getenv("NAP_SEED")) {
        first = static_cast<unsigned>(std::atoi(only));
        last = first + 1;
    }
    for (unsigned seed = first; seed < last && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        check(seed);
    }
}

}  // namespace nap::test
