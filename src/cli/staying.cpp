#include "cli/staying.hpp"

#include <algorithm>
#include <tuple>

#include "manifest/parse.hpp"
#include "reconciler/placement.hpp"

namespace nap {

namespace {

/// Empty for a service whose instances go elsewhere. Those of mode `global` end here.
std::string why_it_stays(const AppSpec& app, const ServiceSpec& service) {
    if (service.mode == DeployMode::global || !stays_with_node(app, service)) return "";
    if (service.sticky == Sticky::always) return "stays: its service has `sticky: always`";
    return "stays: its data is on this node (`x-nap: {sticky: never}` lets it go without)";
}

/// What keeps one service keeps all of an app that must not be split.
std::string why_it_stays(const AppSpec& app, const std::string& service) {
    const auto found = app.services.find(service);
    std::string own = found == app.services.end() ? "" : why_it_stays(app, found->second);
    if (!own.empty() || !app.colocate) return own;
    for (const auto& [name, other] : app.services) {
        if (!why_it_stays(app, other).empty()) {
            return "stays: the app is kept together, and its service " + name + " stays";
        }
    }
    return "";
}

}  // namespace

std::vector<StayingInstance> instances_left(const std::vector<Assignment>& assignments) {
    std::vector<StayingInstance> left;
    for (const Assignment& assignment : assignments) {
        if (assignment.remove || assignment.instances.empty()) continue;
        const ParsedManifest parsed = parse_manifest(assignment.app, assignment.manifest);
        for (const InstanceId& instance : assignment.instances) {
            left.push_back({assignment.app, instance,
                            parsed.spec ? why_it_stays(*parsed.spec, instance.service) : ""});
        }
    }
    std::sort(left.begin(), left.end(), [](const auto& a, const auto& b) {
        return std::tie(a.app, a.instance) < std::tie(b.app, b.instance);
    });
    return left;
}

}  // namespace nap
