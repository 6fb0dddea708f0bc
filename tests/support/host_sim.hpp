#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/world.hpp"

namespace nap::test {

/// Carries out actions on a World the way an engine would, and says what an engine would refuse:
/// a name that is taken, a port in use, a network that is not there, a container that still runs.
class HostSim {
  public:
    explicit HostSim(World& world) : world_(world) {
        for (const ObservedContainer& container : world.host.containers) {
            ports_[container.id] = ports_of(container.owner);
        }
        list_swarm_networks();
    }

    /// Why the engine refuses; nullopt when it was done.
    std::optional<std::string> apply(const Action& action) {
        auto refused = std::visit([this](const auto& a) { return run(a); }, action);
        list_swarm_networks();
        return refused;
    }

    /// Applies the plan's steps in a random order that keeps each after those it waits for; at most
    /// `steps_max` of them. Returns the first refusal, but for those that only the attempt shows: a
    /// port another instance is about to give up, a network of the swarm that was made anew.
    std::optional<std::string> apply(const Plan& plan, std::mt19937& random,
                                     std::size_t steps_max = 10'000) {
        created_.clear();
        std::set<std::size_t> done;
        std::set<std::size_t> left;
        bool failed = false;
        for (std::size_t i = 0; i < plan.steps.size(); ++i)
            left.insert(i);
        while (!left.empty() && done.size() < steps_max) {
            std::vector<std::size_t> ready;
            for (const std::size_t i : left) {
                const auto& after = plan.steps[i].after;
                const bool free = std::all_of(after.begin(), after.end(),
                                              [&](std::size_t a) { return done.contains(a); });
                if (free) ready.push_back(i);
            }
            if (ready.empty() && failed) return std::nullopt;
            if (ready.empty()) return "steps that wait for each other";
            const std::size_t next = ready[random() % ready.size()];
            const auto refused = apply(plan.steps[next].action);
            left.erase(next);
            const bool shown = refused == port_of_another || refused == made_anew;
            failed = failed || shown;
            if (shown) continue;
            if (refused) return "step " + std::to_string(next + 1) + ": " + *refused;
            done.insert(next);
        }
        return std::nullopt;
    }

    /// What an engine finishes by itself.
    void settle() {
        for (ObservedContainer& container : world_.host.containers) {
            if (container.state == ContainerState::restarting) set_running(container);
        }
        std::vector<ContainerId> gone;
        for (const ObservedContainer& container : world_.host.containers) {
            if (container.state == ContainerState::removing) gone.push_back(container.id);
        }
        for (const ContainerId& id : gone)
            erase(id);
    }

  private:
    using Refusal = std::optional<std::string>;
    static constexpr char port_of_another[] = "port in use by another instance";
    static constexpr char made_anew[] = "the swarm has no network of this id";

    ObservedContainer* find(const InstanceId& instance, const std::optional<ContainerId>& id) {
        if (!id && !created_.contains(instance)) return nullptr;
        const ContainerId wanted = id ? *id : created_.at(instance);
        for (ObservedContainer& container : world_.host.containers) {
            if (container.id == wanted) return &container;
        }
        return nullptr;
    }

    const ObservedNetwork* network(const std::string& name) const {
        for (const ObservedNetwork& found : world_.host.networks) {
            if (found.name == name) return &found;
        }
        return nullptr;
    }

    /// The network `name` as a start would find it, listed or not.
    const ObservedNetwork* reachable(const std::string& name) const {
        const auto shared = world_.swarm.find(name);
        return shared == world_.swarm.end() ? network(name) : &shared->second;
    }

    /// Managers list all of the swarm, workers what a container of theirs is on.
    void list_swarm_networks() {
        std::erase_if(world_.host.networks, [](const auto& n) { return n.swarm; });
        for (const auto& [name, network] : world_.swarm) {
            const auto& all = world_.host.containers;
            const bool on = std::any_of(all.begin(), all.end(), [&](const auto& c) {
                return is_up(c) && is_on(c, network.id);
            });
            if (world_.swarm_manager || on) world_.host.networks.push_back(network);
        }
    }
    static bool is_on(const ObservedContainer& container, const NetworkId& id) {
        return std::any_of(container.attachments.begin(), container.attachments.end(),
                           [&](const Attachment& at) { return at.network_id == id; });
    }

