#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "reconciler/container_config.hpp"
#include "reconciler/plan_draft.hpp"

namespace nap {

namespace {

/// The engine names volumes nobody named by 64 hex digits.
bool is_anonymous_volume(const std::string& name) {
    return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Hands the unnamed volumes of `old` on to its successor, as Compose does: their data would
/// otherwise be out of reach.
/// `shared` come from another container, and with it.
void inherit_volumes(ContainerConfig& config, const ObservedContainer& old,
                     const std::set<std::string>& shared) {
    for (const ObservedMount& mount : old.mounts) {
        if (!is_anonymous_volume(mount.volume) || shared.contains(mount.volume)) continue;
        const auto same = std::find_if(config.mounts.begin(), config.mounts.end(),
                                       [&](const auto& m) { return m.target == mount.target; });
        if (same == config.mounts.end()) {
            config.mounts.push_back({.kind = MountKind::volume,
                                     .source = mount.volume,
                                     .target = mount.target,
                                     .read_only = false});
        } else if (same->kind == MountKind::anonymous) {
            same->kind = MountKind::volume;
            same->source = mount.volume;
        }
    }
}

struct Naming {
    std::string now;                   ///< the name to create under
    std::optional<std::string> later;  ///< the name to take once the old container is gone
};

/// nullopt, and said so, when the name is someone else's.
std::optional<Naming> name_for(PlanDraft& draft, const InstanceId& instance,
                               const std::vector<const ObservedContainer*>& old,
                               const std::string& hash) {
    const std::string wanted = container_name(draft.in.app, instance);
    const auto holder = draft.in.observed.names.find(wanted);
    if (holder == draft.in.observed.names.end()) return Naming{wanted, std::nullopt};
    const bool held_by_old =
        std::any_of(old.begin(), old.end(), [&](const auto* c) { return c->id == holder->second; });
    if (!held_by_old) {
        draft.block(to_string(instance),
                    fmt::format("the name {} is taken by container {}, which is not this "
                                "instance's; rename or remove that container, or set another "
                                "container_name",
                                wanted, holder->second.str().substr(0, 12)));
        return std::nullopt;
    }
    std::string temporary = wanted + "_" + hash.substr(0, 8);
    if (draft.in.observed.names.contains(temporary)) {
        temporary = wanted + "_" + old.front()->id.str().substr(0, 12);
    }
    return Naming{temporary, wanted};
}

ContainerConfig labelled_config(const PlanDraft& draft, const InstanceId& instance,
                                std::string& hash) {
    ContainerConfig config = container_config(draft.in.app, instance.service);
    hash = config_hash(config);
    const Ownership owner{draft.in.cluster, draft.in.app.app, draft.in.revision};
    add_container_labels(config.labels, owner, instance, hash);
    return config;
}

}  // namespace

std::optional<std::vector<std::size_t>> dependency_steps(PlanDraft& draft,
                                                         const InstanceId& instance,
                                                         StartKind kind) {
    std::vector<std::size_t> steps;
    const ServiceSpec& service = draft.in.app.services.at(instance.service);
    for (const std::string& needed : dependencies_of(service)) {
        const auto terms = service.terms.find(needed);
        const bool required = terms == service.terms.end() || terms->second.required;
        if (kind == StartKind::first && !peers_meet_terms(draft, instance, needed)) {
            return std::nullopt;
        }
        for (const auto& [other, readiness] : draft.running) {
            if (other.service != needed || (!required && !readiness.ok)) continue;
            if (readiness.step) steps.push_back(*readiness.step);
            if (kind == StartKind::first && !meets_terms(draft, instance, other)) {
                return std::nullopt;
            }
            if (!readiness.ok) {
                draft.wait(to_string(instance), "waits for " + to_string(other) + " to start");
                return std::nullopt;
            }
        }
    }
    return steps;
}

std::vector<std::size_t> give_way(PlanDraft& draft,
                                  const std::vector<const ObservedContainer*>& old,
                                  const std::vector<std::size_t>& after) {
    std::vector<std::size_t> stops;
    for (const ObservedContainer* container : old) {
        const bool up = container->state == ContainerState::running ||
                        container->state == ContainerState::paused ||
                        container->state == ContainerState::restarting;
        if (!up) continue;
        const InstanceId& instance = container->owner->instance;
        stops.push_back(draft.add(StopContainer{instance, container->id, std::nullopt}, after,
                                  "gives way to its replacement"));
        draft.stops[container->id] = stops.back();
    }
    return stops;
}

void plan_replacement(PlanDraft& draft, const InstanceId& instance,
                      const std::vector<const ObservedContainer*>& old, const std::string& cause) {
    const bool was_up = std::any_of(
        old.begin(), old.end(), [](const auto* c) { return c->state == ContainerState::running; });
    Readiness& outcome = draft.running[instance];
    outcome.ok = was_up;
    draft.replaced.insert(instance);

    std::string hash;
    ContainerConfig config = labelled_config(draft, instance, hash);
    const auto naming = name_for(draft, instance, old, hash);
    if (!naming) return;
    const Preparation preparation = prepare_instance(draft, instance);
    if (!preparation.ok) return;
    if (!resolve_namespaces(draft, instance, config)) return;
    place_folders(draft, config);
    const std::set<std::string> shared = volumes_shared(draft, instance.service);
    for (const ObservedContainer* container : old)
        inherit_volumes(config, *container, shared);

    const std::vector<ContainerNetwork> networks = config.networks;
    const std::vector<ContainerFile> files = std::exchange(config.files, {});
    const std::size_t create = draft.add(CreateContainer{instance, naming->now, std::move(config)},
                                         preparation.after, cause);
    std::vector<std::size_t> before_start{create};
    for (std::size_t i = 1; i < networks.size(); ++i) {
        before_start.push_back(draft.add(ConnectNetwork{instance, std::nullopt, networks[i]},
                                         {create}, "an engine joins one network at creation"));
    }
    if (!files.empty()) {
        before_start.push_back(draft.add(WriteFiles{instance, std::nullopt, files}, {create},
                                         "its configs and secrets"));
    }
    const auto dependencies = dependency_steps(draft, instance, StartKind::first);
    if (!dependencies) return;
    before_start.insert(before_start.end(), dependencies->begin(), dependencies->end());
    // What runs is stopped only once all else is in place for its successor.
    const auto stops = give_way(draft, old, before_start);
    before_start.insert(before_start.end(), stops.begin(), stops.end());
    const std::size_t start =
        draft.add(StartContainer{instance, std::nullopt}, std::move(before_start), cause);
    outcome = {.ok = true, .step = start};

    std::vector<std::size_t> gone{start};
    for (const ObservedContainer* container : old) {
        if (container->state == ContainerState::removing) continue;
        gone.push_back(draft.add(RemoveContainer{instance, container->id}, {start}, "replaced"));
        draft.removals[container->id] = gone.back();
    }
    // A holder that the engine is removing already is gone by itself, a plan or two from now.
    if (naming->later && draft.removals.contains(draft.in.observed.names.at(*naming->later))) {
        draft.add(RenameContainer{instance, std::nullopt, *naming->later}, std::move(gone),
                  "the name is free now");
    }
}

}  // namespace nap
