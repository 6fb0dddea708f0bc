#include "reconciler/hosts_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace nap {

namespace {

/// One that may be led to: a container here, or an instance on another host.
struct Target {
    std::string name;
    std::string address;
    TimePoint started_at{};
};

/// The address that `source` can reach: on the first network it shares with `target`.
std::string shared_address(const ObservedContainer& source, const ObservedContainer& target) {
    for (const Attachment& from : source.attachments) {
        for (const Attachment& to : target.attachments) {
            if (from.network == to.network && !to.address.empty()) return to.address;
        }
    }
    return {};
}

std::string shared_address(const ObservedContainer& source, const Peer& target) {
    for (const Attachment& from : source.attachments) {
        const auto to = target.addresses.find(from.network);
        if (to != target.addresses.end() && !to->second.empty()) return to->second;
    }
    return {};
}

/// Whether `instance` is about to have another address.
bool is_between_states(const PlanDraft& draft, const InstanceId& instance) {
    const auto readiness = draft.running.find(instance);
    if (readiness != draft.running.end() && readiness->second.step) return true;
    const std::string object = to_string(instance);
    return draft.in.busy.contains(object) || draft.is_waiting(object);
}

/// Instances of `service` on other hosts that `container` can reach. One that is meant to be here
/// by now counts as gone from there.
std::vector<Target> peers_of(const PlanDraft& draft, const ObservedContainer& container,
                             const std::string& service) {
    std::vector<Target> found;
    for (const Peer& peer : draft.in.peers) {
        if (peer.instance.service != service || draft.desired(peer.instance)) continue;
        std::string address = shared_address(container, peer);
        if (!address.empty()) found.push_back({peer.name, std::move(address), {}});
    }
    return found;
}

/// All instances of `service` that `container` can reach; nullopt while one here is between states.
std::optional<std::vector<Target>> targets_of(const PlanDraft& draft,
                                              const ObservedContainer& container,
                                              const std::string& service) {
    std::vector<Target> found = peers_of(draft, container, service);
    for (const InstanceId& instance : draft.in.instances) {
        if (instance.service != service) continue;
        if (is_between_states(draft, instance)) return std::nullopt;
        const ObservedContainer* other = running_container(draft, instance);
        if (other == nullptr) continue;
        std::string address = shared_address(container, *other);
        if (address.empty()) continue;
        found.push_back({other->name, std::move(address), other->started_at});
    }
    return found;
}

/// A bridge of the app's own, of which each host has one: the engine's DNS knows only what is here.
bool is_bridge_of_each_host(const PlanDraft& draft, const ServiceNetwork& used) {
    const NetworkSpec& network = draft.in.app.networks.at(used.network);
    if (network.external) return false;
    if (network.driver.empty()) return draft.in.scope != NetworkScope::overlay;
    return network.driver == "bridge";
}

bool has_neighbours(const PlanDraft& draft, const ServiceSpec& service) {
    const bool wants = service.relink == Relink::automatic || service.relink == Relink::hosts;
    return wants &&
           std::any_of(service.networks.begin(), service.networks.end(),
                       [&](const auto& used) { return is_bridge_of_each_host(draft, used); });
}

void add_once(std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

/// What DNS would call an instance of `other` for `service`, without its container's name.
std::string names_of(const AppSpec& app, const ServiceSpec& service, const std::string& other) {
    std::vector<std::string> names;
    for (const LinkSpec& link : service.links) {
        if (link.service == other) add_once(names, link.alias);
    }
    add_once(names, other);
    for (const ServiceNetwork& theirs : app.services.at(other).networks) {
        const bool shared =
            std::any_of(service.networks.begin(), service.networks.end(),
                        [&](const ServiceNetwork& own) { return own.network == theirs.network; });
        if (!shared) continue;
        for (const std::string& alias : theirs.aliases)
            add_once(names, alias);
    }
    return fmt::format("{}", fmt::join(names, " "));
}

/// Lines in the making.
class Block {
  public:
    void add(const std::string& names, const Target& target) {
        lines_.push_back(fmt::format("{}\t{} {}\n", target.address, names, target.name));
    }
    [[nodiscard]] std::string text() {
        std::sort(lines_.begin(), lines_.end());
        lines_.erase(std::unique(lines_.begin(), lines_.end()), lines_.end());
        return fmt::format("{}", fmt::join(lines_, ""));
    }

  private:
    std::vector<std::string> lines_;
};

std::set<std::string> lines_for(const ServiceSpec& service, const std::string& text) {
    std::set<std::string> found;
    std::istringstream all(text);
    for (std::string line; std::getline(all, line);) {
        std::istringstream words(line);
        for (std::string word; words >> word;) {
            const bool linked =
                std::any_of(service.links.begin(), service.links.end(),
                            [&](const LinkSpec& link) { return link.service == word; });
            if (linked) found.insert(line);
        }
    }
    return found;
}

}  // namespace

bool links_by_hosts(const ServiceSpec& service) {
    if (service.links.empty()) return false;
    if (service.relink == Relink::automatic) return service.networks.empty();
    return service.relink == Relink::hosts;
}

const ObservedContainer* running_container(const PlanDraft& draft, const InstanceId& instance) {
    for (const ObservedContainer* container : draft.containers_of(instance)) {
        const bool leaves = draft.removals.contains(container->id);
        if (container->state == ContainerState::running && !leaves) return container;
    }
    return nullptr;
}

std::optional<HostsLines> hosts_lines(const PlanDraft& draft, const ObservedContainer& container,
                                      const ServiceSpec& service) {
    HostsLines result;
    Block block;
    for (const LinkSpec& link : service.links) {
        if (!links_by_hosts(service)) break;
        const auto targets = targets_of(draft, container, link.service);
        if (!targets) return std::nullopt;
        const bool renamed = link.alias != link.service;
        for (const Target& target : *targets) {
            block.add(renamed ? link.alias + " " + link.service : link.service, target);
            result.newest_start = std::max(result.newest_start, target.started_at);
        }
    }
    for (const auto& [name, other] : draft.in.app.services) {
        if (!has_neighbours(draft, service)) break;
        if (peers_of(draft, container, name).empty()) continue;
        const auto targets = targets_of(draft, container, name);
        if (!targets) return std::nullopt;
        const std::string names = names_of(draft.in.app, service, name);
        for (const Target& target : *targets)
            block.add(names, target);
    }
    result.text = block.text();
    return result;
}

bool links_differ(const ServiceSpec& service, const std::string& before, const std::string& after) {
    return lines_for(service, before) != lines_for(service, after);
}

}  // namespace nap
