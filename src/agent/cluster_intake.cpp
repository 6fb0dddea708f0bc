// The reading side of the cluster controller: what KV holds becomes what the planner looks at.

#include <spdlog/spdlog.h>

#include <algorithm>

#include "agent/cluster_controller.hpp"
#include "clients/json_codec.hpp"
#include "manifest/parse.hpp"
#include "reconciler/digest.hpp"

namespace nap {

namespace {

/// No cluster has counted so far; whoever writes more must not make the count run over.
constexpr std::uint64_t epoch_max = std::uint64_t{1} << 53;

std::string trimmed(const std::string& text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    return end == std::string::npos ? std::string() : text.substr(0, end + 1);
}

ManifestError whole_file_error(const std::string& file, std::string message) {
    return {.file = file, .line = 1, .column = 1, .path = "", .message = std::move(message)};
}

}  // namespace

void ClusterController::take_manifests(const KvListing& listing) {
    const std::string sentinel = parts_.keys.apps_sentinel();
    const std::string& cluster = state_.settings().cluster.str();
    std::string untrusted = "the key " + sentinel + " is missing; was " + parts_.keys.apps() +
                            " deleted as a whole, or may this token not read it? Confirm with: "
                            "nap approve, or consul kv put " +
                            sentinel + " " + cluster;
    std::map<std::string, Manifest> before = std::exchange(by_key_, {});
    std::map<AppId, Manifest> manifests;
    for (const KvEntry& entry : listing.entries) {
        if (entry.key == sentinel) {
            untrusted =
                trimmed(entry.value) == cluster
                    ? std::string()
                    : "the key " + sentinel + " names another cluster; this one is " + cluster;
            continue;
        }
        const auto known = before.find(entry.key);
        if (known != before.end() && known->second->modify_index == entry.modify_index) {
            by_key_[entry.key] = std::move(known->second);
        }
        take_manifest(entry, manifests);
    }
    state_.set_absence_untrusted(std::move(untrusted));
    std::vector<AppId> gone;
    for (const auto& [id, app] : state_.apps()) {
        if (app.manifest && !manifests.contains(id)) gone.push_back(id);
    }
    for (const AppId& id : gone)
        state_.set_manifest(id, nullptr);
    for (auto& [id, manifest] : manifests) {
        const auto found = state_.apps().find(id);
        const bool same = found != state_.apps().end() && found->second.manifest == manifest;
        if (!same) state_.set_manifest(id, std::move(manifest));
    }
}

void ClusterController::take_manifest(const KvEntry& entry, std::map<AppId, Manifest>& manifests) {
    const std::string name = entry.key.substr(parts_.keys.apps().size());
    if (name.empty() || name.back() == '/') return;  // what UIs write to show a folder
    const AppKey key = parse_app_key(name);
    if (const auto problem = app_name_problem(key.app)) {
        auto& said = bad_names_[entry.key];
        if (said != entry.modify_index) {
            spdlog::error("{} is not used: \"{}\" cannot be an app's name: {}", entry.key, key.app,
                          *problem);
        }
        said = entry.modify_index;
        return;
    }
    const auto [known, fresh] = by_key_.try_emplace(entry.key);
    if (fresh) known->second = read_manifest(entry, key);
    const auto [place, first] = manifests.try_emplace(AppId(key.app), known->second);
    if (first) return;
    ManifestState several = *place->second;
    several.modify_index = std::max(several.modify_index, entry.modify_index);
    several.errors = {whole_file_error(key.file, "app " + key.app + " has several keys, " +
                                                     several.text.file + " and " + key.file +
                                                     "; delete all but one")};
    several.spec.reset();
    place->second = std::make_shared<const ManifestState>(std::move(several));
}

Manifest ClusterController::read_manifest(const KvEntry& entry, const AppKey& key) {
    ManifestState state{.text = {.file = key.file, .text = entry.value},
                        .modify_index = entry.modify_index,
                        .revision = RevisionId(digest(entry.value))};
    if (key.file.find('/') != std::string::npos) {
        state.errors = {whole_file_error(
            key.file, "a manifest in a folder is not supported yet; put it into the one key " +
                          parts_.keys.apps() + key.app)};
    } else {
        ParsedManifest parsed = parse_manifest(AppId(key.app), state.text);
        state.spec = std::move(parsed.spec);
        state.errors = std::move(parsed.errors);
    }
    return std::make_shared<const ManifestState>(std::move(state));
}

void ClusterController::take_reports(const KvListing& listing) {
    std::map<std::string, std::uint64_t> before = std::exchange(report_index_, {});
    for (const KvEntry& entry : listing.entries) {
        report_index_[entry.key] = entry.modify_index;
        const auto known = before.find(entry.key);
        const bool same = known != before.end() && known->second == entry.modify_index;
        if (known != before.end()) before.erase(known);
        if (same) continue;
        const auto report = decode_host_report(entry.value);
        if (!report) {
            spdlog::warn("{} is not used: {}", entry.key, report.error().message);
        } else if (entry.key == parts_.keys.observed(report->node, report->app)) {
            state_.set_report(*report);
            if (report->newer_epoch <= epoch_max) {
                newest_epoch_ = std::max(newest_epoch_, report->newer_epoch);
            }
        }
    }
    for (const auto& [key, index] : before) {
        const std::string rest = key.substr(parts_.keys.observed().size());
        const std::size_t slash = rest.find('/');
        if (slash == std::string::npos) continue;
        state_.drop_report(NodeId(rest.substr(0, slash)), AppId(rest.substr(slash + 1)));
    }
}

void ClusterController::take_nodes(const KvListing& listing) {
    const MonotonicTime now = parts_.clock.monotonic();
    if (std::exchange(nodes_unread_, false)) state_.note_recovery(now);
    std::set<NodeId> there;
    std::map<std::string, int> by_state{{"ready", 0}, {"engine-down", 0}, {"lost", 0}};
    for (const KvEntry& entry : listing.entries) {
        const auto node = decode_node_record(entry.value);
        if (!node || entry.key != parts_.keys.node(node->node)) continue;
        there.insert(node->node);
        by_state[node->state] += 1;
        state_.set_node(*node, now);
    }
    std::vector<NodeId> gone;
    for (const auto& [id, view] : state_.nodes().all()) {
        if (!there.contains(id)) gone.push_back(id);
    }
    // A read that ended without a change tells nothing new of those that are gone.
    const bool changed = std::exchange(nodes_index_, listing.index) != listing.index;
    for (const NodeId& id : gone) {
        if (changed) state_.drop_node(id, now);
    }
    by_state["lost"] = static_cast<int>(state_.nodes().all().size() - there.size());
    parts_.metrics.nodes(by_state);
}

void ClusterController::take_controls(const KvListing& listing) {
    std::set<NodeId> draining;
    for (const KvEntry& entry : listing.entries) {
        const auto control = decode_node_control(entry.value);
        if (control && control->draining) {
            draining.insert(NodeId(entry.key.substr(parts_.keys.controls().size())));
        }
    }
    state_.set_draining(std::move(draining));
}

void ClusterController::take_requests(const KvListing& listing) {
    std::set<std::string> approved;
    bool rebalance = false;
    for (const KvEntry& entry : listing.entries) {
        if (entry.key == parts_.keys.rebalance()) rebalance = true;
        if (entry.key != parts_.keys.approved()) continue;
        auto ids = decode_approvals(entry.value);
        if (ids) approved = std::move(*ids);
    }
    state_.set_approved(std::move(approved));
    state_.request_rebalance(rebalance);
}

void ClusterController::take_orders(const KvListing& listing) {
    std::set<std::pair<NodeId, AppId>> there;
    std::map<AppId, Assignment> newest;
    for (const KvEntry& entry : listing.entries) {
        auto assignment = decode_assignment(entry.value);
        if (!assignment) continue;
        const std::string path = entry.key.substr(parts_.keys.assigned().size());
        const NodeId node(path.substr(0, path.find('/')));
        const AppId app = assignment->app;
        if (entry.key != parts_.keys.assigned(node, app)) continue;
        there.emplace(node, app);
        auto& best = newest[app];
        const bool better = assignment->lives() &&
                            (best.app.empty() || assignment->manifest_index > best.manifest_index);
        if (better) best = *assignment;
        state_.set_orders(node, std::move(*assignment));
    }
    std::vector<std::pair<NodeId, AppId>> gone;
    for (const auto& [id, app] : state_.apps()) {
        for (const auto& [node, order] : app.orders) {
            if (!there.contains({node, id})) gone.emplace_back(node, id);
        }
    }
    for (const auto& [node, id] : gone)
        state_.drop_orders(node, id);
    for (auto& [id, assignment] : newest) {
        const auto found = state_.apps().find(id);
        const Manifest& known = found->second.in_force;
        const bool same = known && known->revision == assignment.revision &&
                          known->modify_index == assignment.manifest_index;
        if (same || assignment.app.empty()) continue;
        ManifestState state{.text = std::move(assignment.manifest),
                            .modify_index = assignment.manifest_index,
                            .revision = assignment.revision};
        state.spec = parse_manifest(id, state.text).spec;
        state_.set_in_force(id, std::make_shared<const ManifestState>(std::move(state)));
    }
}

void ClusterController::take_statuses(const KvListing& listing) {
    std::set<AppId> there;
    for (const KvEntry& entry : listing.entries) {
        const AppId app(entry.key.substr(parts_.keys.statuses().size()));
        auto status = decode_app_status(entry.value);
        // One that cannot be read is written anew.
        AppStatus known = status ? std::move(*status) : AppStatus{};
        known.app = app;
        there.insert(app);
        parts_.metrics.app_status(known);
        state_.set_status(std::move(known));
    }
    std::vector<AppId> gone;
    for (const auto& [id, app] : state_.apps()) {
        if (app.published && !there.contains(id)) gone.push_back(id);
    }
    for (const AppId& id : gone)
        state_.drop_status(id);
}

}  // namespace nap
