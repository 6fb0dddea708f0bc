// What the leader keeps of a host's report.

#include <algorithm>
#include <string_view>

#include "reconciler/cluster_state.hpp"

namespace nap {

namespace {

std::string lines_of(const StringMap& addresses) {
    std::string lines;
    for (const auto& [network, address] : addresses)
        lines += (lines.empty() ? "" : "\n") + network + " " + address;
    lines.shrink_to_fit();
    return lines;
}

SeenInstance seen_instance(const InstanceReport& report) {
    return {.instance = report.instance,
            .running = report.state == "running",
            .healthy = report.health == "healthy" || report.health == "none",
            .starting = report.health == "starting",
            .unhealthy = report.health == "unhealthy",
            .passed = report.health == "healthy",
            .completed = report.state == "exited" && report.exit_code == 0,
            .addresses = lines_of(report.addresses)};
}

}  // namespace

Seen seen_in(const HostReport& report) {
    Seen seen{.serial = report.serial,
              .settled = report.settled,
              .remove = report.remove,
              .instances = {},
              .any_trouble = {}};
    SeenTrouble trouble{.surplus = report.surplus,
                        .problems = report.problems,
                        .refused = report.refused,
                        .newer_epoch = report.newer_epoch};
    if (trouble != SeenTrouble{}) {
        seen.any_trouble = std::make_shared<const SeenTrouble>(std::move(trouble));
    }
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

const SeenTrouble& Seen::trouble() const {
    static const SeenTrouble none;
    return any_trouble ? *any_trouble : none;
}

bool Seen::plain() const {
    return trouble().refused.empty() && trouble().surplus.empty();
}

StringMap addresses_of(const SeenInstance& instance) {
    StringMap addresses;
    std::string_view rest = instance.addresses;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        const std::size_t blank = line.find(' ');
        addresses.emplace(line.substr(0, blank), line.substr(blank + 1));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return addresses;
}

}  // namespace nap
