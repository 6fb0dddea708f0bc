#include <fmt/format.h>
#include <algorithm>

#include "reconciler/plan_draft.hpp"

namespace nap {

namespace {

bool relinks_by_hosts(const ServiceSpec& service) {
    if (service.links.empty()) return false;
    if (service.relink == Relink::automatic) return service.networks.empty();
    return service.relink == Relink::hosts;
}

const ObservedContainer* running_container(const PlanDraft& draft, const InstanceId& instance) {
    for (const ObservedContainer* container : draft.containers_of(instance)) {
        const bool leaves = draft.removals.contains(container->id);
        if (container->state == ContainerState::running && !leaves) return container;
    }
    return nullptr;
}

/// The address of `target` that `source` can reach: on the first network they share.
std::string shared_address(const ObservedContainer& source, const ObservedContainer& target) {
    for (const Attachment& from : source.attachments) {
        for (const Attachment& to : target.attachments) {
            if (from.network == to.network && !to.address.empty()) return to.address;
        }
    }
    return {};
}

struct HostsLines {
    std::string text;
    TimePoint newest_start{};  ///< of all that the lines lead to
};

/// The lines `container` needs; nullopt while an instance it links to is between two states, since
/// its address is about to be known.
std::optional<HostsLines> hosts_lines(const PlanDraft& draft, const ObservedContainer& container,
                                      const ServiceSpec& service) {
    HostsLines result;
    std::vector<std::string> lines;
    for (const LinkSpec& link : service.links) {
        for (const InstanceId& target : draft.in.instances) {
            if (target.service != link.service) continue;
            const auto readiness = draft.running.find(target);
            if (readiness != draft.running.end() && readiness->second.step) return std::nullopt;
            const std::string object = to_string(target);
            if (draft.in.busy.contains(object) || draft.is_waiting(object)) return std::nullopt;
            const ObservedContainer* other = running_container(draft, target);
            if (other == nullptr) continue;
            const std::string address = shared_address(container, *other);
            if (address.empty()) continue;
            std::string names = link.service;
            if (link.alias != link.service) names = link.alias + " " + names;
            lines.push_back(fmt::format("{}\t{} {}\n", address, names, other->name));
            result.newest_start = std::max(result.newest_start, other->started_at);
        }
    }
    std::sort(lines.begin(), lines.end());
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    for (const std::string& line : lines)
        result.text += line;
    return result;
}

void follow_up(PlanDraft& draft, const ObservedContainer& container, const OnRelink& on_relink,
               std::size_t written) {
    const InstanceId& instance = container.owner->instance;
    const char* cause = "on_relink: an address it depends on changed";
    if (on_relink.kind == OnRelinkKind::restart) {
        draft.add(RestartContainer{instance, container.id, std::nullopt}, {written}, cause);
    } else if (on_relink.kind == OnRelinkKind::signal) {
        draft.add(SignalContainer{instance, container.id, on_relink.signal}, {written}, cause);
    }
}

void plan_link(PlanDraft& draft, const InstanceId& instance, const ServiceSpec& service) {
    const auto readiness = draft.running.find(instance);
    const bool settled =
        readiness != draft.running.end() && readiness->second.ok && !readiness->second.step;
    const ObservedContainer* container = running_container(draft, instance);
    const std::string object = to_string(instance);
    if (!settled || container == nullptr || draft.in.busy.contains(object)) return;
    const auto present = draft.in.observed.hosts_blocks.find(container->id);
    if (present == draft.in.observed.hosts_blocks.end()) {
        draft.block(object,
                    "its hosts file cannot be read, so links cannot be kept; run nap on the "
                    "engine's own host, or use a network with DNS");
        return;
    }
    const auto wanted = hosts_lines(draft, *container, service);
    if (!wanted || wanted->text == present->second || draft.held_back(object)) return;
    // Its block may be empty because all it links to was down for a while: no fresh start either.
    const bool had_links = !present->second.empty() || wanted->newest_start > container->started_at;
    const std::size_t written =
        draft.add(WriteHosts{instance, container->id, container->hosts_path, wanted->text}, {},
                  had_links ? "an address it links to changed" : "its links are not in place");
    if (had_links && !wanted->text.empty())
        follow_up(draft, *container, service.on_relink, written);
}

}  // namespace

void plan_links(PlanDraft& draft) {
    for (const InstanceId& instance : draft.in.instances) {
        const ServiceSpec& service = draft.in.app.services.at(instance.service);
        if (relinks_by_hosts(service)) plan_link(draft, instance, service);
    }
}

}  // namespace nap
