#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/container_options.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"

namespace nap {

/// One published port. `published` 0 lets the engine choose.
struct PortSpec {
    std::uint16_t target = 0;
    std::uint16_t published = 0;
    std::string host_ip;
    std::string protocol = "tcp";
    std::string published_range = {};  ///< as `8000-8010`: the engine chooses from it

    friend auto operator<=>(const PortSpec&, const PortSpec&) = default;
    friend bool operator==(const PortSpec&, const PortSpec&) = default;
};

enum class MountKind {
    volume,
    bind,
    anonymous,
    tmpfs,
    project,  ///< files of the app's project directory: a bind with a relative path
};

struct MountOptions {
    bool copy = true;              ///< volumes: what the image has at the target fills an empty one
    bool create_host_path = true;  ///< binds: a folder is made where the host path is missing
    std::string propagation;       ///< binds: `rprivate` (when empty), `rslave`, …
    std::string selinux;           ///< binds: `z`, `Z` or empty
    std::int64_t tmpfs_bytes_max = 0;
    int tmpfs_mode = 0;  ///< 0: the engine's default

    friend bool operator==(const MountOptions&, const MountOptions&) = default;
};

/// Files of the app's project directory as a container finds them: path below the mount's target →
/// content. A single file has the empty path. Copies share the content, which is shown nowhere.
struct BoundFiles {
    std::shared_ptr<const StringMap> by_path;
    int uid = 0;
    int gid = 0;
    int mode = 0;  ///< 0: all may read, and execute what begins with `#!`

    friend bool operator==(const BoundFiles& a, const BoundFiles& b) {
        const bool same =
            a.by_path == b.by_path || (a.by_path && b.by_path && *a.by_path == *b.by_path);
        return same && a.uid == b.uid && a.gid == b.gid && a.mode == b.mode;
    }
};

/// `source` is a key of AppSpec::volumes for `volume`, an absolute host path for `bind`, a path in
/// the project directory for `project`, empty for `anonymous` and `tmpfs`.
struct MountSpec {
    MountKind kind = MountKind::volume;
    std::string source;
    std::string target;
    bool read_only = false;
    MountOptions options = {};
    BoundFiles files = {};  ///< `project` only

    friend bool operator==(const MountSpec&, const MountSpec&) = default;
};

/// `volumes_from: [service:ro]`: what is mounted in a container of `service` is mounted here too.
struct VolumesFrom {
    std::string service;
    bool read_only = false;

    friend bool operator==(const VolumesFrom&, const VolumesFrom&) = default;
};

/// A config or a secret, as the container finds it. Its content is shown nowhere.
struct ContainerFile {
    std::string path;  ///< absolute
    std::string content;
    int uid = 0;
    int gid = 0;
    int mode = 0444;

    friend bool operator==(const ContainerFile&, const ContainerFile&) = default;
};

struct Healthcheck {
    bool disabled = false;
    std::vector<std::string> test;  ///< `CMD`, `CMD-SHELL` or `NONE` first, as the engine wants it
    std::optional<milliseconds> interval;
    std::optional<milliseconds> timeout;
    std::optional<milliseconds> start_period;
    std::optional<int> retries;

    friend bool operator==(const Healthcheck&, const Healthcheck&) = default;
};

enum class RestartPolicy { always, unless_stopped, on_failure, no };

struct Restart {
    RestartPolicy policy = RestartPolicy::always;  ///< also when the manifest does not say
    int attempts_max = 0;                          ///< `on-failure:N`; 0 is no limit

    friend bool operator==(const Restart&, const Restart&) = default;
};

/// `links: [service:alias]`: this service reaches `service` under `alias` too.
struct LinkSpec {
    std::string service;
    std::string alias;

    friend bool operator==(const LinkSpec&, const LinkSpec&) = default;
};

/// What a container asks of a network it joins.
struct EndpointOptions {
    std::string ipv4_address;
    std::string ipv6_address;
    std::vector<std::string> link_local_ips;
    StringMap driver_opts;

    friend bool operator==(const EndpointOptions&, const EndpointOptions&) = default;
};

/// Membership of a service in one of AppSpec::networks.
struct ServiceNetwork {
    std::string network;  ///< a key of AppSpec::networks
    std::vector<std::string> aliases;
    EndpointOptions endpoint = {};

    friend bool operator==(const ServiceNetwork&, const ServiceNetwork&) = default;
};

/// What a dependency must have come to before its dependents start.
enum class DependencyCondition { started, healthy, completed };

/// What the long form of `depends_on` says beyond the name.
struct DependencyTerms {
    DependencyCondition condition = DependencyCondition::started;
    bool restart = false;  ///< the dependent restarts once the dependency was replaced
    bool required = true;  ///< false: a dependency that cannot start holds nothing up

    friend bool operator==(const DependencyTerms&, const DependencyTerms&) = default;
};

/// When an image is pulled: when it is missing, never, or before each container is made.
enum class PullPolicy { missing, never, always };

/// How dependents learn the address of what they link to.
enum class Relink {
    automatic,  ///< hosts file on the engine's default bridge, DNS elsewhere
    dns,
    hosts,
    none,
};

enum class OnRelinkKind { none, restart, signal };

/// What happens to a dependent once its hosts block has changed.
struct OnRelink {
    OnRelinkKind kind = OnRelinkKind::none;
    std::string signal;

    friend bool operator==(const OnRelink&, const OnRelink&) = default;
};

enum class DeployMode {
    replicated,  ///< `replicas` instances, wherever they fit
    global,      ///< one instance on every node the constraints admit
};

/// `node.labels.zone==a`: what a node must be, or must not be, to run a service.
struct Constraint {
    std::string attribute;  ///< `node.hostname`, `node.labels.zone`, `engine.labels.gpu`, …
    bool equal = true;      ///< false: `!=`
    std::string value;

