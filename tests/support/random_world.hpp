#pragma once

#include <random>
#include <string>

#include "reconciler/instances.hpp"
#include "support/world.hpp"

namespace nap::test {

/// Makes up manifests, and hosts in any state a crash, an operator or an engine could have left
/// them in. The same seed makes the same world.
class RandomWorld {
  public:
    explicit RandomWorld(unsigned seed) : random_(seed) {}

    World make() {
        World world;
        world.app.app = AppId("shop");
        make_networks(world.app);
        make_services(world.app);
        make_cluster(world);
        world.instances = all_instances(world.app);
        world.remove = chance(10);
        if (world.remove || chance(10)) world.instances.clear();
        make_host(world);
        make_strangers(world);
        move_to_swarm(world);
        make_attempts(world);
        make_peers(world);
        return world;
    }
    std::mt19937& random() { return random_; }

    /// Whether the world holds what nap must not move out of its way.
    [[nodiscard]] bool obstructed() const { return obstructed_; }

  private:
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    template <class T>
    T pick(std::initializer_list<T> values) {
        return values.begin()[random_() % values.size()];
    }

    void make_cluster(World& world) {
        world.scope = pick({NetworkScope::local, NetworkScope::overlay, NetworkScope::routed});
        world.elsewhere = world.scope != NetworkScope::local && chance(60);
        world.swarm_manager = chance(60);
    }

    /// The swarm's networks leave the host's list to the swarm. Some were made anew behind this
    /// host's back; of those that are not there at all, only managers can make others.
    void move_to_swarm(World& world) {
        for (const auto& [key, spec] : world.app.networks) {
            if (!is_swarms(world, spec)) continue;
            const auto listed =
                std::find_if(world.host.networks.begin(), world.host.networks.end(),
                             [&](const ObservedNetwork& n) { return n.name == spec.name; });
            if (listed == world.host.networks.end() && world.swarm_manager) continue;
            ObservedNetwork network{current_id(world, spec), spec.name,
                                    owner_of(world, {}, config_hash(spec)), true};
            if (listed != world.host.networks.end()) network = *listed;
            if (!is_in_use(world, network.id) && chance(30)) {
                network.id = swarm_network_id(spec.name + "again");
            }
            world.swarm[spec.name] = network;
        }
        std::erase_if(world.host.networks, [](const auto& n) { return n.swarm; });
        for (const auto& [name, network] : world.swarm) {
            if (world.swarm_manager || is_in_use(world, network.id))
                world.host.networks.push_back(network);
        }
    }
    static bool is_in_use(const World& world, const NetworkId& id) {
        const auto& all = world.host.containers;
        return std::any_of(all.begin(), all.end(), [&](const ObservedContainer& c) {
            const bool down = c.state == ContainerState::exited ||
                              c.state == ContainerState::created || c.state == ContainerState::dead;
            return !down && std::any_of(c.attachments.begin(), c.attachments.end(),
                                        [&](const Attachment& a) { return a.network_id == id; });
        });
    }

    void make_peers(World& world) {
        if (world.scope != NetworkScope::routed || !world.elsewhere) return;
        for (const auto& [name, service] : world.app.services) {
            if (!chance(50)) continue;
            const InstanceId instance{name, 7};
            Peer peer{instance, "shop-" + to_string(instance), {}};
            for (const Attachment& at : attachments(world, name, "10.2.0." + name)) {
                if (chance(80)) peer.addresses[at.network] = at.address;
            }
            world.peers.push_back(std::move(peer));
        }
    }

    void make_networks(AppSpec& app) {
        app.networks["front"] = {.name = "shop_front"};
        app.networks["back"] = {.name = "shop_back", .internal = chance(20)};
        app.networks["shared"] = {.name = "shared", .external = true};
        app.volumes["data"] = {.name = "shop_data"};
        app.volumes["disk"] = {.name = "disk", .external = true};
    }

    void make_services(AppSpec& app) {
        const unsigned count = 1 + static_cast<unsigned>(random_() % 5);
        for (unsigned i = 0; i < count; ++i) {
            const std::string name(1, static_cast<char>('a' + i));
            ServiceSpec service = make_service(i);
            for (const auto& [earlier, spec] : app.services) {
                if (chance(20)) service.links.push_back({earlier, chance(50) ? earlier : "alias"});
                if (chance(20)) service.depends_on.push_back(earlier);
            }
            app.services[name] = std::move(service);
        }
    }

    ServiceSpec make_service(unsigned i) {
        ServiceSpec service;
        service.image = pick<std::string>({"one:1", "two:1", "three:1"});
        service.replicas = pick({0, 1, 1, 1, 2, 3});
        service.restart.policy = pick({RestartPolicy::always, RestartPolicy::always,
                                       RestartPolicy::on_failure, RestartPolicy::no});
        service.relink = pick({Relink::automatic, Relink::automatic, Relink::hosts, Relink::dns});
        service.on_relink.kind =
            pick({OnRelinkKind::none, OnRelinkKind::restart, OnRelinkKind::signal});
        service.on_relink.signal = "HUP";
        for (const char* network : {"front", "back", "shared"}) {
            if (chance(35)) service.networks.push_back({network, {}});
        }
        if (chance(30)) service.mounts.push_back({MountKind::volume, "data", "/data", false});
        if (chance(10)) service.mounts.push_back({MountKind::volume, "disk", "/disk", false});
        if (chance(10)) service.mounts.push_back({MountKind::anonymous, "", "/cache", false});
        if (service.replicas == 1) {
            if (chance(40)) {
                service.ports.push_back({80, static_cast<std::uint16_t>(8000 + i), "", "tcp"});
            }
            if (chance(10)) service.container_name = "the-" + std::to_string(i);
        }
        if (chance(4)) {
            service.mounts.push_back({MountKind::bind, "/etc", "/etc", false});
            obstructed_ = true;
        }
        return service;
    }

