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

    friend bool operator==(const ManifestText&, const ManifestText&) = default;
};

/// `nap/assigned/<node>/<app>`: what one node shall run of one app. It carries the manifest, so a
/// node needs nothing else to act, and removal is said outright: a missing key removes nothing.
struct Assignment {
    ClusterId cluster;
    std::uint64_t epoch = 0;
    AppId app;
    RevisionId revision;
    ManifestText manifest;
    std::uint64_t manifest_index = 0;  ///< ModifyIndex of the manifest this came from
    std::vector<InstanceId> instances;
    bool remove = false;

    friend bool operator==(const Assignment&, const Assignment&) = default;
};

/// `nap/nodes/<node>`
struct NodeRecord {
    NodeId node;
    std::string address;
    std::string engine_version;
    std::string state = "ready";
    StringMap labels;
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
    bool settled = false;
    bool remove = false;  ///< answers an order to remove the app
    std::vector<InstanceReport> instances;
    std::vector<std::string> problems;

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
