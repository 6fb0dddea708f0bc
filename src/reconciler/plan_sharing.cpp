#include <algorithm>

#include "reconciler/hosts_lines.hpp"
#include "reconciler/plan_draft.hpp"

namespace nap {

namespace {

constexpr std::string_view of_service = "service:";

/// The instance on this host that stands for `service`: that of the lowest slot.
std::optional<InstanceId> first_here(const PlanDraft& draft, const std::string& service) {
    std::optional<InstanceId> first;
    for (const InstanceId& instance : draft.in.instances) {
        if (instance.service == service && (!first || instance < *first)) first = instance;
    }
    return first;
}

bool is_settled(const PlanDraft& draft, const InstanceId& instance) {
    const auto readiness = draft.running.find(instance);
    return readiness != draft.running.end() && readiness->second.ok && !readiness->second.step &&
           !draft.replaced.contains(instance) && !draft.in.busy.contains(to_string(instance));
}

const ServiceSpec& service_of(const PlanDraft& draft, const ObservedContainer& container) {
    return draft.in.app.services.at(container.owner->instance.service);
}

bool has_ended_well(const PlanDraft& draft, const InstanceId& instance) {
    const auto& all = draft.containers_of(instance);
    return std::any_of(all.begin(), all.end(), [](const ObservedContainer* container) {
        return container->state == ContainerState::exited && container->exit_code == 0;
    });
}

/// The container of `service` on this host; nullptr, and said so, while there is none to share
/// with.
const ObservedContainer* shared_container(PlanDraft& draft, const InstanceId& instance,
                                          const std::string& service, const char* what,
                                          bool may_have_ended = false) {
    const auto other = first_here(draft, service);
    if (!other) {
        draft.block(to_string(instance),
                    std::string("shares ") + what + " with " + service +
                        ", which does not run on this host; keep the app on one host by a "
                        "top-level `x-nap: {colocate: true}`");
        return nullptr;
    }
    const ObservedContainer* container = running_container(draft, *other);
    const auto& all = draft.containers_of(*other);
    // One that has ended for good has its volumes still.
    if (container == nullptr && may_have_ended && !all.empty()) container = all.front();
    if (container != nullptr && is_settled(draft, *other)) return container;
    draft.wait(to_string(instance), "waits for " + to_string(*other) + " to run");
    return nullptr;
}

/// The engine's name for the namespace of `service`'s container, where `mode` names one.
bool resolve(PlanDraft& draft, const InstanceId& instance, std::string& mode) {
    if (!mode.starts_with(of_service)) return true;
    const ObservedContainer* container =
        shared_container(draft, instance, mode.substr(of_service.size()), "a namespace");
    if (container != nullptr) mode = "container:" + container->id.str();
    return container != nullptr;
}

/// The same for the services of `volumes_from`.
bool resolve_volumes(PlanDraft& draft, const InstanceId& instance, ContainerConfig& config) {
    const auto& services = draft.in.app.services.at(instance.service).volumes_from;
    std::vector<std::string> sources;
    for (const VolumesFrom& from : services) {
        const ObservedContainer* container =
            shared_container(draft, instance, from.service, "volumes", true);
        if (container == nullptr) return false;
        sources.push_back(container->id.str() + (from.read_only ? ":ro" : ""));
    }
    config.volumes_from = std::move(sources);
    return true;
}

}  // namespace

bool resolve_namespaces(PlanDraft& draft, const InstanceId& instance, ContainerConfig& config) {
    ContainerOptions& options = config.options;
    return resolve(draft, instance, options.network_mode) &&
           resolve(draft, instance, options.pid_mode) &&
           resolve(draft, instance, options.ipc_mode) && resolve_volumes(draft, instance, config);
}

Sharing sharing_of(const PlanDraft& draft, const ObservedContainer& container) {
    if (container.shares.empty()) return Sharing::current;
    for (const std::string& service : companions_of(service_of(draft, container))) {
        const auto other = first_here(draft, service);
        if (!other) continue;
        if (draft.replaced.contains(*other)) return Sharing::unsettled;
        const auto& all = draft.containers_of(*other);
        const bool there =
            std::any_of(all.begin(), all.end(), [&](const ObservedContainer* candidate) {
                const auto& shared = container.shares;
                return std::find(shared.begin(), shared.end(), candidate->id) != shared.end();
            });
        if (!there) return all.empty() ? Sharing::unsettled : Sharing::outdated;
    }
    return Sharing::current;
}

std::string sharing_cause(const PlanDraft& draft, const ObservedContainer& container) {
    return namespaces_of(service_of(draft, container)).empty()
               ? "the container whose volumes it mounts was replaced"
               : "the container whose namespace it shares was replaced";
}

std::set<std::string> volumes_shared(const PlanDraft& draft, const std::string& service) {
    std::set<std::string> names;
    for (const VolumesFrom& from : draft.in.app.services.at(service).volumes_from) {
        const auto other = first_here(draft, from.service);
        if (!other) continue;
        for (const ObservedContainer* container : draft.containers_of(*other)) {
            for (const ObservedMount& mount : container->mounts)
                names.insert(mount.volume);
        }
    }
    return names;
}

std::string restart_cause(const PlanDraft& draft, const ObservedContainer& container) {
    const ServiceSpec& service = service_of(draft, container);
    for (const std::string& name : namespaces_of(service)) {
        const auto other = first_here(draft, name);
        if (!other || !is_settled(draft, *other)) continue;
        const ObservedContainer* shared = running_container(draft, *other);
        if (shared != nullptr && shared->started_at > container.started_at) {
            return "the namespace it shares went with the last run of " + to_string(*other);
        }
    }
    for (const auto& [name, terms] : service.terms) {
        const auto other = first_here(draft, name);
        if (!terms.restart || !other || !is_settled(draft, *other)) continue;
        const ObservedContainer* found = running_container(draft, *other);
        if (found != nullptr && found->created_at > container.started_at) {
            return "`restart: true`, and " + to_string(*other) + " was replaced";
        }
    }
    return {};
}

bool meets_terms(PlanDraft& draft, const InstanceId& instance, const InstanceId& other) {
    const auto& all_terms = draft.in.app.services.at(instance.service).terms;
    const auto terms = all_terms.find(other.service);
    if (terms == all_terms.end()) return true;
    const std::string object = to_string(instance);
    switch (terms->second.condition) {
        case DependencyCondition::started:
            return true;
        case DependencyCondition::completed:
            if (has_ended_well(draft, other)) return true;
            draft.wait(object, "waits for " + to_string(other) + " to complete");
            return false;
        case DependencyCondition::healthy:
            break;
    }
    const ObservedContainer* container = running_container(draft, other);
    const bool settled = is_settled(draft, other) && container != nullptr;
    if (settled && container->health == Health::healthy) return true;
    if (settled && container->health == Health::none) {
        draft.block(object, "waits for " + to_string(other) +
                                " to be healthy, which has no health check; give it one, or wait "
                                "for `service_started`");
    } else {
        draft.wait(object, "waits for " + to_string(other) + " to be healthy");
    }
    return false;
}

bool peers_meet_terms(PlanDraft& draft, const InstanceId& instance, const std::string& service) {
    const auto& all_terms = draft.in.app.services.at(instance.service).terms;
    const auto terms = all_terms.find(service);
    if (terms == all_terms.end() || !terms->second.required) return true;
    const bool healthy = terms->second.condition == DependencyCondition::healthy;
    const PeerProgress wanted = healthy ? PeerProgress::healthy : PeerProgress::completed;
    if (terms->second.condition == DependencyCondition::started) return true;
    for (const Peer& peer : draft.in.peers) {
        if (peer.instance.service != service || draft.desired(peer.instance)) continue;
        // A leader of an older version does not say.
        if (peer.progress == PeerProgress::unknown || peer.progress == wanted) continue;
        draft.wait(to_string(instance), "waits for " + to_string(peer.instance) +
                                            ", which is on another node, to " +
                                            (healthy ? "be healthy" : "complete"));
        return false;
    }
    return true;
}

}  // namespace nap
