#include "watchers/engine_cache.hpp"

#include <algorithm>

namespace nap {

Wakes EngineCache::apply(const EngineEvent& event) {
    if (event.type == "container") return apply_to_container(event);
    if (event.type == "network") touch_networks();
    if (event.type == "volume") volumes_stale_ = true;
    if (event.type == "image") images_.clear();
    return {.all = true, .apps = {}};
}

Wakes EngineCache::apply_to_container(const EngineEvent& event) {
    const ContainerId id(event.id);
    Wakes wakes;
    if (event.action == "destroy") {
        const auto gone = entries_.find(id);
        if (gone == entries_.end()) return wakes;
        // A name may have become free that some app waits for.
        wakes.all = !gone->second.container.owner;
        if (!wakes.all) wakes.apps.insert(gone->second.container.owner->app);
        entries_.erase(gone);
        return wakes;
    }
    Entry& entry = entries_[id];
    entry.touched = ++sequence_;
    entry.container.id = id;
    // What networks say of a container comes with the network's name, and without labels.
    const bool by_network = event.action == "connect" || event.action == "disconnect";
    if (!by_network && entry.container.name.empty()) entry.container.name = event.name;
    if (!entry.container.owner) entry.container.owner = event.owner;
    if (event.action == "rename" && !event.name.empty()) entry.container.name = event.name;
    if (event.action == "die") {
        apply_death(entry, event);
    } else {
        if (event.action == "oom") entry.container.oom_killed = true;
        entry.stale = true;
    }
    if (entry.container.owner) {
        wakes.apps.insert(entry.container.owner->app);
    } else {
        wakes.all = event.action == "rename";
    }
    return wakes;
}

void EngineCache::apply_death(Entry& entry, const EngineEvent& event) {
    ObservedContainer& container = entry.container;
    const bool certain = entry.inspected && !entry.stale && !entry.inspecting &&
                         container.state == ContainerState::running && event.exit_code &&
                         event.time > container.started_at;
    if (!certain) {
        entry.stale = true;
        return;
    }
    container.state = ContainerState::exited;
    container.health = Health::none;
    container.exit_code = *event.exit_code;
    container.finished_at = event.time;
    container.ports.clear();
    for (Attachment& attachment : container.attachments)
        attachment.address.clear();
}

void EngineCache::lose_track() {
    distrust_lists();
    touch_networks();
    touch_info();
    for (auto& [id, entry] : entries_)
        entry.stale = true;
}

void EngineCache::distrust_lists() {
    containers_stale_ = true;
    networks_stale_ = true;
    volumes_stale_ = true;
    images_.clear();
}

void EngineCache::touch(const ContainerId& id) {
    Entry& entry = entries_[id];
    entry.container.id = id;
    entry.stale = true;
    entry.touched = ++sequence_;
}

std::uint64_t EngineCache::begin_container_list() {
    containers_stale_ = false;
    return sequence_;
}

void EngineCache::take_container_list(const std::vector<ContainerSummary>& list,
                                      std::uint64_t begun) {
    std::set<ContainerId> listed;
    for (const ContainerSummary& summary : list) {
        listed.insert(summary.id);
        Entry& entry = entries_[summary.id];
        entry.container.id = summary.id;
        if (entry.touched <= begun) entry.container.name = summary.name;
        entry.container.owner = summary.owner;
        if (entry.fingerprint != summary.fingerprint) entry.stale = true;
        entry.fingerprint = summary.fingerprint;
    }
    std::erase_if(entries_, [&](const auto& item) {
        return !listed.contains(item.first) && item.second.touched <= begun;
    });
}

void EngineCache::take_networks(std::vector<ObservedNetwork> networks) {
    networks_ = std::move(networks);
    networks_changed_ = networks_stale_;
}

std::vector<ContainerId> EngineCache::begin_inspections(const AppId& app,
                                                        const std::set<std::string>& busy) {
    std::vector<ContainerId> stale;
    for (auto& [id, entry] : entries_) {
        // One whose owner is not known yet may be this app's.
        const auto& owner = entry.container.owner;
        const bool concerns =
            owner ? owner->app == app : !entry.inspected && entry.container.name.empty();
        if (!concerns || !entry.stale || entry.inspecting) continue;
        if (owner && busy.contains(to_string(owner->instance))) continue;
        entry.stale = false;
        entry.inspecting = true;
        stale.push_back(id);
    }
    return stale;
}

void EngineCache::take_container(ObservedContainer container) {
    const auto found = entries_.find(container.id);
    if (found == entries_.end()) return;  // destroyed meanwhile
    Entry& entry = found->second;
    entry.inspecting = false;
    entry.inspected = true;
    entry.container = std::move(container);
}

void EngineCache::inspection_failed(const ContainerId& id, bool gone) {
    if (gone) {
        entries_.erase(id);
        return;
    }
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    found->second.inspecting = false;
    found->second.stale = true;
}

ObservedHost EngineCache::snapshot(const AppId& app) const {
    ObservedHost host;
    host.networks = networks_;
    host.volumes = volumes_;
    for (const auto& [reference, id] : images_) {
        if (id) host.images.emplace(reference, *id);
    }
    for (const auto& [id, entry] : entries_) {
        if (!entry.container.name.empty()) host.names.emplace(entry.container.name, id);
        const auto& owner = entry.container.owner;
        if (entry.inspected && owner && owner->app == app) {
            host.containers.push_back(entry.container);
        }
    }
    return host;
}

std::set<AppId> EngineCache::apps() const {
    std::set<AppId> apps;
    for (const auto& [id, entry] : entries_) {
        if (entry.container.owner) apps.insert(entry.container.owner->app);
    }
    return apps;
}

}  // namespace nap
