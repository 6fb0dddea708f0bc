#include "reconciler/brakes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/digest.hpp"

namespace nap {

namespace {

constexpr const char* removal_prefix = "removal-";
constexpr const char* absence_id = "sentinel";
constexpr std::size_t id_digits = 8;

/// The same things have the same id, whoever leads.
std::string id_of(const std::string& prefix, const std::string& about) {
    return prefix + digest(about).substr(0, id_digits);
}

std::string losses_id(const std::vector<NodeId>& lost) {
    std::string names;
    for (const NodeId& node : lost)
        names += node.str() + "\n";
    return id_of("losses-", names);
}

std::string removal_id(const std::vector<AppId>& apps) {
    std::string names;
    for (const AppId& app : apps)
        names += app.str() + "\n";
    return id_of(removal_prefix, names);
}

std::size_t alive_nodes(const ClusterState& state) {
    const auto& nodes = state.nodes().all();
    return static_cast<std::size_t>(std::count_if(
        nodes.begin(), nodes.end(), [](const auto& entry) { return entry.second.alive; }));
}

std::size_t all_instances(const ClusterState& state) {
    std::size_t total = 0;
    for (const auto& [id, view] : state.nodes().all())
        total += static_cast<std::size_t>(view.instances);
    return total;
}

/// Only a manifest that is gone, of an app that still is to run.
bool about_to_go(const ClusterState& state, const AppId& id) {
    const auto found = state.apps().find(id);
    return found != state.apps().end() && !found->second.manifest && found->second.assigned();
}

template <class Names>
std::string joined(const Names& names) {
    std::string text;
    for (const auto& name : names)
        text += (text.empty() ? "" : ", ") + name.str();
    return text;
}

std::vector<AppId> held_for(const ClusterState& state, HeldFor why) {
    std::vector<AppId> apps;
    for (const AppId& id : state.held()) {
        if (state.apps().at(id).held == why) apps.push_back(id);
    }
    return apps;
}

bool approved_before(const ClusterState& state, const AppId& app) {
    return std::any_of(state.holds().begin(), state.holds().end(), [&](const Hold& hold) {
        return state.approved(hold.id) && hold.id.starts_with(removal_prefix) &&
               std::find(hold.apps.begin(), hold.apps.end(), app) != hold.apps.end();
    });
}

bool held_before(const ClusterState& state, const AppId& app) {
    return std::any_of(state.holds().begin(), state.holds().end(), [&](const Hold& hold) {
        return hold.id.starts_with(removal_prefix) &&
               std::find(hold.apps.begin(), hold.apps.end(), app) != hold.apps.end();
    });
}

}  // namespace

std::string older_hold_id(const AppId& app, std::uint64_t manifest_index) {
    return "older:" + app.str() + ":" + std::to_string(manifest_index);
}

std::string orphan_hold_id(const AppId& app) {
    return "orphan:" + app.str();
}

void brake_losses(ClusterState& state, MonotonicTime now) {
    const std::vector<NodeId> lost = state.lost_nodes(now);
    bool held = !lost.empty() && lost.size() * 2 > alive_nodes(state) + lost.size();
    if (held && state.approved(losses_id(lost))) state.give_up(lost);
    // What was approved stays so, although there is ever less to do about it.
    held = held && !std::all_of(lost.begin(), lost.end(),
                                [&](const NodeId& node) { return state.given_up(node); });
    if (held == state.losses_held()) return;
    state.hold_losses(held);
    state.touch_all();
}

void brake_removals(ClusterState& state, const std::set<AppId>& dirty) {
    if (!state.absence_untrusted().empty()) return;
    std::vector<AppId> going;
    std::size_t instances = 0;
    for (const AppId& id : dirty) {
        if (!about_to_go(state, id)) continue;
        if (approved_before(state, id)) {
            state.note_held(id, HeldFor::nothing);
            continue;
        }
        if (held_before(state, id)) {
            state.note_held(id, HeldFor::removal);
            continue;
        }
        going.push_back(id);
        instances += state.apps().at(id).instances();
    }
    if (going.size() < 2 || instances * 2 <= all_instances(state)) return;
    for (const AppId& id : going)
        state.note_held(id, HeldFor::removal);
}

std::vector<Hold> current_holds(const ClusterState& state, MonotonicTime now) {
    std::vector<Hold> holds;
    if (state.losses_held()) {
        const std::vector<NodeId> lost = state.lost_nodes(now);
        holds.push_back(
            {.id = losses_id(lost),
             .what = "failover of " + joined(lost),
             .why = fmt::format("{} of {} nodes were lost at once; that is likelier a fault of the "
                                "network or of Consul. They stay assigned as they are until they "
                                "are back or this is approved",
                                lost.size(), alive_nodes(state) + lost.size()),
             .apps = {}});
    }
    const std::vector<AppId> absent = held_for(state, HeldFor::absence);
    if (!absent.empty()) {
        holds.push_back({.id = absence_id,
                         .what = "removal of " + joined(absent),
                         .why = "manifests are gone, but " + state.absence_untrusted(),
                         .apps = absent});
    }
    const std::vector<AppId> removal = held_for(state, HeldFor::removal);
    if (!removal.empty()) {
        holds.push_back({.id = removal_id(removal),
                         .what = "removal of " + joined(removal),
                         .why = "their manifests went in one step, with more than half of all "
                                "instances. Put them back, or approve",
                         .apps = removal});
    }
    for (const AppId& id : held_for(state, HeldFor::orphan)) {
        holds.push_back({.id = orphan_hold_id(id),
                         .what = "removal of " + id.str(),
                         .why = "a host runs it, but Consul has neither its manifest nor its "
                                "assignment; was a snapshot restored? Put its manifest again, or "
                                "approve its removal",
                         .apps = {id}});
    }
    for (const AppId& id : held_for(state, HeldFor::older)) {
        const AppRecord& app = state.apps().at(id);
        const std::uint64_t index = app.manifest ? app.manifest->modify_index : 0;
        holds.push_back({.id = older_hold_id(id, index),
                         .what = "the manifest of " + id.str(),
                         .why = "hosts have a newer one than Consul; was a snapshot restored? "
                                "Put the right one again, or approve this one",
                         .apps = {id}});
    }
    return holds;
}

}  // namespace nap
