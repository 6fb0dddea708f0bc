#include <algorithm>

#include "reconciler/container_config.hpp"
#include "reconciler/plan_draft.hpp"

namespace nap {

namespace {

bool is_single(const ContainerMount& mount) {
    return mount.files.by_path && mount.files.by_path->contains("");
}

std::string path_of(const PlanDraft& draft, const ContainerMount& mount) {
    const std::string folder = draft.in.folders_path + "/" + mount.source;
    return is_single(mount) ? folder + "/" + single_file_name : folder;
}

bool is_below(const std::string& path, const std::string& folder) {
    return path == folder || path.starts_with(folder + "/");
}

std::set<std::string> wanted_digests(const PlanDraft& draft) {
    std::set<std::string> services;
    for (const InstanceId& instance : draft.in.instances)
        services.insert(instance.service);
    std::set<std::string> digests;
    for (const std::string& service : services) {
        for (const MountSpec& mount : draft.in.app.services.at(service).mounts) {
            if (mount.kind == MountKind::project) digests.insert(folder_digest(mount.files));
        }
    }
    return digests;
}

bool is_used(const PlanDraft& draft, const std::string& folder) {
    const auto& all = draft.in.observed.containers;
    return std::any_of(all.begin(), all.end(), [&](const ObservedContainer& container) {
        return std::any_of(container.mounts.begin(), container.mounts.end(),
                           [&](const ObservedMount& m) { return is_below(m.source, folder); });
    });
}

}  // namespace

Readiness need_folder(PlanDraft& draft, const ContainerMount& mount) {
    WriteFolder write{.digest = mount.source,
                      .path = draft.in.folders_path + "/" + mount.source,
                      .files = mount.files};
    if (draft.in.folders_path.empty()) {
        return refuse(draft, object_of(write),
                      "cannot be mounted on " + mount.target +
                          ": `docker.host` names an engine on another machine, and such files are "
                          "put on the engine's own; run the agent there, with a unix socket");
    }
    if (draft.in.observed.folders.contains(mount.source)) return {};
    return provide(draft, std::move(write));
}

void place_folders(const PlanDraft& draft, ContainerConfig& config) {
    for (ContainerMount& mount : config.mounts) {
        if (mount.kind == MountKind::project) mount.source = path_of(draft, mount);
    }
}

bool lost_its_folder(const PlanDraft& draft, const ObservedContainer& container) {
    if (draft.in.folders_path.empty()) return false;
    const auto config = container_config(draft.in.app, container.owner->instance.service);
    return std::any_of(config.mounts.begin(), config.mounts.end(), [&](const ContainerMount& m) {
        if (m.kind != MountKind::project) return false;
        const auto own = std::find_if(container.mounts.begin(), container.mounts.end(),
                                      [&](const auto& found) { return found.target == m.target; });
        return own != container.mounts.end() && !own->source.empty() &&
               own->source != path_of(draft, m);
    });
}

void plan_unused_folders(PlanDraft& draft) {
    // While anything is under way a container may come to use one that is not seen yet.
    if (!draft.plan.steps.empty() || !draft.in.busy.empty() || draft.in.frozen) return;
    const std::set<std::string> wanted = wanted_digests(draft);
    for (const std::string& digest : draft.in.observed.folders) {
        RemoveFolder remove{.digest = digest, .path = draft.in.folders_path + "/" + digest};
        if (wanted.contains(digest) || is_used(draft, remove.path)) continue;
        if (draft.held_back(object_of(remove))) continue;
        draft.add(std::move(remove), {}, "no container uses it");
    }
}

}  // namespace nap
