#include "differential/differences.hpp"

namespace nap::test {

// Each with the reason, which docs/reference/compose-differences.md has for users.
const std::vector<KnownDifference>& known_differences() {
    static const std::vector<KnownDifference> entries{
        {"*", "containers/*/HostConfig/RestartPolicy/Name", "*", "no",
         "nap restarts, not the engine"},
        {"restart", "containers/*/HostConfig/RestartPolicy/MaximumRetryCount", "*", 0, "likewise"},
        {"*", "networks/*/Attachable", true, false, "says nothing on networks of one host"},
    };
    return entries;
}

}  // namespace nap::test
