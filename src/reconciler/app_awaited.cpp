// What instances wait for that is on other nodes: only the leader knows how far it is.

#include <algorithm>

#include "reconciler/app_plan.hpp"
#include "reconciler/container_config.hpp"

namespace nap {

namespace {

/// The services whose instances have to be healthy, or to have ended well, before `waiting` start
/// for the first time.
std::set<std::string> awaited_by(const AppSpec& spec, const std::set<InstanceId>& waiting) {
    std::set<std::string> awaited;
    for (const InstanceId& instance : waiting) {
        const auto service = spec.services.find(instance.service);
        if (service == spec.services.end()) continue;
        for (const auto& [name, terms] : service->second.terms) {
            const bool waits = terms.required && terms.condition != DependencyCondition::started;
            if (waits && spec.services.contains(name)) awaited.insert(name);
        }
    }
    return awaited;
}

/// All that there are to be, with their nodes; of those that have none yet an empty one.
Placed all_of(const AppSpec& spec, const std::string& name, const Whereabouts& where) {
    Placed all;
    for (const Placed* part : {&where.kept, &where.placed}) {
        for (const auto& [instance, node] : *part) {
            if (instance.service == name) all.emplace(instance, node);
        }
    }
    const ServiceSpec& service = spec.services.at(name);
    if (service.mode == DeployMode::global) return all;
    for (int slot = 1; slot <= service.replicas; ++slot)
        all.try_emplace({name, slot});
    return all;
}

PeerProgress progress_of(const AppRecord& app, const InstanceId& instance, const NodeId& node) {
    const auto seen = app.seen.find(node);
    const SeenInstance* found = seen == app.seen.end() ? nullptr : seen->second.find(instance);
    if (found == nullptr) return PeerProgress::pending;
    if (found->completed) return PeerProgress::completed;
    return found->running && found->passed ? PeerProgress::healthy : PeerProgress::pending;
}

void set_progress(const AppSpec& spec, const InstanceId& instance, PeerProgress progress,
                  std::vector<Peer>& peers) {
    const auto known = std::find_if(peers.begin(), peers.end(),
                                    [&](const Peer& peer) { return peer.instance == instance; });
    if (known != peers.end()) {
        known->progress = progress;
        return;
    }
    peers.push_back({.instance = instance,
                     .name = container_name(spec, instance),
                     .addresses = {},
                     .progress = progress});
}

}  // namespace

void add_awaited(const AppRecord& app, const AppSpec& spec, const Whereabouts& where,
                 const std::set<InstanceId>& here, std::vector<Peer>& peers) {
    for (const std::string& name : awaited_by(spec, here)) {
        for (const auto& [instance, node] : all_of(spec, name, where)) {
            if (here.contains(instance)) continue;
            set_progress(spec, instance, progress_of(app, instance, node), peers);
        }
    }
    std::sort(peers.begin(), peers.end(),
              [](const Peer& a, const Peer& b) { return a.instance < b.instance; });
}

std::vector<Peer> peers_by_orders(const ClusterState& state, const AppRecord& app,
                                  const NodeId& node, const Orders& orders) {
    std::vector<Peer> peers = peers_of(state, app, node, orders.terms->scope);
    if (!app.in_force || !app.in_force->spec) return peers;
    Placed where;
    for (const auto& [other, theirs] : app.orders) {
        for (const InstanceId& instance : theirs.instances) {
            if (!theirs.leaves(instance)) where.emplace(instance, other);
        }
    }
    const Placed none;
    add_awaited(app, *app.in_force->spec, {where, none},
                {orders.instances.begin(), orders.instances.end()}, peers);
    return peers;
}

}  // namespace nap
