#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "reconciler/container_config.hpp"
#include "reconciler/host_plan.hpp"
#include "reconciler/network_scope.hpp"

namespace nap::test {

inline constexpr TimePoint world_begins{std::chrono::hours(24 * 365 * 56)};

/// One host and one app, as the host planner is asked about them. The functions below make what a
/// test does not care about look the way the manifest wants it.
struct World {
    ClusterId cluster{"cluster-1"};
    RevisionId revision{"r2"};
    AppSpec app;
    std::vector<InstanceId> instances;
    bool remove = false;
    ObservedHost host;
    Attempts attempts;
    std::set<std::string> busy;
    HostPolicy policy;
    BackoffPolicy backoff;
    TimePoint now = world_begins + std::chrono::hours(1);
    NetworkScope scope = NetworkScope::local;
    std::vector<Peer> peers;
    std::string folders_path = "/data/files/shop";
    bool elsewhere = false;
    bool swarm_manager = false;
    bool frozen = false;
    /// What the swarm has, by name: workers list of it only what a container of theirs is on.
    std::map<std::string, ObservedNetwork> swarm;

    [[nodiscard]] HostInput input() const {
        return {.cluster = cluster,
                .revision = revision,
                .app = app,
                .instances = instances,
                .remove = remove,
                .observed = host,
                .attempts = attempts,
                .busy = busy,
                .policy = policy,
                .backoff = backoff,
                .now = now,
                .scope = scope,
                .peers = peers,
                .folders_path = folders_path,
                .elsewhere = elsewhere,
                .swarm_manager = swarm_manager,
                .frozen = frozen};
    }
    [[nodiscard]] Plan plan() const { return plan_host(input()); }
};

inline ImageId image_id(const std::string& reference) {
    return ImageId("sha256:" + reference);
}

inline NetworkId network_id(const std::string& name) {
    return NetworkId("id-of-" + name);
}

/// As the swarm numbers its networks: 25 letters and digits.
inline NetworkId swarm_network_id(const std::string& name) {
    std::string id;
    for (const char c : name + std::string(25, '0')) {
        if (c != '_' && c != '-' && id.size() < 25) id += c;
    }
    return NetworkId(id);
}

inline bool is_swarms(const World& world, const NetworkSpec& spec) {
    return is_overlay(spec, world.scope);
}

inline NetworkId current_id(const World& world, const NetworkSpec& spec) {
    return is_swarms(world, spec) ? swarm_network_id(spec.name) : network_id(spec.name);
}

inline std::string current_hash(const AppSpec& app, const std::string& service) {
    return config_hash(container_config(app, service));
}

inline OwnerLabels owner_of(const World& world, InstanceId instance, std::string hash) {
    return {.cluster = world.cluster,
            .app = world.app.app,
            .instance = std::move(instance),
            .revision = world.revision,
            .config_hash = std::move(hash)};
}

/// The networks a container of `service` is on, with addresses if it runs.
inline std::vector<Attachment> attachments(const World& world, const std::string& service,
                                           const std::string& address) {
    std::vector<Attachment> found;
    if (world.app.services.contains(service)) {
        for (const ServiceNetwork& network : world.app.services.at(service).networks) {
            const NetworkSpec& spec = world.app.networks.at(network.network);
            found.push_back({spec.name, current_id(world, spec), address});
        }
    }
    if (found.empty()) found.push_back({"bridge", network_id("bridge"), address});
    return found;
}

/// A container of `instance` that has been running since the world began.
inline ObservedContainer running_container(const World& world, const InstanceId& instance,
                                           const std::string& id) {
    ObservedContainer container;
    const bool known = world.app.services.contains(instance.service);
    container.id = ContainerId(id);
    container.name =
        known ? container_name(world.app, instance)
              : world.app.app.str() + "-" + instance.service + "-" + std::to_string(instance.slot);
    container.owner =
        owner_of(world, instance, known ? current_hash(world.app, instance.service) : "gone");
    if (known) container.image_id = image_id(world.app.services.at(instance.service).image);
    container.state = ContainerState::running;
    container.created_at = world_begins;
    container.started_at = world_begins;
    container.hosts_path = "/engine/" + id + "/hosts";
    container.attachments = attachments(world, instance.service, "10.0.0.1");
    return container;
}

inline void add_container(World& world, ObservedContainer container) {
    world.host.names[container.name] = container.id;
    if (container.state == ContainerState::running) world.host.hosts_blocks[container.id] = "";
    world.host.containers.push_back(std::move(container));
}

/// The engine's own network, and all that the manifest names.
inline void add_networks(World& world) {
    world.host.networks.push_back({network_id("bridge"), "bridge", std::nullopt});
    for (const auto& [key, spec] : world.app.networks) {
        ObservedNetwork network{current_id(world, spec), spec.name, std::nullopt};
        network.swarm = is_swarms(world, spec);
        if (!spec.external) network.owner = owner_of(world, {}, config_hash(spec));
        world.host.networks.push_back(std::move(network));
    }
}

inline void add_volumes(World& world) {
    for (const auto& [key, spec] : world.app.volumes) {
        ObservedVolume volume{spec.name, std::nullopt};
        if (!spec.external) volume.owner = owner_of(world, {}, {});
        world.host.volumes.push_back(std::move(volume));
    }
}

inline void add_images(World& world) {
    for (const auto& [name, service] : world.app.services) {
        world.host.images[service.image] = image_id(service.image);
    }
}

}  // namespace nap::test
