#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/cluster.hpp"
#include "model/plan.hpp"

namespace nap {

// What the commands about a cluster show, as people read it and as `-o json`.

struct NodeSummary {
    NodeId node;
    std::string state;  ///< `ready`, `engine-down`, `draining` or `lost`
    bool draining = false;
    bool leader = false;
    int instances = 0;  ///< assigned to it
    std::optional<NodeRecord> record;
};

/// An instance that is on a node, and why it is not moved away from it.
struct StayingInstance {
    AppId app;
    InstanceId instance;
    std::string why;  ///< empty: it is moved

    friend bool operator==(const StayingInstance&, const StayingInstance&) = default;
};

/// What `drain` and `undrain` have made of a node.
struct DrainResult {
    NodeId node;
    bool draining = false;
    std::vector<StayingInstance> left;  ///< instances still on it
};

struct MovedInstance {
    AppId app;
    InstanceId instance;
    NodeId from;
    NodeId to;

    friend bool operator==(const MovedInstance&, const MovedInstance&) = default;
};

/// What a manifest would change in the assignment of one node.
struct NodeChange {
    NodeId node;
    std::vector<InstanceId> comes{};
    std::vector<InstanceId> goes{};
    bool new_manifest = false;  ///< for what stays
};

struct ExplainedInstance {
    InstanceId instance;
    NodeId node;         ///< empty: it has none
    std::string state;   ///< as reported; `lost` with its node
    std::string health;  ///< as reported
    std::string message;
};

/// Whether a node would take one more instance.
struct NodeAnswer {
    NodeId node;
    std::string reason;  ///< why not; empty: it would
};

struct ExplainedService {
    std::string service;
    std::vector<ExplainedInstance> instances;
    std::vector<NodeAnswer> nodes;
};

struct Explanation {
    AppId app;
    std::optional<AppStatus> status;
    std::vector<Hold> holds;
    std::vector<ExplainedService> services;
};

[[nodiscard]] std::string cli_json(const std::vector<NodeSummary>& nodes);
[[nodiscard]] std::string cli_json(const DrainResult& result);
[[nodiscard]] std::string cli_json(const std::vector<MovedInstance>& moves);
[[nodiscard]] std::string cli_json(const std::vector<Hold>& holds);
[[nodiscard]] std::string cli_json(const Explanation& explanation);
/// The plan of this host, and what would change on the others.
[[nodiscard]] std::string cli_json(const Plan& plan, const std::vector<NodeChange>& others);

}  // namespace nap
