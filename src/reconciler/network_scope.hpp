#pragma once

#include "model/app_spec.hpp"
#include "model/cluster.hpp"

namespace nap {

/// Whether the swarm carries this network to all its hosts. Of an external network only the engine
/// can tell; `false`.
[[nodiscard]] bool is_overlay(const NetworkSpec& network, NetworkScope scope);

/// `network` as it is created in an app of this scope: a driver where the manifest leaves it to
/// nap, and every overlay network open to containers that are not the swarm's own services. What a
/// network is recreated for, its config hash, stays that of the manifest, whatever the scope.
[[nodiscard]] NetworkSpec resolve_scope(NetworkSpec network, NetworkScope scope);

}  // namespace nap
