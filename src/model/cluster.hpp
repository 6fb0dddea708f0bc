#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "model/manifest_error.hpp"
#include "model/observed.hpp"

namespace nap {

/// The version of everything below; readers ignore fields they do not know.
inline constexpr int schema_version = 1;

/// `nap/meta`
struct ClusterMeta {
    ClusterId cluster;
    int schema = schema_version;
};

/// `nap/leader`
struct LeaderRecord {
    NodeId node;
    std::uint64_t epoch = 0;
    std::string since;  ///< RFC 3339
};

/// A manifest as it stood in KV: the name it is reported under, and its text.
struct ManifestText {
    std::string file;
    std::string text;
    /// The other files of the app's project directory (env files, configs, overrides, …), by their
    /// path relative to `file`'s folder; empty for an app that is one key.
    std::map<std::string, std::string> files = {};

    friend bool operator==(const ManifestText&, const ManifestText&) = default;
};

/// What an app's networks without a driver of their own are made as.
enum class NetworkScope {
    local,    ///< bridges that end at their host
    overlay,  ///< attachable overlay networks of the engines' swarm
    routed,   ///< bridges whose addresses the other hosts reach by routes
};

[[nodiscard]] const char* to_string(NetworkScope scope);

/// How far an instance is that others wait for before their first start.
enum class PeerProgress { unknown, pending, healthy, completed };

/// An instance on another node that instances here may want to reach, or wait for.
struct Peer {
    InstanceId instance;
    std::string name;     ///< of its container
    StringMap addresses;  ///< network → address, as its node reported; of scope `routed` only
    PeerProgress progress = PeerProgress::unknown;  ///< of those that instances here wait for

    friend bool operator==(const Peer&, const Peer&) = default;
};

/// `nap/assigned/<node>/<app>`: what one node shall run of one app. It carries the manifest, so a
/// node needs nothing else to act, and removal is said outright: a missing key removes nothing.
struct Assignment {
    ClusterId cluster;
    std::uint64_t epoch = 0;
    /// Counts up with every change. A report says which one it answers: the same orders may come
    /// back, and what a host said to the former does not hold for the latter.
    std::uint64_t serial = 0;
    AppId app;
    RevisionId revision;
    ManifestText manifest;
    std::uint64_t manifest_index = 0;  ///< ModifyIndex of the manifest this came from
    std::vector<InstanceId> instances;
    /// Of `instances`, those that go once they run elsewhere; for the leader alone.
    std::vector<InstanceId> leaving;
    /// Services of which the node may run instances that are not bound to its lease, until it
    /// answers: former orders did not say `partition: stop` of them. For the leader alone.
    std::vector<std::string> unleased;
    bool remove = false;     ///< nothing of the app shall be left here
    bool elsewhere = false;  ///< the app lives on other nodes: shared networks stay
    bool approved = false;   ///< a person has vouched for an older manifest
    NetworkScope scope = NetworkScope::local;
    /// Scope `routed`: what the hosts file has to lead to. All: what instances here wait for.
    std::vector<Peer> peers;

    [[nodiscard]] bool leaves(const InstanceId& instance) const;

    /// The app is not on its way out, here or elsewhere.
    [[nodiscard]] bool lives() const { return !remove || elsewhere; }

    friend bool operator==(const Assignment&, const Assignment&) = default;
};

/// `nap/nodes/<node>`: bound to a session of its agent, so that it vanishes with the node.
struct NodeRecord {
    NodeId node;
    std::string id;  ///< the engine's own
    std::string address;
    std::string engine_version;
    std::string os;               ///< `linux`
    std::string architecture;     ///< `amd64`, as in image platforms
    std::string state = "ready";  ///< or `engine-down`
    bool leads = true;            ///< may become leader: `node.role==manager`
    StringMap labels;
    StringMap engine_labels;
    std::int64_t nano_cpus = 0;     ///< 0: not known
    std::int64_t memory_bytes = 0;  ///< 0: not known
    std::string swarm;              ///< id of the swarm its engine is in, or empty
    bool swarm_manager = false;
    /// Cut off from Consul it stops services of `partition: stop` within this time.
    milliseconds lease{15'000};
    bool routed = false;  ///< its bridges' addresses are reachable from the other nodes

    friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

/// `nap/control/<node>`: what operators want of a node.
struct NodeControl {
    bool draining = false;

    friend bool operator==(const NodeControl&, const NodeControl&) = default;
};

/// Something the leader does not do until a person says so.
struct Hold {
    std::string id;    ///< of this very matter; another cause has another id
    std::string what;  ///< `removal of 7 apps`
    std::string why;
    std::vector<AppId> apps;  ///< those it is about

    friend bool operator==(const Hold&, const Hold&) = default;
};

/// One instance in `nap/observed/<node>/<app>`.
struct InstanceReport {
    InstanceId instance;
    ContainerId container;
    std::string state;   ///< an engine state, or `absent`
    std::string health;  ///< `none`, `starting`, `healthy`, `unhealthy`
    int exit_code = 0;
    bool oom_killed = false;
    int restarts = 0;
    StringMap addresses;  ///< network → address
    std::vector<PortSpec> ports;
    ImageId image_id;
    std::string since;    ///< RFC 3339: when the state was entered
    std::string message;  ///< what keeps it from running, or empty

    friend bool operator==(const InstanceReport&, const InstanceReport&) = default;
};

/// `nap/observed/<node>/<app>`: what a node has of an app. `settled` says its last plan was empty
/// with nothing blocked.
struct HostReport {
    NodeId node;
    AppId app;
    RevisionId revision;
    std::uint64_t manifest_index = 0;
    std::uint64_t serial = 0;  ///< of the assignment it answers
    bool settled = false;
    bool remove = false;  ///< answers an order to remove the app
    std::vector<InstanceReport> instances;
    std::vector<std::string> problems;
    /// Here although the order has no such instance: they run, or what was begun with them has not
    /// ended yet.
    std::vector<InstanceId> surplus;
    std::string refused;  ///< why the newest order is not followed, or empty
    /// The epoch of the order in force, when the newest one is refused for being of an older
    /// leadership; else 0.
    std::uint64_t newer_epoch = 0;

    friend bool operator==(const HostReport&, const HostReport&) = default;
};

enum class Phase { converged, converging, degraded, invalid, held };

[[nodiscard]] const char* to_string(Phase phase);

struct ServiceCounts {
    int desired = 0;
    int running = 0;
    int healthy = 0;

    friend bool operator==(const ServiceCounts&, const ServiceCounts&) = default;
};

/// `nap/status/<app>`
struct AppStatus {
    AppId app;
    Phase phase = Phase::converging;
    RevisionId revision;
    std::uint64_t modify_index = 0;
    std::map<std::string, ServiceCounts> services;
    std::vector<ManifestError> errors;
    std::string message;
    std::string updated;  ///< RFC 3339; not part of comparisons

    [[nodiscard]] bool same_apart_from_time(const AppStatus& other) const;
};

}  // namespace nap
