#include <algorithm>

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

Readiness need_image(PlanDraft& draft, const ServiceSpec& service) {
    const bool present = draft.in.observed.images.contains(service.image);
    if (present && service.pull != PullPolicy::always) return {};
    if (service.pull == PullPolicy::never) {
        return refuse(draft, "image " + service.image,
                      "is not on this host, and `pull_policy: never` keeps nap from pulling it");
    }
    const char* cause = present ? "`pull_policy: always`" : "not there";
    return provide(draft, PullImage{service.image, service.options.platform}, cause);
}

/// Says all that the host's policy is against at once.
bool is_allowed(PlanDraft& draft, const InstanceId& instance, const ServiceSpec& service) {
    std::string reasons;
    const auto add = [&](const std::optional<std::string>& reason) {
        if (!reason || reasons.find(*reason) != std::string::npos) return;
        reasons += (reasons.empty() ? "" : "; ") + *reason;
    };
    add(denied_options(draft.in.policy, service.options, service.hooks));
    for (const MountSpec& mount : service.mounts) {
        std::string path;
        if (mount.kind == MountKind::bind) path = mount.source;
        if (mount.kind == MountKind::volume) {
            path = host_path_of(draft.in.app.volumes.at(mount.source));
        }
        if (!path.empty()) add(denied_bind(draft.in.policy, path));
    }
    if (!reasons.empty()) draft.block(to_string(instance), reasons);
    return reasons.empty();
}

}  // namespace

Readiness provide(PlanDraft& draft, Action action, const std::string& cause) {
    const std::string object = object_of(action);
    if (const auto step = step_on(draft.plan, object)) return {.ok = true, .step = step};
    if (already_blocked(draft.plan, object) || draft.held_back(object)) return {.ok = false};
    return {.ok = true, .step = draft.add(std::move(action), {}, cause)};
}

Readiness refuse(PlanDraft& draft, const std::string& object, const std::string& reason) {
    if (!already_blocked(draft.plan, object)) draft.block(object, reason);
    return {.ok = false};
}

Preparation prepare_instance(PlanDraft& draft, const InstanceId& instance) {
    const ServiceSpec& service = draft.in.app.services.at(instance.service);
    Preparation result;
    if (!is_allowed(draft, instance, service)) return {.ok = false, .after = {}};

    std::string missing;
    const auto need = [&](const Readiness& readiness, const std::string& object) {
        if (readiness.step) result.after.push_back(*readiness.step);
        if (!readiness.ok && missing.empty()) missing = object;
    };
    need(need_image(draft, service), "image " + service.image);
    for (const ServiceNetwork& network : service.networks) {
        need(need_network(draft, network.network),
             "network " + draft.in.app.networks.at(network.network).name);
    }
    for (const MountSpec& mount : service.mounts) {
        if (mount.kind != MountKind::volume) continue;
        need(need_volume(draft, mount.source),
             "volume " + draft.in.app.volumes.at(mount.source).name);
    }
    for (const ContainerMount& mount : container_config(draft.in.app, instance.service).mounts) {
        if (mount.kind != MountKind::project) continue;
        need(need_folder(draft, mount), "the files for " + mount.target);
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
    if (!is_allowed(draft, instance, service)) return {.ok = false, .after = {}};
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
    for (const ContainerMount& mount : container_config(draft.in.app, instance.service).mounts) {
        if (mount.kind != MountKind::project) continue;
        const Readiness readiness = need_folder(draft, mount);
        if (readiness.step) result.after.push_back(*readiness.step);
        if (readiness.ok) continue;
        draft.wait(to_string(instance), "waits for the files for " + mount.target);
        return {.ok = false, .after = {}};
    }
    return result;
}

}  // namespace nap
