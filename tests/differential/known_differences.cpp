#include "differential/differences.hpp"

namespace nap::test {

// Each with the reason, which docs/reference/compose-differences.md has for users.
const std::vector<KnownDifference>& known_differences() {
    static const std::vector<KnownDifference> entries{
        {"*", "containers/*/HostConfig/RestartPolicy/Name", "*", "no",
         "nap restarts, not the engine"},
        {"restart", "containers/*/HostConfig/RestartPolicy/MaximumRetryCount", "*", 0, "likewise"},
        {"environment_list", "containers/*/Config/Env/NOT_SET", "no value", nullptr,
         "is left out, with a warning"},
        {"stop_short", "containers/*/Config/StopTimeout", 1, 2, "rounded up"},
        {"version_1_links", "containers/web.1/HostConfig/Links", "*", nullptr,
         "kept in the hosts file"},
        {"secrets", "containers/*ounts//run/secrets/*", "*", nullptr, "written into the container"},
        {"deploy_limits", "containers/*/HostConfig/MemoryReservation", 20971520, 0,
         "set aside on the node, and not the engine's business"},
        {"*", "networks/*/Attachable", true, false, "says nothing on networks of one host"},
    };
    return entries;
}

}  // namespace nap::test
