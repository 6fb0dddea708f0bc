#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/app_spec.hpp"
#include "model/attempts.hpp"
#include "model/observed.hpp"
#include "model/plan.hpp"
#include "model/policy.hpp"

namespace nap {

/// All the host planner looks at. References must outlive the call and nothing else.
struct HostInput {
    ClusterId cluster;
    RevisionId revision;
    const AppSpec& app;
    const std::vector<InstanceId>& instances;  ///< what this host shall run; empty: nothing of it
    bool remove = false;                       ///< the app goes: its networks too
    const ObservedHost& observed;
    const Attempts& attempts;
    const std::set<std::string>& busy;  ///< objects being worked on: left alone
    const HostPolicy& policy;
    BackoffPolicy backoff;
    TimePoint now{};
};

/// What brings this host to what it shall run of one app. Pure: the same input, in any order,
/// gives the same plan; once the world agrees the plan is empty.
[[nodiscard]] Plan plan_host(const HostInput& input);

}  // namespace nap
