#pragma once

#include <string>
#include <vector>

#include "model/app_spec.hpp"

namespace nap {

/// A mount with the engine's own names in it.
struct ContainerMount {
    MountKind kind = MountKind::volume;
    /// Engine volume name, host path, or empty (anonymous). Of `project` the digest of its files;
    /// once a container is created the host path of their folder.
    std::string source;
    std::string target;
    bool read_only = false;
    MountOptions options = {};
    BoundFiles files = {};  ///< `project` only
};

/// A network by the engine's name, and what this container is called on it.
struct ContainerNetwork {
    std::string network;
    std::vector<std::string> aliases;
    std::vector<std::string> links;  ///< `target:alias`, resolved by the engine's DNS
    EndpointOptions endpoint = {};
};

/// All that decides how a container is created, with every name resolved. Engine requests are built
/// from these fields and no others, so a manifest cannot smuggle anything past them.
struct ContainerConfig {
    std::string image;
    std::optional<std::vector<std::string>> command;
    std::optional<std::vector<std::string>> entrypoint;
    StringMap environment;
    std::vector<PortSpec> ports;
    std::vector<std::string> expose;
    std::vector<ContainerMount> mounts;
    std::vector<ContainerNetwork> networks;  ///< empty: the engine's default bridge
    std::optional<Healthcheck> healthcheck;
    StringMap labels;
    std::string hostname;
    std::string user;
    std::string working_dir;
    std::vector<std::string> extra_hosts;
    std::optional<milliseconds> stop_grace_period;
    std::string stop_signal;
    std::int64_t memory_bytes_max = 0;
    std::int64_t nano_cpus_max = 0;
    std::vector<ContainerFile> files = {};  ///< put into it before its first start
    /// `service:ro`; once a container is created, ids in the place of services.
    std::vector<std::string> volumes_from = {};
    Hooks hooks = {};
    ContainerOptions options = {};
};

}  // namespace nap
