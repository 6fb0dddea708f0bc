#include <algorithm>
#include <set>

#include "reconciler/app_plan.hpp"
#include "reconciler/container_config.hpp"
#include "reconciler/network_scope.hpp"

namespace nap {

namespace {

/// What the engine calls its default bridge.
constexpr const char* default_bridge = "bridge";

/// Instances on different hosts reach each other over the network by themselves.
bool crosses_hosts(const NetworkSpec& network, NetworkScope scope) {
    if (network.external) return true;  // whoever made it knows what it is
    if (network.driver.empty()) return scope == NetworkScope::overlay;
    return network.driver != "bridge";
}

/// The names of the bridges a service is on, as the engine calls them.
std::set<std::string> bridges_of(const AppSpec& spec, const ServiceSpec& service,
                                 NetworkScope scope) {
    if (has_own_network(service)) return {};
    if (service.networks.empty()) return {default_bridge};
    std::set<std::string> bridges;
    for (const ServiceNetwork& used : service.networks) {
        const NetworkSpec& network = spec.networks.at(used.network);
        if (!crosses_hosts(network, scope)) bridges.insert(network.name);
    }
    return bridges;
}

bool links_to(const ServiceSpec& from, const std::string& service) {
    return std::any_of(from.links.begin(), from.links.end(),
                       [&](const LinkSpec& link) { return link.service == service; });
}

/// The bridge over which `from` reaches `to`, or empty. On the default bridge only links do that.
std::string bridge_between(const AppSpec& spec, const std::string& from, const std::string& to,
                           NetworkScope scope) {
    const ServiceSpec& source = spec.services.at(from);
    const auto theirs = bridges_of(spec, spec.services.at(to), scope);
    for (const std::string& bridge : bridges_of(spec, source, scope)) {
        if (!theirs.contains(bridge)) continue;
        if (bridge != default_bridge || links_to(source, to)) return bridge;
    }
    return {};
}

bool shares_with(const ServiceSpec& service, const std::string& other) {
    const auto names = companions_of(service);
    return std::find(names.begin(), names.end(), other) != names.end();
}

}  // namespace

NetworkScope choose_scope(const ClusterState& state, const AppRecord& app) {
    for (const auto& [node, order] : app.orders) {
        if (!order.remove) return order.terms->scope;
    }
    if (!state.swarm().empty()) return NetworkScope::overlay;
    return state.all_routed() ? NetworkScope::routed : NetworkScope::local;
}

std::string split_network(const ClusterState& state, const AppSpec& spec, NetworkScope scope,
                          const Placed& where) {
    std::map<std::string, std::set<NodeId>> nodes;
    for (const auto& [instance, node] : where)
        nodes[instance.service].insert(node);
    for (const auto& [from, from_nodes] : nodes) {
        for (const auto& [to, to_nodes] : nodes) {
            if (from == to) continue;
            const bool one_node = from_nodes.size() == 1 && from_nodes == to_nodes;
            if (one_node) continue;
            if (shares_with(spec.services.at(from), to)) return "a namespace of service " + to;
            if (state.all_routed()) continue;
            const std::string bridge = bridge_between(spec, from, to, scope);
            if (bridge == default_bridge) return "the engine's default bridge";
            if (!bridge.empty()) return "network " + bridge;
        }
    }
    return {};
}

bool has_overlay(const AppSpec& spec, NetworkScope scope) {
    return std::any_of(spec.networks.begin(), spec.networks.end(),
                       [&](const auto& entry) { return is_overlay(entry.second, scope); });
}

bool is_manager(const ClusterState& state, const NodeId& node) {
    const NodeView* view = state.nodes().find(node);
    return view != nullptr && view->alive && view->record.swarm_manager;
}

std::optional<NodeId> network_keeper(const ClusterState& state, const AppRecord& app) {
    for (const auto& [node, order] : app.orders) {
        if (is_manager(state, node)) return node;
    }
    for (const auto& [node, view] : state.nodes().all()) {
        if (is_manager(state, node)) return node;
    }
    return std::nullopt;
}

std::vector<Peer> peers_of(const ClusterState& state, const AppRecord& app, const NodeId& node,
                           NetworkScope scope) {
    std::vector<Peer> peers;
    if (!state.all_routed() || !app.in_force || !app.in_force->spec) return peers;
    const AppSpec& spec = *app.in_force->spec;
    std::set<std::string> here;
    const auto own = app.orders.find(node);
    if (own == app.orders.end()) return peers;
    for (const InstanceId& instance : own->second.instances) {
        if (spec.services.contains(instance.service)) here.insert(instance.service);
    }
    for (const auto& [other, order] : app.orders) {
        const auto seen = app.seen.find(other);
        const NodeView* view = state.nodes().find(other);
        const bool alive = view != nullptr && view->alive;
        if (other == node || seen == app.seen.end() || !alive) continue;
        for (const InstanceId& instance : order.instances) {
            const SeenInstance* found = seen->second.find(instance);
            if (found == nullptr || !found->running) continue;
            if (!spec.services.contains(instance.service)) continue;
            const bool reached =
                std::any_of(here.begin(), here.end(), [&](const std::string& service) {
                    return !bridge_between(spec, service, instance.service, scope).empty();
                });
            if (!reached) continue;
            peers.push_back({.instance = instance,
                             .name = container_name(spec, instance),
                             .addresses = addresses_of(*found)});
        }
    }
    std::sort(peers.begin(), peers.end(),
              [](const Peer& a, const Peer& b) { return a.instance < b.instance; });
    return peers;
}

}  // namespace nap
