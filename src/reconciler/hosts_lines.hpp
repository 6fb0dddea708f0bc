#pragma once

#include <optional>
#include <string>

#include "reconciler/plan_draft.hpp"

namespace nap {

/// What nap's block in a container's hosts file shall say.
struct HostsLines {
    std::string text;
    TimePoint newest_start{};  ///< of all containers here that it links to
};

/// Whether the hosts file is how this service reaches what it links to.
[[nodiscard]] bool links_by_hosts(const ServiceSpec& service);

/// The lines `container` of `service` needs: for what it links to where there is no DNS, and on
/// routed networks for every service it may reach that has instances on other hosts, since the
/// engine's DNS knows this host alone. The hosts file is asked before DNS, so the lines for such a
/// service name its instances here too. nullopt while one of those is between two states, since its
/// address is about to be known.
[[nodiscard]] std::optional<HostsLines> hosts_lines(const PlanDraft& draft,
                                                    const ObservedContainer& container,
                                                    const ServiceSpec& service);

/// Whether the two texts differ in a line for something `service` links to.
[[nodiscard]] bool links_differ(const ServiceSpec& service, const std::string& before,
                                const std::string& after);

/// The container of `instance` that runs and stays, or null.
[[nodiscard]] const ObservedContainer* running_container(const PlanDraft& draft,
                                                         const InstanceId& instance);

}  // namespace nap
