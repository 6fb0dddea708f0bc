#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "model/app_spec.hpp"
#include "model/attempts.hpp"
#include "model/cluster.hpp"
#include "model/observed.hpp"
#include "model/plan.hpp"
#include "model/policy.hpp"

namespace nap {

/// All the host planner looks at. References must outlive the call and nothing else.
struct HostInput {
    ClusterId cluster;
    RevisionId revision;
    const AppSpec& app;
    std::span<const InstanceId> instances;  ///< what this host shall run; empty: nothing of it
    bool remove = false;                    ///< the app goes: its networks too
    const ObservedHost& observed;
    const Attempts& attempts;
    const std::set<std::string>& busy;  ///< objects being worked on: left alone
    const HostPolicy& policy;
    BackoffPolicy backoff;
    TimePoint now{};
    NetworkScope scope = NetworkScope::local;  ///< of networks without a driver of their own
    std::span<const Peer> peers{};             ///< instances on other nodes, scope `routed` only
    /// Where the app's project files go on this host; empty: its engine is on another machine.
    std::string folders_path{};
    bool elsewhere = false;      ///< the app lives on other nodes: overlay networks stay
    bool swarm_manager = false;  ///< this engine can make and remove overlay networks
    bool leased = true;          ///< services of `partition: stop` may run
    bool runs_known = true;      ///< `attempts` are those of this host, rather than none
    bool frozen = false;         ///< nothing is stopped or removed (invariant S4)
};

/// What brings this host to what it shall run of one app. Pure: the same input, in any order,
/// gives the same plan; once the world agrees the plan is empty.
[[nodiscard]] Plan plan_host(const HostInput& input);

}  // namespace nap
