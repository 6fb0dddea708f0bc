#include "cli/staying.hpp"

#include <algorithm>
#include <tuple>

#include "manifest/parse.hpp"
#include "reconciler/placement.hpp"

namespace nap {

namespace {

/// Empty for an instance that goes elsewhere. Those of mode `global` end here.
std::string why_it_stays(const AppSpec& app, const InstanceId& instance) {
    const auto found = app.services.find(instance.service);
    if (found == app.services.end()) return "";
    const ServiceSpec& service = found->second;
    if (service.mode == DeployMode::global || !stays_with_node(app, service)) return "";
    if (service.sticky == Sticky::always) return "stays: its service has `sticky: always`";
    return "stays: its data is on this node (`x-nap: {sticky: never}` lets it go without)";
}

}  // namespace

std::vector<StayingInstance> instances_left(const std::vector<Assignment>& assignments) {
    std::vector<StayingInstance> left;
    for (const Assignment& assignment : assignments) {
        if (assignment.remove || assignment.instances.empty()) continue;
        const ParsedManifest parsed = parse_manifest(assignment.app, assignment.manifest);
        for (const InstanceId& instance : assignment.instances) {
            left.push_back({assignment.app, instance,
                            parsed.spec ? why_it_stays(*parsed.spec, instance) : ""});
        }
    }
    std::sort(left.begin(), left.end(), [](const auto& a, const auto& b) {
        return std::tie(a.app, a.instance) < std::tie(b.app, b.instance);
    });
    return left;
}

}  // namespace nap
