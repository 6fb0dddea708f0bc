#include "reconciler/host_report.hpp"

#include <algorithm>
#include <cstdlib>

#include "model/rfc3339.hpp"

namespace nap {

namespace {

const ObservedContainer* container_of(const HostInput& input, const InstanceId& instance) {
    const ObservedContainer* best = nullptr;
    for (const ObservedContainer& container : input.observed.containers) {
        const auto& owner = container.owner;
        const bool its = owner && owner->cluster == input.cluster && owner->app == input.app.app &&
                         owner->instance == instance;
        if (!its) continue;
        const bool runs = container.state == ContainerState::running;
        const bool best_runs = best != nullptr && best->state == ContainerState::running;
        const bool newer = best == nullptr || container.created_at > best->created_at;
        if ((runs && !best_runs) || (runs == best_runs && newer)) best = &container;
    }
    return best;
}

std::string since_text(const ObservedContainer& container) {
    switch (container.state) {
        case ContainerState::exited:
        case ContainerState::dead:
            return format_rfc3339(container.finished_at);
        case ContainerState::created:
            return format_rfc3339(container.created_at);
        default:
            return format_rfc3339(container.started_at);
    }
}

std::string crash_loop_text(const HostInput& input, const InstanceId& instance) {
    const auto attempt = input.attempts.find(to_string(instance));
    if (attempt == input.attempts.end()) return {};
    if (attempt->second.failures < crash_loop_failures) return {};
    if (!attempt->second.last_error.empty()) return attempt->second.last_error;
    return "crash loop: ended " + std::to_string(attempt->second.failures) + " times in a row";
}

InstanceReport instance_report(const HostInput& input, const InstanceId& instance) {
    InstanceReport report;
    report.instance = instance;
    report.state = "absent";
    report.health = to_string(Health::none);
    const auto attempt = input.attempts.find(to_string(instance));
    if (attempt != input.attempts.end()) report.restarts = attempt->second.deaths;
    report.message = crash_loop_text(input, instance);
    const ObservedContainer* container = container_of(input, instance);
    if (container == nullptr) return report;
    report.container = container->id;
    report.state = to_string(container->state);
    report.health = to_string(container->health);
    report.exit_code = container->exit_code;
    report.oom_killed = container->oom_killed;
    report.image_id = container->image_id;
    report.since = since_text(*container);
    report.ports = container->ports;
    for (const Attachment& attachment : container->attachments) {
        report.addresses[attachment.network] = attachment.address;
    }
    return report;
}

/// The instance that an object under way is, if it is one: `web/1`.
std::optional<InstanceId> instance_of(const std::string& object) {
    const std::size_t slash = object.rfind('/');
    if (slash == std::string::npos || object.find(' ') != std::string::npos) return std::nullopt;
    return InstanceId{.service = object.substr(0, slash),
                      .slot = std::atoi(object.c_str() + slash + 1)};
}

/// Instances that run here without being asked for, or may do so in a moment.
std::vector<InstanceId> surplus_of(const HostInput& input) {
    std::vector<InstanceId> surplus;
    const auto is_asked = [&](const InstanceId& instance) {
        return std::find(input.instances.begin(), input.instances.end(), instance) !=
               input.instances.end();
    };
    for (const std::string& object : input.busy) {
        const auto instance = instance_of(object);
        if (instance && !is_asked(*instance)) surplus.push_back(*instance);
    }
    for (const ObservedContainer& container : input.observed.containers) {
        const auto& owner = container.owner;
        const bool ours = owner && owner->cluster == input.cluster && owner->app == input.app.app;
        const bool ended = container.state == ContainerState::exited ||
                           container.state == ContainerState::created ||
                           container.state == ContainerState::dead;
        if (!ours || ended) continue;
        if (!is_asked(owner->instance)) surplus.push_back(owner->instance);
    }
    std::sort(surplus.begin(), surplus.end());
    surplus.erase(std::unique(surplus.begin(), surplus.end()), surplus.end());
    return surplus;
}

}  // namespace

HostReport host_report(const NodeId& node, std::uint64_t manifest_index, const HostInput& input,
                       const Plan& plan) {
    HostReport report;
    report.node = node;
    report.app = input.app.app;
    report.revision = input.revision;
    report.manifest_index = manifest_index;
    report.remove = input.remove;
    report.surplus = surplus_of(input);
    report.settled = plan.steps.empty() && plan.blocked.empty() && input.busy.empty();
    for (const InstanceId& instance : input.instances) {
        report.instances.push_back(instance_report(input, instance));
        const InstanceReport& added = report.instances.back();
        if (!added.message.empty()) {
            report.problems.push_back(to_string(instance) + ": " + added.message);
        }
    }
    std::sort(report.instances.begin(), report.instances.end(),
              [](const auto& a, const auto& b) { return a.instance < b.instance; });
    for (const Blocked& blocked : plan.blocked) {
        const std::string text = blocked.object + ": " + blocked.reason;
        const bool said = std::any_of(
            report.problems.begin(), report.problems.end(),
            [&](const std::string& p) { return p.rfind(blocked.object + ": ", 0) == 0; });
        if (blocked.fault && !said) report.problems.push_back(text);
    }
    std::sort(report.problems.begin(), report.problems.end());
    return report;
}

}  // namespace nap