    void make_host(World& world) {
        add_networks(world);
        add_volumes(world);
        add_images(world);
        std::erase_if(world.host.networks,
                      [&](const ObservedNetwork& network) { return network.owner && chance(25); });
        std::erase_if(world.host.volumes, [&](const auto& v) { return v.owner && chance(25); });
        std::erase_if(world.host.images, [&](const auto&) { return chance(15); });
        std::vector<InstanceId> instances = all_instances(world.app);
        for (const auto& [name, service] : world.app.services) {
            if (chance(15)) instances.push_back({name, service.replicas + 1});
        }
        if (chance(20)) instances.push_back({"gone", 1});
        for (const InstanceId& instance : instances) {
            const int count = pick({0, 1, 1, 1, 2, 3});
            for (int i = 0; i < count; ++i)
                make_container(world, instance);
        }
    }

    void make_container(World& world, const InstanceId& instance) {
        const std::string id = "c" + std::to_string(++serial_);
        ObservedContainer container = running_container(world, instance, id);
        if (chance(15)) container.name = id + "-renamed";
        if (world.host.names.contains(container.name)) container.name += "_" + id;
        if (chance(25)) container.owner->config_hash = "outdated";
        if (chance(10)) container.image_id = image_id("older");
        container.state =
            pick({ContainerState::running, ContainerState::running, ContainerState::running,
                  ContainerState::exited, ContainerState::exited, ContainerState::created,
                  ContainerState::paused, ContainerState::dead, ContainerState::removing,
                  ContainerState::restarting});
        container.created_at = world_begins + std::chrono::minutes(random_() % 30);
        container.started_at = world_begins + std::chrono::minutes(30 + random_() % 30);
        if (container.state == ContainerState::created) container.started_at = {};
        if (container.state == ContainerState::running) {
            container.health = pick({Health::none, Health::healthy, Health::unhealthy});
        } else {
            for (Attachment& at : container.attachments)
                at.address.clear();
            container.exit_code = chance(50) ? 1 : 0;
        }
        if (chance(10)) container.attachments.clear();
        keep_ports_apart(world, container);
        keep_networks_of_running(world, container);
        add_container(world, std::move(container));
    }

    /// No engine lets two containers that run publish one port.
    static void keep_ports_apart(const World& world, ObservedContainer& container) {
        if (!holds_ports(world, container)) return;
        for (const ObservedContainer& other : world.host.containers) {
            const bool same = other.owner->instance.service == container.owner->instance.service;
            if (same && holds_ports(world, other)) container.state = ContainerState::exited;
        }
        if (container.state != ContainerState::exited) return;
        for (Attachment& at : container.attachments)
            at.address.clear();
    }
    static bool holds_ports(const World& world, const ObservedContainer& container) {
        const auto service = world.app.services.find(container.owner->instance.service);
        return service != world.app.services.end() && !service->second.ports.empty() &&
               container.state != ContainerState::exited &&
               container.state != ContainerState::created;
    }

    /// No engine removes a network that something running is on.
    static void keep_networks_of_running(World& world, const ObservedContainer& container) {
        const bool up = container.state == ContainerState::running ||
                        container.state == ContainerState::paused ||
                        container.state == ContainerState::restarting;
        if (!up) return;
        for (const auto& [key, spec] : world.app.networks) {
            const bool on =
                std::any_of(container.attachments.begin(), container.attachments.end(),
                            [&](const Attachment& at) { return at.network == spec.name; });
            const bool there =
                std::any_of(world.host.networks.begin(), world.host.networks.end(),
                            [&](const ObservedNetwork& n) { return n.name == spec.name; });
            if (!on || there) continue;
            world.host.networks.push_back({current_id(world, spec), spec.name,
                                           owner_of(world, {}, config_hash(spec)),
                                           is_swarms(world, spec)});
        }
    }

    void make_strangers(World& world) {
        for (const InstanceId& instance : all_instances(world.app)) {
            const std::string name = container_name(world.app, instance);
            if (!chance(4) || world.host.names.contains(name)) continue;
            obstructed_ = true;
            ObservedContainer stranger = running_container(world, instance, "stranger-" + name);
            if (chance(50)) {
                stranger.owner->cluster = ClusterId("cluster-2");
                // Its ports would only ever be in the way.
                stranger.state = ContainerState::exited;
                add_container(world, std::move(stranger));
            } else {
                world.host.names[name] = stranger.id;
            }
        }
        for (ObservedNetwork& network : world.host.networks) {
            if (!network.owner || !chance(4)) continue;
            network.owner->app = AppId("other");
            obstructed_ = true;
        }
        for (ObservedVolume& volume : world.host.volumes) {
            if (!volume.owner || !chance(4)) continue;
            volume.owner.reset();
            obstructed_ = true;
        }
        world.host.networks.push_back(
            {NetworkId("theirs"), "theirs",
             OwnerLabels{.cluster = world.cluster, .app = AppId("blog")}});
        world.host.volumes.push_back({"theirs", std::nullopt});
    }

    void make_attempts(World& world) {
        for (const InstanceId& instance : all_instances(world.app)) {
            if (!chance(15)) continue;
            Attempt& attempt = world.attempts[to_string(instance)];
            attempt.failures = 1 + static_cast<int>(random_() % 8);
            attempt.not_before = world.now + milliseconds(random_() % 20'000);
            if (chance(50)) attempt.last_error = "refused";
        }
    }

    std::mt19937 random_;
    int serial_ = 0;
    bool obstructed_ = false;
};

}  // namespace nap::test