    friend bool operator==(const Constraint&, const Constraint&) = default;
};

struct Placement {
    std::vector<Constraint> constraints;   ///< all must hold
    std::vector<std::string> spread_over;  ///< attributes to even out over, most important first
    int per_node_max = 0;                  ///< 0: no limit

    friend bool operator==(const Placement&, const Placement&) = default;
};

/// What becomes of a service's instances on a host that is cut off from Consul.
enum class PartitionPolicy {
    keep,  ///< they go on running
    stop,  ///< they are stopped before another node may run them
};

/// Whether a service stays on its node when that node is lost or drained.
enum class Sticky {
    automatic,  ///< if it has local named volumes or binds
    always,
    never,
};

/// Which of the nodes that fit a new instance goes to.
enum class Strategy {
    spread,   ///< the one with the fewest instances
    binpack,  ///< the fullest one it still fits on
    random,   ///< any, by a hash of its name
};

struct ServiceSpec {
    std::string image;
    std::optional<std::vector<std::string>> command;     ///< set but empty clears the image's
    std::optional<std::vector<std::string>> entrypoint;  ///< set but empty clears the image's
    StringMap environment;
    std::vector<PortSpec> ports;
    std::vector<std::string> expose;  ///< `80/tcp`
    std::vector<LinkSpec> links;
    std::vector<std::string> depends_on;
    std::map<std::string, DependencyTerms> terms;  ///< of those that have any, by service
    std::vector<MountSpec> mounts;
    std::vector<ServiceNetwork> networks;  ///< empty: the engine's default bridge (version 1)
    std::optional<Healthcheck> healthcheck;
    Restart restart;
    StringMap labels;
    std::string hostname;
    std::string user;
    std::string working_dir;
    std::string container_name;
    std::vector<std::string> extra_hosts;  ///< `name:address`
    std::optional<milliseconds> stop_grace_period;
    std::string stop_signal;
    std::int64_t memory_bytes_max = 0;  ///< 0: no limit
    std::int64_t nano_cpus_max = 0;     ///< 1e9 is one core; 0: no limit
    int replicas = 1;                   ///< of mode `replicated`
    DeployMode mode = DeployMode::replicated;
    Placement placement;
    std::int64_t memory_bytes_reserved = 0;
    std::int64_t nano_cpus_reserved = 0;
    PartitionPolicy partition = PartitionPolicy::keep;
    Sticky sticky = Sticky::automatic;
    Relink relink = Relink::automatic;
    OnRelink on_relink;
    bool restart_unhealthy = true;
    PullPolicy pull = PullPolicy::missing;
    std::vector<ContainerFile> files;
    std::vector<VolumesFrom> volumes_from;
    Hooks hooks;
    ContainerOptions options;

    friend bool operator==(const ServiceSpec&, const ServiceSpec&) = default;
};

/// Addresses that a network gives out.
struct IpamPool {
    std::string subnet;
    std::string ip_range;
    std::string gateway;
    StringMap aux_addresses;

    friend bool operator==(const IpamPool&, const IpamPool&) = default;
};

struct NetworkSpec {
    std::string name;  ///< what the engine calls it
    bool external = false;
    bool internal = false;
    std::string driver;  ///< empty: by the assignment's NetworkScope
    bool attachable = false;
    StringMap labels;
    StringMap driver_opts = {};
    bool enable_ipv6 = false;
    std::string ipam_driver = {};
    StringMap ipam_options = {};
    std::vector<IpamPool> pools = {};

    friend bool operator==(const NetworkSpec&, const NetworkSpec&) = default;
};

struct VolumeSpec {
    std::string name;  ///< what the engine calls it
    bool external = false;
    std::string driver;  ///< empty: the engine's default
    StringMap driver_opts;
    StringMap labels;

    friend bool operator==(const VolumeSpec&, const VolumeSpec&) = default;
};

/// One of the words of a mount's options, as `bind` in `ro,bind`.
[[nodiscard]] bool has_mount_option(std::string_view options,
                                    std::initializer_list<std::string_view> words);
/// The engine's own driver mounts a host path for it.
[[nodiscard]] bool has_bind_option(const VolumeSpec& volume);
/// That path; empty for volumes of other kinds, and for those that nap does not create.
[[nodiscard]] std::string host_path_of(const VolumeSpec& volume);

/// One accepted manifest. References (links, depends_on, networks, volumes) are known to resolve
/// and to be free of cycles.
struct AppSpec {
    AppId app;
    std::map<std::string, ServiceSpec> services;
    std::map<std::string, NetworkSpec> networks;
    std::map<std::string, VolumeSpec> volumes;
    bool colocate = false;  ///< all instances on one node
    Strategy strategy = Strategy::spread;
    std::set<std::string> profiles;  ///< those that are on; `*`: all

    friend bool operator==(const AppSpec&, const AppSpec&) = default;
};

/// The services that run on the host of `service`, since its containers share their namespaces or
/// volumes.
[[nodiscard]] std::vector<std::string> companions_of(const ServiceSpec& service);

/// The services whose network, pid or ipc namespace the containers of `service` share.
[[nodiscard]] std::vector<std::string> namespaces_of(const ServiceSpec& service);

/// On none of the app's networks, nor on the engine's default bridge.
[[nodiscard]] bool has_own_network(const ServiceSpec& service);

/// Links, then depends_on, then those it shares a namespace or volumes with: the services that must
/// run before `service` starts, without repeats.
[[nodiscard]] std::vector<std::string> dependencies_of(const ServiceSpec& service);

}  // namespace nap
