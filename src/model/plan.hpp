#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/container_config.hpp"
#include "model/ids.hpp"
#include "model/observed.hpp"
#include "model/time.hpp"

namespace nap {

// Each action is one call to the engine, or one change to files of this host. "Already so" counts
// as success.

struct CreateNetwork {
    NetworkSpec spec;  ///< labels complete
};
struct RemoveNetwork {
    NetworkId id;
    std::string name;
};
struct CreateVolume {
    VolumeSpec spec;  ///< labels complete
};
struct PullImage {
    std::string image;
    std::string platform = {};  ///< empty: the engine's own
};
/// What a single file that is mounted is called in its folder.
inline constexpr char single_file_name[] = "file";

/// Puts files of the app's project directory on this host, for containers to mount.
struct WriteFolder {
    std::string digest;
    std::string path;  ///< of the folder
    BoundFiles files;
};
/// Takes away files that no container uses any more.
struct RemoveFolder {
    std::string digest;
    std::string path;
};
struct CreateContainer {
    InstanceId instance;
    std::string name;
    ContainerConfig config;
};
/// Puts configs and secrets into a container that was never started.
struct WriteFiles {
    InstanceId instance;
    std::optional<ContainerId> id;  ///< nullopt: the one this plan creates
    std::vector<ContainerFile> files;
};
struct ConnectNetwork {
    InstanceId instance;
    std::optional<ContainerId> id;  ///< nullopt: the one this plan creates
    ContainerNetwork network;
};
struct StartContainer {
    InstanceId instance;
    std::optional<ContainerId> id;  ///< nullopt: the one this plan creates
};
/// Runs the `post_start` hooks of one run of a container. `rejected` when one of them fails.
struct RunHooks {
    InstanceId instance;
    ContainerId id;
    std::string run;  ///< which run, as in attempts
    std::vector<Hook> hooks;
};
struct UnpauseContainer {
    InstanceId instance;
    ContainerId id;
};
struct StopContainer {
    InstanceId instance;
    ContainerId id;
    std::optional<milliseconds> grace;  ///< nullopt: what the container was created with
};
struct RestartContainer {
    InstanceId instance;
    ContainerId id;
    std::optional<milliseconds> grace;
    bool counts_as_failure = false;  ///< it was unhealthy, rather than asked to restart
};
struct SignalContainer {
    InstanceId instance;
    ContainerId id;
    std::string signal;
};
struct RemoveContainer {
    InstanceId instance;
    ContainerId id;
};
struct RenameContainer {
    InstanceId instance;
    std::optional<ContainerId> id;  ///< nullopt: the one this plan creates
    std::string name;
};
/// Makes nap's block in the container's hosts file read exactly `block` (empty: no block).
struct WriteHosts {
    InstanceId instance;
    ContainerId id;
    std::string hosts_path;
    std::string block;
};

using Action = std::variant<CreateNetwork, RemoveNetwork, CreateVolume, PullImage, CreateContainer,
                            WriteFiles, ConnectNetwork, StartContainer, UnpauseContainer,
                            StopContainer, RestartContainer, SignalContainer, RemoveContainer,
                            RenameContainer, WriteHosts, WriteFolder, RemoveFolder, RunHooks>;

/// `create-container`: the name used in metrics, logs and plan text.
[[nodiscard]] const char* action_name(const Action& action);

/// What the action works on: `web/1`, `network guestbook_default`, `image redis:7`. Two actions on
/// one object never run at once, and the planner leaves objects alone that are being worked on.
[[nodiscard]] std::string object_of(const Action& action);

struct Step {
    Action action;
    std::vector<std::size_t> after;  ///< indices of steps that must have succeeded before
    std::string cause;
};

/// Something that should be done and cannot be, or not yet.
struct Blocked {
    std::string object;
    std::string reason;
    bool fault = true;   ///< false: merely waiting its turn
    std::string detail;  ///< continues the reason with what changes from try to try
};

struct Plan {
    std::vector<Step> steps;
    std::vector<Blocked> blocked;
    std::optional<TimePoint> look_again;  ///< when time alone will change this plan
};

/// The plan as people read it: `nap plan`, the log and the golden tests show this text.
[[nodiscard]] std::string to_string(const Plan& plan);

}  // namespace nap
