#include "reconciler/lease_end.hpp"

#include <algorithm>

namespace nap {

Plan plan_lease_end(const ClusterId& cluster, const AppSpec& app,
                    std::span<const ContainerSummary> containers,
                    const std::set<std::string>& busy) {
    constexpr milliseconds grace_max{1'000};
    Plan plan;
    for (const ContainerSummary& container : containers) {
        const auto& owner = container.owner;
        const bool ours = owner && owner->cluster == cluster && owner->app == app.app;
        if (!ours || !is_up(container.state)) continue;
        const auto service = app.services.find(owner->instance.service);
        const bool stops =
            service != app.services.end() && service->second.partition == PartitionPolicy::stop;
        if (!stops || busy.contains(to_string(owner->instance))) continue;
        const milliseconds grace =
            std::min(service->second.stop_grace_period.value_or(grace_max), grace_max);
        plan.steps.push_back({StopContainer{owner->instance, container.id, grace},
                              {},
                              "cut off from Consul, and `partition: stop`"});
    }
    return plan;
}

}  // namespace nap
