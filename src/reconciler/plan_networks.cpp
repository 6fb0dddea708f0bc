#include <algorithm>
#include <tuple>

#include "reconciler/container_config.hpp"
#include "reconciler/network_scope.hpp"
#include "reconciler/plan_draft.hpp"

namespace nap {

namespace {

using Networks = std::vector<const ObservedNetwork*>;

/// All of this name, in order of id: an engine may have several.
Networks networks_named(const PlanDraft& draft, const std::string& name) {
    Networks found;
    for (const ObservedNetwork& network : draft.in.observed.networks) {
        if (network.name == name) found.push_back(&network);
    }
    std::sort(found.begin(), found.end(),
              [](const auto* a, const auto* b) { return a->id < b->id; });
    return found;
}

bool is_attached_to(const PlanDraft& draft, const NetworkId& id) {
    const auto& all = draft.in.observed.containers;
    return std::any_of(all.begin(), all.end(), [&](const ObservedContainer& container) {
        const auto& on = container.attachments;
        return std::any_of(on.begin(), on.end(),
                           [&](const Attachment& a) { return a.network_id == id; });
    });
}

/// Makes room for another network of this name.
Readiness remove_first(PlanDraft& draft, const ObservedNetwork& network, const std::string& cause) {
    if (draft.hold("network " + network.name, cause)) return {.ok = false};
    Readiness removal = provide(draft, RemoveNetwork{network.id, network.name}, cause);
    removal.ok = false;
    return removal;
}

/// An engine may still carry out a creation whose caller is gone when the next one has looked and
/// created its own. One of ours that nothing is on then goes; the last to do so is kept. Never one
/// of the swarm's: who is on it elsewhere does not show here.
Readiness drop_double(PlanDraft& draft, const std::string& object, const Networks& doubles) {
    const bool all_ours = std::all_of(doubles.begin(), doubles.end(), [&](const auto* network) {
        return draft.is_ours(network->owner);
    });
    const auto unused = std::find_if(doubles.rbegin(), doubles.rend(), [&](const auto* network) {
        return !network->swarm && !is_attached_to(draft, network->id);
    });
    if (!all_ours || unused == doubles.rend()) {
        return refuse(draft, object,
                      "the engine has several networks of this name; remove all but one");
    }
    return remove_first(draft, **unused, "another of this name is there too");
}

/// A bridge from before the app's networks became the swarm's. While all of the app is on this host
/// it does as well as what would take its place.
Readiness outlived_bridge(PlanDraft& draft, const std::string& object,
                          const ObservedNetwork& network) {
    if (!is_attached_to(draft, network.id)) {
        return remove_first(draft, network,
                            "it ends at this host, and the app's networks no "
                            "longer do");
    }
    if (!draft.in.elsewhere) return {};
    return refuse(draft, object,
                  "is a bridge that ends at this host, made before the app's networks became the "
                  "swarm's; give it another `name:` to move the containers over to one that all "
                  "hosts share");
}

Readiness check_network(PlanDraft& draft, const NetworkSpec& declared, const Networks& found) {
    const std::string object = "network " + declared.name;
    if (found.size() > 1) return drop_double(draft, object, found);
    const ObservedNetwork& network = *found.front();
    if (declared.external) return {};
    if (!draft.is_ours(network.owner)) {
        return refuse(draft, object,
                      "a network of this name exists that this app does not own; remove it, or "
                      "declare it `external: true` to use it as it is");
    }
    if (network.owner->config_hash != config_hash(declared)) {
        return refuse(draft, object,
                      "its settings in the manifest have changed, and a network cannot be changed "
                      "while in use; give it another `name:` to move the containers over");
    }
    if (is_overlay(declared, draft.in.scope) && !network.swarm) {
        return outlived_bridge(draft, object, network);
    }
    return {};
}

/// Engines that are not managers list a network of the swarm only while a container of theirs is on
/// it, and still start containers on it by its name.
bool may_be_unseen(const PlanDraft& draft, const NetworkSpec& declared) {
    if (draft.in.swarm_manager) return false;
    const bool maybe_overlay = declared.external && draft.in.scope == NetworkScope::overlay;
    return maybe_overlay || is_overlay(declared, draft.in.scope);
}

/// The swarm names its networks by 25 letters and digits, an engine its own by 64 hex digits.
bool is_swarm_id(const NetworkId& id) {
    const std::string& text = id.str();
    return text.size() == 25 &&
           text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz") == std::string::npos;
}

/// The engine's own network: found by name at each start, as its id changes with each engine start.
constexpr char default_bridge[] = "bridge";

}  // namespace

std::size_t count_networks(const PlanDraft& draft, const std::string& name) {
    return networks_named(draft, name).size();
}

Readiness need_network(PlanDraft& draft, const std::string& key) {
    const NetworkSpec& declared = draft.in.app.networks.at(key);
    const Networks found = networks_named(draft, declared.name);
    if (!found.empty()) return check_network(draft, declared, found);
    if (may_be_unseen(draft, declared)) return {};
    if (declared.external) {
        return refuse(draft, "network " + declared.name,
                      "is external and does not exist on this host; create it");
    }
    NetworkSpec spec = resolve_scope(declared, draft.in.scope);
    add_network_labels(spec.labels, {draft.in.cluster, draft.in.app.app, draft.in.revision}, key,
                       config_hash(declared));
    return provide(draft, CreateNetwork{std::move(spec)});
}

bool lost_a_network(const PlanDraft& draft, const ObservedContainer& container) {
    const auto lost = [&](const Attachment& on) {
        if (on.network == default_bridge || on.network_id.empty()) return false;
        const auto& all = draft.in.observed.networks;
        const bool listed = std::any_of(all.begin(), all.end(), [&](const ObservedNetwork& n) {
            return n.id == on.network_id;
        });
        if (listed || !is_swarm_id(on.network_id)) return !listed;
        // A worker does not list what none of its containers is on, and a manager lists nothing of
        // the swarm's while that has no leader. What the swarm said at the last start counts.
        const std::string denial = "NotFound desc = network " + on.network_id.str() + " not found";
        return container.error.find(denial) != std::string::npos;
    };
    return std::any_of(container.attachments.begin(), container.attachments.end(), lost);
}

bool uses_network(const PlanDraft& draft, const std::string& name) {
    for (const InstanceId& instance : draft.in.instances) {
        for (const ServiceNetwork& used : draft.in.app.services.at(instance.service).networks) {
            if (draft.in.app.networks.at(used.network).name == name) return true;
        }
    }
    return false;
}

void plan_shared_networks(PlanDraft& draft) {
    if (draft.in.remove && !draft.in.elsewhere) return;
    std::set<std::string> used;
    for (const auto& [name, service] : draft.in.app.services) {
        for (const ServiceNetwork& network : service.networks)
            used.insert(network.network);
    }
    for (const std::string& key : used) {
        const NetworkSpec& declared = draft.in.app.networks.at(key);
        const bool wanted = draft.in.elsewhere || uses_network(draft, declared.name);
        if (wanted && is_overlay(declared, draft.in.scope)) need_network(draft, key);
    }
}

void plan_unused_networks(PlanDraft& draft) {
    std::vector<ObservedNetwork> networks = draft.in.observed.networks;
    std::sort(networks.begin(), networks.end(), [](const auto& a, const auto& b) {
        return std::tie(a.name, a.id) < std::tie(b.name, b.id);
    });
    for (const ObservedNetwork& network : networks) {
        if (!draft.is_ours(network.owner) || uses_network(draft, network.name)) continue;
        if (network.swarm && (draft.in.elsewhere || !draft.in.swarm_manager)) continue;
        const std::string object = "network " + network.name;
        const std::string cause =
            draft.in.remove ? "the app is removed" : "no service here uses it";
        std::vector<std::size_t> after;
        bool in_use = false;
        for (const ObservedContainer& container : draft.in.observed.containers) {
            const bool attached =
                std::any_of(container.attachments.begin(), container.attachments.end(),
                            [&](const Attachment& a) { return a.network == network.name; });
            if (!attached) continue;
            const auto removal = draft.removals.find(container.id);
            if (removal == draft.removals.end()) {
                in_use = true;
            } else {
                after.push_back(removal->second);
            }
        }
        if (draft.hold(object, cause)) continue;
        if (in_use) {
            draft.wait(object, "waits until no container of the app is on it");
        } else if (!draft.held_back(object)) {
            draft.add(RemoveNetwork{network.id, network.name}, std::move(after), cause);
        }
    }
}

}  // namespace nap
