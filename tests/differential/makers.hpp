#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/docker.hpp"

namespace nap::test {

/// A Compose file: `cases/NAME.yml`, or `cases/NAME/docker-compose.yml` with other files beside it.
/// Its name is that of the app.
struct Case {
    std::string name;
    std::filesystem::path path;
};

/// All in tests/differential/cases, sorted.
std::vector<Case> all_cases();

/// What somebody made of a case, see `inspected_app`; or why it came to nothing.
struct Made {
    json app;
    std::string error;
};

using MadeByCase = std::map<std::string, Made>;

/// Creates and starts all cases with docker-compose, and looks at them.
MadeByCase made_by_compose(const std::vector<Case>& cases);

/// The same with one standalone agent of nap, all cases at once.
MadeByCase made_by_nap(const std::vector<Case>& cases);

}  // namespace nap::test
