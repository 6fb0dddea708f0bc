#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/container_options.hpp"

namespace nap {

/// What this host lets manifests ask for beyond the safe default; each entry opens one thing, as
/// `bind:/srv/tools`. Whoever may write manifests commands the engine, so the host has a last word.
struct HostPolicy {
    std::vector<std::string> allow;
};

/// Why a bind of the host path `source` is refused, and the config line that would allow it;
/// nullopt when it may be mounted. Refused are system paths, the engine's and nap's own, with all
/// below them and all that contains them; an entry `bind:/path` opens that path and all below it.
/// Goes by the text: who mounts must pass a path without symbolic links.
[[nodiscard]] std::optional<std::string> denied_bind(const HostPolicy& policy,
                                                     const std::string& source);

/// Why a container with these settings is refused, everything at once, and the config lines that
/// would allow them; nullopt when it may be created. Refused is what gives a hold on the host: its
/// namespaces, its devices, capabilities beyond the engine's own set, less confinement.
[[nodiscard]] std::optional<std::string> denied_options(const HostPolicy& policy,
                                                        const ContainerOptions& options,
                                                        const Hooks& hooks = {});

/// Whether `entry` of `policy.allow` is one that opens something.
[[nodiscard]] bool is_policy_entry(std::string_view entry);

}  // namespace nap
