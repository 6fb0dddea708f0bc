#include "differential/differences.hpp"

namespace nap::test {

// Each with the reason, which docs/reference/compose-differences.md has for users.
const std::vector<KnownDifference>& known_differences() {
    static const std::vector<KnownDifference> entries{
        {"*", "containers/*/HostConfig/RestartPolicy/Name", "*", "no",
         "nap restarts, not the engine"},
        {"*", "containers/*/HostConfig/RestartPolicy/MaximumRetryCount", "*", 0, "likewise"},
        {"environment_list", "containers/*/Config/Env/NOT_SET", "no value", nullptr,
         "is left out, with a warning"},
        {"version_1_links", "containers/web.1/HostConfig/Links", "*", nullptr,
         "kept in the hosts file"},
        {"secrets", "containers/*ounts", "*", nullptr, "written into the container"},
        {"*", "volumes", "*", nullptr, "a volume that no service uses is not made"},
        {"override", "volumes/override_data", "*", nullptr, "likewise"},
        {"networks_*", "containers/*/HostConfig/NetworkMode", "*", "*",
         "of several networks, another one is joined first"},
        {"deploy_limits", "containers/*/HostConfig/MemoryReservation", 20971520, 0,
         "set aside on the node, and not the engine's business"},
        {"*", "networks/*/Attachable", true, false, "says nothing on networks of one host"},
    };
    return entries;
}

}  // namespace nap::test