    std::set<std::uint16_t> ports_of(const std::optional<OwnerLabels>& owner) const {
        std::set<std::uint16_t> ports;
        if (!owner || !world_.app.services.contains(owner->instance.service)) return ports;
        for (const PortSpec& port : world_.app.services.at(owner->instance.service).ports) {
            if (port.published != 0) ports.insert(port.published);
        }
        return ports;
    }

    Refusal run(const CreateNetwork& a) {
        if (network(a.spec.name) != nullptr) return "network exists";
        const std::string id = "net-" + std::to_string(++serial_);
        ObservedNetwork made{NetworkId(id), a.spec.name, owner_from_labels(a.spec.labels)};
        made.swarm = a.spec.driver == "overlay";
        if (!made.swarm) {
            world_.host.networks.push_back(std::move(made));
            return {};
        }
        if (!world_.swarm_manager) return "not a manager";
        if (!a.spec.attachable) return "of no use to containers";
        made.id = swarm_network_id(id);
        world_.swarm[made.name] = std::move(made);
        return {};
    }
    Refusal run(const RemoveNetwork& a) {
        const auto shared = std::find_if(world_.swarm.begin(), world_.swarm.end(),
                                         [&](const auto& n) { return n.second.id == a.id; });
        if (shared != world_.swarm.end()) {
            if (!world_.swarm_manager) return "not a manager";
            world_.swarm.erase(shared);
        }
        for (const ObservedContainer& container : world_.host.containers) {
            for (const Attachment& at : container.attachments) {
                if (at.network_id == a.id) return "network in use";
            }
        }
        std::erase_if(world_.host.networks, [&](const auto& n) { return n.id == a.id; });
        return {};
    }
    Refusal run(const CreateVolume& a) {
        world_.host.volumes.push_back({a.spec.name, owner_from_labels(a.spec.labels)});
        return {};
    }
    Refusal run(const PullImage& a) {
        world_.host.images[a.image] = image_id(a.image);
        return {};
    }
    Refusal run(const CreateContainer& a) {
        if (world_.host.names.contains(a.name)) return "name taken: " + a.name;
        if (!world_.host.images.contains(a.config.image)) return "no such image";
        ObservedContainer container;
        container.id = ContainerId("new-" + std::to_string(++serial_));
        container.name = a.name;
        container.owner = owner_from_labels(a.config.labels);
        container.image_id = world_.host.images.at(a.config.image);
        container.created_at = world_.now + nanoseconds(serial_);
        container.hosts_path = "/engine/" + container.id.str() + "/hosts";
        for (const ContainerMount& mount : a.config.mounts) {
            if (mount.kind != MountKind::project) continue;
            container.mounts.push_back({"", mount.target, mount.source});
        }
        const auto& networks = a.config.networks;
        const std::string first = networks.empty() ? "bridge" : networks.front().network;
        if (reachable(first) == nullptr) return "no network " + first;
        // The swarm is asked at the start only.
        const bool known = network(first) != nullptr && !network(first)->swarm;
        container.attachments.push_back({first, known ? network(first)->id : NetworkId(), ""});
        created_[a.instance] = container.id;
        ports_[container.id] = ports_of(container.owner);
        world_.host.names[a.name] = container.id;
        world_.host.containers.push_back(std::move(container));
        return {};
    }
    Refusal run(const WriteFiles& a) {
        const ObservedContainer* container = find(a.instance, a.id);
        if (container == nullptr) return "no container";
        if (container->state != ContainerState::created) return "files for one that has run";
        return {};
    }
    Refusal run(const ConnectNetwork& a) {
        ObservedContainer* container = find(a.instance, a.id);
        if (container == nullptr) return "no container";
        const ObservedNetwork* joined = reachable(a.network.network);
        if (joined == nullptr) return "no network";
        const bool up = container->state == ContainerState::running;
        const bool known = up || !joined->swarm;
        container->attachments.push_back(
            {a.network.network, known ? joined->id : NetworkId(), up ? next_address() : ""});
        return {};
    }
    Refusal run(const StartContainer& a) {
        ObservedContainer* container = find(a.instance, a.id);
        if (container == nullptr) return "no container";
        if (container->state == ContainerState::dead) return "dead";
        for (const Attachment& at : container->attachments) {
            const ObservedNetwork* found = reachable(at.network);
            if (found == nullptr) return "network gone";
            if (at.network_id.empty() || at.network_id == found->id || !found->swarm) continue;
            const std::string& id = at.network_id.str();
            container->error = "rpc error: code = NotFound desc = network " + id + " not found";
            return made_anew;
        }
        for (const ObservedMount& mount : container->mounts) {
            if (!mount.source.empty() && !holds(mount.source)) return "bind source does not exist";
        }
        for (const ObservedContainer& other : world_.host.containers) {
            if (other.id == container->id || !is_up(other)) continue;
            for (const std::uint16_t port : ports_[container->id]) {
                if (!ports_[other.id].contains(port)) continue;
                const bool same = other.owner->instance == container->owner->instance;
                return same ? "port in use" : port_of_another;
            }
        }
        set_running(*container);
        return {};
    }
    Refusal run(const UnpauseContainer& a) {
        ObservedContainer* container = find(a.instance, a.id);
        if (container == nullptr) return "no container";
        container->state = ContainerState::running;
        world_.host.hosts_blocks.try_emplace(container->id, "");
        return {};
    }
    Refusal run(const StopContainer& a) {
        ObservedContainer* container = find(a.instance, a.id);
        if (container == nullptr) return "no container";
        container->state = ContainerState::exited;
        container->finished_at = world_.now;
        for (Attachment& at : container->attachments)
            at.address.clear();
        return {};
    }
    Refusal run(const RestartContainer& a) {
        ObservedContainer* container = find(a.instance, a.id);
        if (container == nullptr) return "no container";
        set_running(*container);
        return {};
    }
    Refusal run(const SignalContainer& a) {
        return find(a.instance, a.id) == nullptr ? Refusal("no container") : std::nullopt;
    }
    Refusal run(const RemoveContainer& a) {
        const ObservedContainer* container = find(a.instance, a.id);
        if (container == nullptr) return "no container";
        if (is_up(*container)) return "it runs";
        erase(a.id);
        return {};
    }
    Refusal run(const RenameContainer& a) {
        ObservedContainer* container = find(a.instance, a.id);
        if (container == nullptr) return "no container";
        if (world_.host.names.contains(a.name)) return "name taken: " + a.name;
        world_.host.names.erase(container->name);
        world_.host.names[a.name] = container->id;
        container->name = a.name;
        return {};
    }
    Refusal run(const WriteHosts& a) {
        const ObservedContainer* container = find(a.instance, a.id);
        if (container == nullptr || container->hosts_path != a.hosts_path) return "no hosts file";
        world_.host.hosts_blocks[a.id] = a.block;
        return {};
    }

