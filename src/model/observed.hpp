#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/app_spec.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"

namespace nap {

enum class ContainerState { created, running, paused, restarting, removing, exited, dead };
enum class Health { none, starting, healthy, unhealthy };

[[nodiscard]] const char* to_string(ContainerState state);
/// It has processes, or is about to.
[[nodiscard]] bool is_up(ContainerState state);
[[nodiscard]] const char* to_string(Health health);

/// What nap's labels on an engine object say. An object without them belongs to someone else.
struct OwnerLabels {
    ClusterId cluster;
    AppId app;
    InstanceId instance;  ///< containers only
    RevisionId revision;
    std::string config_hash;
};

/// Reads the labels of OwnerLabels; nullopt when there is no cluster or app label, or the slot is
/// not a number.
[[nodiscard]] std::optional<OwnerLabels> owner_from_labels(const StringMap& labels);

struct Attachment {
    std::string network;  ///< the engine's name of the network
    NetworkId network_id;
    std::string address;  ///< empty while the container does not run
};

struct ObservedMount {
    std::string volume;  ///< the engine's name; empty for binds
    std::string target;
    std::string source = {};  ///< host path of a bind; empty for volumes
};

/// One line of the engine's list: enough to see that a container needs inspecting.
struct ContainerSummary {
    ContainerId id;
    std::string name;
    std::optional<OwnerLabels> owner;
    std::string fingerprint;  ///< changes when state, health or an address does
    ContainerState state = ContainerState::created;
};

struct ObservedContainer {
    ContainerId id;
    std::string name;  ///< without the leading slash
    std::optional<OwnerLabels> owner;
    ImageId image_id;
    ContainerState state = ContainerState::created;
    Health health = Health::none;
    std::string health_output;  ///< last line the health check printed, cut to 200 bytes
    int exit_code = 0;
    bool oom_killed = false;
    std::string error;  ///< why the last start failed
    TimePoint created_at{};
    TimePoint started_at{};
    TimePoint finished_at{};
    std::string hosts_path;  ///< on the engine's host; empty before the first start
    std::vector<Attachment> attachments;
    std::vector<PortSpec> ports;  ///< as published now, with the engine's choices
    std::vector<ObservedMount> mounts;
    /// Containers whose network, pid or ipc namespace, or volumes, it shares.
    std::vector<ContainerId> shares;
    Hooks hooks = {};  ///< as it was made with
};

struct ObservedNetwork {
    NetworkId id;
    std::string name;
    std::optional<OwnerLabels> owner;
    bool swarm = false;  ///< the swarm's, rather than this engine's own: all its hosts share it
};

struct ObservedVolume {
    std::string name;
    std::optional<OwnerLabels> owner;
};

/// All of one host that matters for one app, looked at once.
struct ObservedHost {
    std::vector<ObservedContainer> containers;  ///< this app's
    std::map<std::string, ContainerId> names;   ///< every container name on the host
    std::vector<ObservedNetwork> networks;      ///< every network on the host
    std::vector<ObservedVolume> volumes;        ///< every volume on the host
    std::map<std::string, ImageId> images;      ///< reference → id, of those that are present
    std::map<ContainerId, std::string> hosts_blocks;  ///< nap's block in hosts files, "" for none
    std::set<std::string> folders;  ///< this app's project folders on this host, by digest
};

}  // namespace nap
