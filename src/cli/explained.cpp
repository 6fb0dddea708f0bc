#include "cli/explained.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace nap {

namespace {

/// Those the manifest asks for, and those that are somewhere though it does not.
std::set<InstanceId> instances_of(const std::string& name, const ServiceSpec& service,
                                  const Placed& placed) {
    std::set<InstanceId> instances;
    const int wanted = service.mode == DeployMode::global ? 0 : service.replicas;
    for (int slot = 1; slot <= wanted; ++slot)
        instances.insert({name, slot});
    for (const auto& [instance, node] : placed) {
        if (instance.service == name) instances.insert(instance);
    }
    return instances;
}

const InstanceReport* find_report(const std::vector<HostReport>& reports, const NodeId& node,
                                  const InstanceId& instance) {
    for (const HostReport& report : reports) {
        if (report.node != node) continue;
        for (const InstanceReport& known : report.instances) {
            if (known.instance == instance) return &known;
        }
    }
    return nullptr;
}

ExplainedInstance explain_instance(const InstanceId& instance, const Placed& placed,
                                   const ExplainInput& input) {
    ExplainedInstance shown{
        .instance = instance, .node = {}, .state = "no node", .health = {}, .message = {}};
    const auto place = placed.find(instance);
    if (place == placed.end()) return shown;
    shown.node = place->second;
    if (!input.view.records.contains(shown.node)) {
        shown.state = "lost";
        shown.message = "its node is lost";
        return shown;
    }
    const InstanceReport* report = find_report(input.reports, shown.node, instance);
    shown.state = report == nullptr ? "assigned" : report->state;
    if (report == nullptr) {
        shown.message = "its node has not reported it yet";
        return shown;
    }
    shown.health = report->health;
    shown.message = report->message;
    return shown;
}

}  // namespace

std::vector<ExplainedService> explain_services(const ExplainInput& input,
                                               const Scheduled& scheduled) {
    const auto found = scheduled.placed.find(input.spec.app);
    const Placed placed = found == scheduled.placed.end() ? Placed{} : found->second;
    const std::map<NodeId, std::string> barred;
    const PlacementInput placement{
        .app = input.spec, .kept = placed, .together = input.spec.colocate, .barred = barred};
    std::vector<ExplainedService> services;
    for (const auto& [name, service] : input.spec.services) {
        if (!input.service.empty() && name != input.service) continue;
        ExplainedService shown{.service = name, .instances = {}, .nodes = {}};
        for (const InstanceId& instance : instances_of(name, service, placed))
            shown.instances.push_back(explain_instance(instance, placed, input));
        for (const NodeRefusal& answer : explain_placement(placement, name, scheduled.nodes))
            shown.nodes.push_back({answer.node, answer.reason});
        services.push_back(std::move(shown));
    }
    return services;
}

}  // namespace nap
