#pragma once

#include <string>
#include <vector>

namespace nap {

/// `nap/standalone`: what a standalone agent says of the folder that its manifests come from.
struct StandaloneRecord {
    std::string folder;
    std::string identity;  ///< tells it from another in its place; empty: not known yet
    std::vector<std::string> problems;  ///< what keeps it from being followed, for people

    friend bool operator==(const StandaloneRecord&, const StandaloneRecord&) = default;
};

}  // namespace nap
