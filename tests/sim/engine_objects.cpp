// What else the simulated engine holds: networks, volumes, images, events, and its own life.

#include <fmt/core.h>

#include <algorithm>

#include "sim/engine_state.hpp"

namespace nap::sim {

namespace {

using std::chrono::seconds;

constexpr std::size_t ring_max = 256;
constexpr int subnets_max = 31;

}  // namespace

EngineState::EngineState(Options options) : o_(std::move(options)) {
    for (const char* name : {"bridge", "host", "none"}) {
        const NetworkId id(hex_id());
        networks_[id] = {{id, name, std::nullopt}, name, ++subnets_, o_.kernel.now()};
    }
}

std::vector<ObservedNetwork> EngineState::networks() const {
    std::vector<ObservedNetwork> list;
    for (const auto& [id, network] : networks_)
        list.push_back(network.seen);
    return list;
}

std::vector<ObservedVolume> EngineState::volumes() const {
    std::vector<ObservedVolume> list;
    for (const auto& [name, volume] : volumes_)
        list.push_back(volume);
    return list;
}

std::optional<ImageId> EngineState::image(const std::string& reference) const {
    const auto found = images_.find(reference);
    if (found == images_.end()) return std::nullopt;
    return found->second;
}

EngineState::Network* EngineState::find_network(const std::string& name_or_id) {
    const auto by_id = networks_.find(NetworkId(name_or_id));
    if (by_id != networks_.end()) return &by_id->second;
    for (auto& [id, network] : networks_) {
        if (network.seen.name == name_or_id) return &network;
    }
    return nullptr;
}

Result<void> EngineState::attach(SimContainer& container, bool told) {
    for (Attachment& attachment : container.seen.attachments) {
        // A network of one's own is found by its id, the engine's own by its name.
        const bool by_id = !attachment.network_id.empty() && attachment.network != "bridge";
        const Network* network =
            find_network(by_id ? attachment.network_id.str() : attachment.network);
        if (network == nullptr) {
            return Error{Errc::internal,
                         "start_container: network " + attachment.network + " not found"};
        }
        attachment.network_id = network->seen.id;
        const int n = ++addresses_;
        attachment.address =
            fmt::format("10.{}.{}.{}", network->subnet, n / 250 % 250, n % 250 + 2);
        write_hosts(container);
        if (told) emit("container", "connect", container.seen.id.str(), "", {});
    }
    return {};
}

void EngineState::detach(SimContainer& container) {
    container.seen.ports.clear();
    for (Attachment& attachment : container.seen.attachments) {
        if (attachment.address.empty()) continue;
        attachment.address.clear();
        emit("container", "disconnect", container.seen.id.str(), "", {});
    }
}

Result<void> EngineState::bind_ports(SimContainer& container) {
    std::vector<PortSpec> bound = container.config.ports;
    std::uint16_t chosen = 32768;
    for (PortSpec& port : bound) {
        const bool choose = port.published == 0;
        if (choose) port.published = chosen;
        const auto taken = [&] {
            for (const auto& [id, other] : containers_) {
                for (const PortSpec& used : other.seen.ports) {
                    if (used.published == port.published && used.protocol == port.protocol) {
                        return true;
                    }
                }
            }
            return false;
        };
        while (choose && taken())
            port.published = ++chosen;
        if (!choose && taken()) {
            return Error{Errc::internal, fmt::format("start_container: Bind for 0.0.0.0:{} failed: "
                                                     "port is already allocated",
                                                     port.published)};
        }
        chosen = static_cast<std::uint16_t>(chosen + (choose ? 1 : 0));
    }
    container.seen.ports = std::move(bound);
    return {};
}

void EngineState::connect(const std::string& by, const ContainerId& id,
                          const ContainerNetwork& network, Reply<void> reply) {
    Operation operation;
    operation.begin = [this, by,
                       network](SimContainer& c) -> std::variant<Result<void>, nanoseconds> {
        Network* joined = find_network(network.network);
        const bool running = c.seen.state == ContainerState::running;
        // Of one that does not run only the wish is noted; a start finds out.
        if (joined == nullptr && running) {
            return Result<void>(Error{
                Errc::not_found, "connect_network: network " + network.network + " not found"});
        }
        auto& on = c.seen.attachments;
        const auto same = std::find_if(on.begin(), on.end(), [&](const Attachment& a) {
            return a.network == network.network;
        });
        if (same != on.end() && running) {
            return Result<void>(Error{Errc::conflict, "endpoint already exists in network"});
        }
        told(by, "connect", c);
        if (same != on.end()) on.erase(same);
        on.push_back({network.network, running ? joined->seen.id : NetworkId(), ""});
        if (running) {
            const int n = ++addresses_;
            on.back().address =
                fmt::format("10.{}.{}.{}", joined->subnet, n / 250 % 250, n % 250 + 2);
            emit("container", "connect", c.seen.id.str(), "", {});
            refresh_line(c.seen.id);
        }
        return Result<void>{};
    };
    operate(id, std::move(operation), std::move(reply));
}

Result<void> EngineState::create_network(const std::string& by, const NetworkSpec& spec) {
    if (find_network(spec.name) != nullptr) {
        return Error{Errc::conflict, "network with name " + spec.name + " already exists"};
    }
    if (networks_.size() >= subnets_max) {
        return Error{Errc::internal, "could not find an available, non-overlapping address pool"};
    }
    const NetworkId id(hex_id());
    Network network{
        {id, spec.name, owner_from_labels(spec.labels)}, spec.driver, ++subnets_, o_.kernel.now()};
    o_.on_mutation({.by = by,
                    .op = "create_network",
                    .object = spec.name,
                    .owner = network.seen.owner,
                    .container = nullptr});
    networks_[id] = std::move(network);
    emit("network", "create", id.str(), spec.name, {});
    return {};
}

Result<void> EngineState::remove_network(const std::string& by, const NetworkId& id) {
    const auto found = networks_.find(id);
    if (found == networks_.end()) return Error{Errc::not_found, "network not found"};
    for (const auto& [container_id, container] : containers_) {
        for (const Attachment& attachment : container.seen.attachments) {
            if (attachment.network_id == id && !attachment.address.empty()) {
                return Error{Errc::conflict, "network has active endpoints"};
            }
        }
    }
    o_.on_mutation({.by = by,
                    .op = "remove_network",
                    .object = found->second.seen.name,
                    .owner = found->second.seen.owner,
                    .container = nullptr});
    const std::string name = found->second.seen.name;
    networks_.erase(found);
    emit("network", "destroy", id.str(), name, {});
    return {};
}

Result<void> EngineState::create_volume(const std::string& by, const VolumeSpec& spec) {
    if (volumes_.contains(spec.name)) {
        emit("volume", "create", spec.name, "", {});
        return {};
    }
    ObservedVolume volume{spec.name, owner_from_labels(spec.labels)};
    o_.on_mutation({.by = by,
                    .op = "create_volume",
                    .object = spec.name,
                    .owner = volume.owner,
                    .container = nullptr});
    volumes_[spec.name] = std::move(volume);
    emit("volume", "create", spec.name, "", {});
    return {};
}

void EngineState::pull(const std::string& by, const std::string& reference, Reply<void> reply) {
    after(o_.kernel.random.between(milliseconds(200), seconds(5)), [this, by, reference, reply] {
        const auto found = pullable_.find(reference);
        if (found == pullable_.end()) {
            return reply(Error{Errc::internal, "pull_image " + reference + ": not found"});
        }
        o_.on_mutation(
            {.by = by, .op = "pull", .object = reference, .owner = {}, .container = nullptr});
        set_image(reference, ImageId(found->second));
        reply(Result<void>{});
    });
}

void EngineState::set_image(const std::string& reference, const ImageId& id) {
    images_[reference] = id;
    if (up_) emit("image", "tag", reference, reference, {});
}

void EngineState::drop_image(const std::string& reference) {
    if (images_.erase(reference) > 0 && up_) emit("image", "untag", reference, reference, {});
}

void EngineState::add_pullable(const std::string& reference, const ImageId& id) {
    pullable_[reference] = id;
}

void EngineState::emit(const SimContainer& container, const std::string& action,
                       std::optional<int> exit_code) {
    emit("container", action, container.seen.id.str(), container.seen.name, container.seen.owner,
         exit_code);
}

void EngineState::emit(const std::string& type, const std::string& action, const std::string& id,
                       const std::string& name, const std::optional<OwnerLabels>& owner,
                       std::optional<int> exit_code) {
    const EngineEvent event{.type = type,
                            .action = action,
                            .id = id,
                            .name = name,
                            .owner = owner,
                            .exit_code = exit_code,
                            .time = o_.wall_time()};
    ring_.push_back(event);
    if (ring_.size() > ring_max) ring_.pop_front();
    Random& random = o_.kernel.random;
    std::erase_if(subscriptions_, [](const auto& weak) { return weak.expired(); });
    for (const auto& weak : subscriptions_) {
        const auto subscription = weak.lock();
        const bool disturbed = random.chance(o_.event_faults());
        if (disturbed && random.chance(500)) continue;  // lost
        nanoseconds delay = random.between(std::chrono::microseconds(50), milliseconds(1));
        if (disturbed) delay = random.between(milliseconds(1), seconds(3));
        o_.kernel.after(delay, [subscription, event] {
            subscription->run->deliver([subscription, event] { subscription->push(event); });
        });
    }
}

std::shared_ptr<Subscription> EngineState::subscribe(const std::shared_ptr<Run>& run,
                                                     TimePoint since) {
    auto subscription = std::make_shared<Subscription>();
    subscription->run = run;
    for (const EngineEvent& event : ring_) {
        if (event.time >= since) subscription->events.push_back(event);
    }
    subscriptions_.push_back(subscription);
    return subscription;
}

void EngineState::make_noise() {
    // Other people's events fill the ring: those not yet read by late listeners are gone.
    ring_.clear();
}

void EngineState::crash(bool containers_live_on) {
    if (!up_) return;
    if (!containers_live_on) {
        for (auto& [id, container] : containers_) {
            const bool up = container.seen.state == ContainerState::running ||
                            container.seen.state == ContainerState::paused;
            if (up) end_run(container, 255);
        }
    }
    up_ = false;
    for (const auto& weak : std::exchange(subscriptions_, {})) {
        const auto subscription = weak.lock();
        if (!subscription) continue;
        subscription->run->deliver([subscription] {
            subscription->closed = true;
            if (subscription->listener != nullptr) subscription->listener->ring();
        });
    }
    for (const auto& [id, cut] : std::exchange(cuts_, {}))
        cut();
}

std::uint64_t EngineState::on_cut(std::function<void()> cut) {
    cuts_.emplace(++serial_, std::move(cut));
    return serial_;
}

void EngineState::boot() {
    if (up_) return;
    up_ = true;
    ++boots_;
    ring_.clear();
    // Creations under way are lost; removals under way leave something the engine calls dead.
    for (auto next = containers_.begin(); next != containers_.end();) {
        SimContainer& container = next->second;
        container.free_at = o_.kernel.now();
        if (!container.listed) {
            names_.erase(container.seen.name);
            next = containers_.erase(next);
            continue;
        }
        if (container.seen.state == ContainerState::removing) {
            container.seen.state = ContainerState::dead;
        }
        ++next;
    }
    for (auto next = networks_.begin(); next != networks_.end(); ++next) {
        if (next->second.seen.name != "bridge") continue;
        auto bridge = networks_.extract(next);
        bridge.key() = NetworkId(hex_id());
        bridge.mapped().seen.id = bridge.key();
        networks_.insert(std::move(bridge));
        break;
    }
    for (auto& [id, container] : containers_) {
        container.fingerprint =
            std::string(to_string(container.seen.state)) + to_string(container.seen.health);
        for (const Attachment& a : container.seen.attachments)
            container.fingerprint += " " + a.network + "=" + a.address;
    }
}

}  // namespace nap::sim