    Refusal run(const RunHooks& a) {
        const ObservedContainer* container = find(a.instance, a.id);
        if (container == nullptr || !is_up(*container)) return "no container that runs";
        return {};
    }
    Refusal run(const WriteFolder& a) {
        world_.host.folders.insert(a.digest);
        return {};
    }
    Refusal run(const RemoveFolder& a) {
        for (const ObservedContainer& container : world_.host.containers) {
            for (const ObservedMount& mount : container.mounts) {
                if (mount.source.starts_with(a.path)) return "a container uses these files";
            }
        }
        world_.host.folders.erase(a.digest);
        return {};
    }

    /// Whether a host path is that of a project folder that is there.
    bool holds(const std::string& path) const {
        const std::string below = path.substr(world_.folders_path.size() + 1);
        return world_.host.folders.contains(below.substr(0, below.find('/')));
    }
    static bool is_up(const ObservedContainer& container) {
        return container.state == ContainerState::running ||
               container.state == ContainerState::paused ||
               container.state == ContainerState::restarting;
    }
    void set_running(ObservedContainer& container) {
        container.state = ContainerState::running;
        container.health = Health::none;
        container.started_at = world_.now;
        for (Attachment& at : container.attachments) {
            at.address = next_address();
            at.network_id = reachable(at.network)->id;
        }
        world_.host.hosts_blocks[container.id] = "";
    }
    std::string next_address() { return "10.1.0." + std::to_string(++serial_); }
    void erase(ContainerId id) {
        std::erase_if(world_.host.containers, [&](const auto& c) { return c.id == id; });
        std::erase_if(world_.host.names, [&](const auto& n) { return n.second == id; });
        world_.host.hosts_blocks.erase(id);
    }

    World& world_;
    std::map<InstanceId, ContainerId> created_;
    std::map<ContainerId, std::set<std::uint16_t>> ports_;
    int serial_ = 0;
};

}  // namespace nap::test
