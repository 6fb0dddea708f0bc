// What the leader keeps of a host's report.

#include <algorithm>

#include "reconciler/cluster_state.hpp"

namespace nap {

namespace {

SeenInstance seen_instance(const InstanceReport& report) {
    return {.instance = report.instance,
            .running = report.state == "running",
            .healthy = report.health == "healthy" || report.health == "none",
            .starting = report.health == "starting",
            .unhealthy = report.health == "unhealthy",
            .addresses = report.addresses};
}

}  // namespace

Seen seen_in(const HostReport& report) {
    Seen seen{.serial = report.serial,
              .settled = report.settled,
              .remove = report.remove,
              .instances = {},
              .surplus = report.surplus,
              .problems = report.problems,
              .refused = report.refused,
              .newer_epoch = report.newer_epoch};
    seen.instances.reserve(report.instances.size());
    for (const InstanceReport& instance : report.instances)
        seen.instances.push_back(seen_instance(instance));
    std::sort(seen.instances.begin(), seen.instances.end(),
              [](const auto& a, const auto& b) { return a.instance < b.instance; });
    return seen;
}

const SeenInstance* Seen::find(const InstanceId& instance) const {
    const auto found =
        std::lower_bound(instances.begin(), instances.end(), instance,
                         [](const SeenInstance& a, const InstanceId& b) { return a.instance < b; });
    return found != instances.end() && found->instance == instance ? &*found : nullptr;
}

bool Seen::answers(const Assignment& orders) const {
    return serial == orders.serial;
}

}  // namespace nap
