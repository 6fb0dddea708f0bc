#pragma once

#include <string>
#include <vector>

#include "support/docker.hpp"

namespace nap::test {

/// A place where two documents are not the same.
struct Difference {
    std::string path;  ///< as `containers/web.1/Config/User`
    json compose;      ///< null: not there
    json nap;
};

/// Lists are compared as a whole.
std::vector<Difference> differences(const json& compose, const json& nap);

/// What nap means to do otherwise.
struct KnownDifference {
    std::string cases;  ///< name of the case, with `*` and `?` as in a shell
    std::string path;   ///< likewise; `*` stands for `/` too
    json compose;       ///< "*": whatever it is
    json nap;
    std::string reason;
};

const std::vector<KnownDifference>& known_differences();

/// The entry that covers it; null when none does.
const KnownDifference* known(const std::string& test_case, const Difference& difference);

}  // namespace nap::test
