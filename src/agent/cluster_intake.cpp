// The reading side of the cluster controller: what KV holds becomes what the planner looks at.

#include <spdlog/spdlog.h>

#include <algorithm>

#include "agent/cluster_controller.hpp"
#include "clients/json_codec.hpp"
#include "manifest/parse.hpp"

namespace nap {

namespace {

/// No cluster has counted so far; whoever writes more must not make the count run over.
constexpr std::uint64_t epoch_max = std::uint64_t{1} << 53;

}  // namespace

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
