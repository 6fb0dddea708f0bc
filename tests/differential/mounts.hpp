#pragma once

#include "support/docker.hpp"

namespace nap::test {

/// What a create request asked to be mounted, by path in the container. There are four ways to say
/// it (`Config.Volumes`, and of `HostConfig` `Binds`, `Mounts` and `Tmpfs`), which are brought to
/// one form and taken out of both; `Tmpfs` is left, as nothing else says the same.
json take_wanted_mounts(json& config, json& host);

/// What is mounted, by path in the container, without what the engine names by chance and without
/// the way it was asked for.
json mounts_in_place(const json& container);

}  // namespace nap::test
