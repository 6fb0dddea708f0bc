#include <algorithm>
#include <tuple>

#include "reconciler/container_config.hpp"
#include "reconciler/plan_draft.hpp"

namespace nap {

namespace {

/// The step of this plan that already works on `object`.
std::optional<std::size_t> step_on(const Plan& plan, const std::string& object) {
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        if (object_of(plan.steps[i].action) == object) return i;
    }
    return std::nullopt;
}

bool already_blocked(const Plan& plan, const std::string& object) {
    return std::any_of(plan.blocked.begin(), plan.blocked.end(),
                       [&](const Blocked& blocked) { return blocked.object == object; });
}

/// Adds `action` once, however many instances need it.
Readiness provide(PlanDraft& draft, Action action, const std::string& cause = "not there") {
    const std::string object = object_of(action);
    if (const auto step = step_on(draft.plan, object)) return {.ok = true, .step = step};
    if (already_blocked(draft.plan, object) || draft.held_back(object)) return {.ok = false};
    return {.ok = true, .step = draft.add(std::move(action), {}, cause)};
}

Readiness refuse(PlanDraft& draft, const std::string& object, const std::string& reason) {
    if (!already_blocked(draft.plan, object)) draft.block(object, reason);
    return {.ok = false};
}

std::ptrdiff_t count_networks(const PlanDraft& draft, const std::string& name) {
    const auto& networks = draft.in.observed.networks;
    return std::count_if(networks.begin(), networks.end(),
                         [&](const ObservedNetwork& network) { return network.name == name; });
}

bool is_attached_to(const PlanDraft& draft, const NetworkId& id) {
    const auto& all = draft.in.observed.containers;
    return std::any_of(all.begin(), all.end(), [&](const ObservedContainer& container) {
        const auto& on = container.attachments;
        return std::any_of(on.begin(), on.end(),
                           [&](const Attachment& a) { return a.network_id == id; });
    });
}

/// An engine may still carry out a creation whose caller is gone when the next one has looked and
/// created its own. One of ours that nothing is on then goes; the last to do so is kept.
Readiness drop_double(PlanDraft& draft, const std::string& object,
                      std::vector<const ObservedNetwork*> doubles) {
    std::sort(doubles.begin(), doubles.end(),
              [](const auto* a, const auto* b) { return a->id < b->id; });
    const bool all_ours = std::all_of(doubles.begin(), doubles.end(), [&](const auto* network) {
        return draft.is_ours(network->owner);
    });
    const auto unused = std::find_if(doubles.rbegin(), doubles.rend(), [&](const auto* network) {
        return !is_attached_to(draft, network->id);
    });
    if (!all_ours || unused == doubles.rend()) {
        return refuse(draft, object,
                      "the engine has several networks of this name; remove all but one");
    }
    Readiness removal = provide(draft, RemoveNetwork{(*unused)->id, (*unused)->name},
                                "another of this name is there too");
    removal.ok = false;
    return removal;
}

Readiness check_network(PlanDraft& draft, const std::string& object, const NetworkSpec& spec,
                        const std::string& hash) {
    std::vector<const ObservedNetwork*> same_name;
    for (const ObservedNetwork& network : draft.in.observed.networks) {
        if (network.name == spec.name) same_name.push_back(&network);
    }
    if (same_name.size() > 1) return drop_double(draft, object, std::move(same_name));
    const ObservedNetwork& network = *same_name.front();
    if (spec.external) return {};
    if (!draft.is_ours(network.owner)) {
        return refuse(draft, object,
                      "a network of this name exists that this app does not own; remove it, or "
                      "declare it `external: true` to use it as it is");
    }
    if (network.owner->config_hash != hash) {
        return refuse(draft, object,
                      "its settings in the manifest have changed, and a network cannot be changed "
                      "while in use; give it another `name:` to move the containers over");
    }
    return {};
}

Readiness need_network(PlanDraft& draft, const std::string& key) {
    NetworkSpec spec = draft.in.app.networks.at(key);
    const std::string object = "network " + spec.name;
    const std::string hash = config_hash(spec);
    if (count_networks(draft, spec.name) > 0) return check_network(draft, object, spec, hash);
    if (spec.external) {
        return refuse(draft, object, "is external and does not exist on this host; create it");
    }
    add_network_labels(spec.labels, {draft.in.cluster, draft.in.app.app, draft.in.revision}, key,
                       hash);
    return provide(draft, CreateNetwork{std::move(spec)});
}

Readiness need_volume(PlanDraft& draft, const std::string& key) {
    VolumeSpec spec = draft.in.app.volumes.at(key);
    const std::string object = "volume " + spec.name;
    for (const ObservedVolume& volume : draft.in.observed.volumes) {
        if (volume.name != spec.name) continue;
        if (spec.external || draft.is_ours(volume.owner)) return {};
        return refuse(draft, object,
                      "a volume of this name exists that this app does not own; declare it "
                      "`external: true` to use it as it is, or give another `name:`");
    }
    if (spec.external) {
        return refuse(draft, object, "is external and does not exist on this host; create it");
    }
    add_volume_labels(spec.labels, {draft.in.cluster, draft.in.app.app, draft.in.revision}, key);
    return provide(draft, CreateVolume{std::move(spec)});
}

Readiness need_image(PlanDraft& draft, const std::string& image) {
    if (draft.in.observed.images.contains(image)) return {};
    return provide(draft, PullImage{image});
}

bool binds_allowed(PlanDraft& draft, const InstanceId& instance, const ServiceSpec& service) {
    for (const MountSpec& mount : service.mounts) {
        if (mount.kind != MountKind::bind) continue;
        if (const auto reason = denied_bind(draft.in.policy, mount.source)) {
            draft.block(to_string(instance), *reason);
            return false;
        }
    }
    return true;
}

}  // namespace

