#pragma once

#include <map>

#include "model/plan.hpp"
#include "model/policy.hpp"
#include "ports/engine.hpp"

namespace nap {

/// Containers that the steps of one plan have created.
using CreatedContainers = std::map<InstanceId, ContainerId>;

/// Whose objects may be touched.
struct Owner {
    ClusterId cluster;
    AppId app;
};

/// What one action needs besides itself. All of it outlives the call.
struct ActionContext {
    Engine& engine;
    const Owner& owner;
    const HostPolicy& policy;
    CreatedContainers& created;
};

/// Carries out one action by one call to the engine; "already so" is success. Before anything
/// destructive the object is looked at once more, by id, and left alone unless its labels still say
/// that `owner` owns it.
asio::awaitable<Result<void>> perform(ActionContext context, const Action& action);

}  // namespace nap