Preparation prepare_instance(PlanDraft& draft, const InstanceId& instance) {
    const ServiceSpec& service = draft.in.app.services.at(instance.service);
    Preparation result;
    if (!binds_allowed(draft, instance, service)) return {.ok = false, .after = {}};

    std::string missing;
    const auto need = [&](const Readiness& readiness, const std::string& object) {
        if (readiness.step) result.after.push_back(*readiness.step);
        if (!readiness.ok && missing.empty()) missing = object;
    };
    need(need_image(draft, service.image), "image " + service.image);
    for (const ServiceNetwork& network : service.networks) {
        need(need_network(draft, network.network),
             "network " + draft.in.app.networks.at(network.network).name);
    }
    for (const MountSpec& mount : service.mounts) {
        if (mount.kind != MountKind::volume) continue;
        need(need_volume(draft, mount.source),
             "volume " + draft.in.app.volumes.at(mount.source).name);
    }
    if (!missing.empty()) {
        draft.wait(to_string(instance), "waits for " + missing);
        result.ok = false;
    }
    return result;
}

Preparation prepare_start(PlanDraft& draft, const InstanceId& instance) {
    const ServiceSpec& service = draft.in.app.services.at(instance.service);
    Preparation result;
    if (!binds_allowed(draft, instance, service)) return {.ok = false, .after = {}};
    for (const ServiceNetwork& network : service.networks) {
        const std::string& name = draft.in.app.networks.at(network.network).name;
        const auto found = count_networks(draft, name);
        if (found == 1) continue;
        const Readiness readiness = need_network(draft, network.network);
        if (readiness.step) result.after.push_back(*readiness.step);
        // Of several the engine may still know which one it was on.
        if (readiness.ok || found > 1) continue;
        draft.wait(to_string(instance), "waits for network " + name);
        return {.ok = false, .after = {}};
    }
    return result;
}

bool uses_network(const PlanDraft& draft, const std::string& name) {
    for (const InstanceId& instance : draft.in.instances) {
        for (const ServiceNetwork& used : draft.in.app.services.at(instance.service).networks) {
            if (draft.in.app.networks.at(used.network).name == name) return true;
        }
    }
    return false;
}

void plan_unused_networks(PlanDraft& draft) {
    std::vector<ObservedNetwork> networks = draft.in.observed.networks;
    std::sort(networks.begin(), networks.end(), [](const auto& a, const auto& b) {
        return std::tie(a.name, a.id) < std::tie(b.name, b.id);
    });
    for (const ObservedNetwork& network : networks) {
        if (!draft.is_ours(network.owner) || uses_network(draft, network.name)) continue;
        const std::string object = "network " + network.name;
        std::vector<std::size_t> after;
        bool in_use = false;
        for (const ObservedContainer& container : draft.in.observed.containers) {
            const bool attached =
                std::any_of(container.attachments.begin(), container.attachments.end(),
                            [&](const Attachment& a) { return a.network == network.name; });
            if (!attached) continue;
            const auto removal = draft.removals.find(container.id);
            if (removal == draft.removals.end()) {
                in_use = true;
            } else {
                after.push_back(removal->second);
            }
        }
        if (in_use) {
            draft.wait(object, "waits until no container of the app is on it");
        } else if (!draft.held_back(object)) {
            draft.add(RemoveNetwork{network.id, network.name}, std::move(after),
                      draft.in.remove ? "the app is removed" : "no service here uses it");
        }
    }
}

}  // namespace nap
