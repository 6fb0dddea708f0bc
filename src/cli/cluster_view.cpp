#include "cli/cluster_view.hpp"

#include <fmt/format.h>

#include "clients/json_codec.hpp"
#include "manifest/text.hpp"
#include "manifest/yaml_field.hpp"

namespace nap {

namespace {

/// Notes a document that cannot be read; the others are still worth showing.
template <class T>
const T* readable(const KvEntry& entry, const Result<T>& document, ClusterView& view) {
    if (document) return &*document;
    view.unreadable = unreadable(entry.key, document.error());
    return nullptr;
}

void take_nodes(const KvListing& listing, ClusterView& view) {
    for (const KvEntry& entry : listing.entries) {
        const auto record = decode_node_record(entry.value);
        if (readable(entry, record, view) != nullptr) view.records[record->node] = *record;
    }
}

void take_controls(const KvListing& listing, const std::string& prefix, ClusterView& view) {
    for (const KvEntry& entry : listing.entries) {
        const auto control = decode_node_control(entry.value);
        if (readable(entry, control, view) == nullptr) continue;
        view.controls[NodeId(entry.key.substr(prefix.size()))] = *control;
    }
}

void take_assignments(const KvListing& listing, const std::string& prefix, ClusterView& view) {
    for (const KvEntry& entry : listing.entries) {
        const std::string place = entry.key.substr(prefix.size());
        const std::size_t slash = place.find('/');
        if (slash == std::string::npos) continue;
        auto assignment = decode_assignment(entry.value);
        if (readable(entry, assignment, view) == nullptr) continue;
        const NodeId node(place.substr(0, slash));
        view.assigned[{node, assignment->app}] = std::move(*assignment);
    }
}

std::string state_of(const NodeSummary& node) {
    if (!node.record) return "lost";
    if (node.record->state != "ready") return node.record->state;
    return node.draining ? "draining" : "ready";
}

}  // namespace

std::set<NodeId> ClusterView::nodes() const {
    std::set<NodeId> known;
    for (const auto& [node, record] : records)
        known.insert(node);
    for (const auto& [place, assignment] : assigned)
        known.insert(place.first);
    return known;
}

bool ClusterView::is_draining(const NodeId& node) const {
    const auto control = controls.find(node);
    return control != controls.end() && control->second.draining;
}

bool ClusterView::is_ready(const NodeId& node) const {
    const auto record = records.find(node);
    return record != records.end() && record->second.state == "ready";
}

asio::awaitable<Result<ClusterView>> read_cluster(Store& store, Keys keys) {
    ClusterView view;
    const auto nodes = co_await store.list(keys.nodes(), {});
    if (!nodes) co_return nodes.error();
    const auto controls = co_await store.list(keys.controls(), {});
    if (!controls) co_return controls.error();
    const auto assigned = co_await store.list(keys.assigned(), {});
    if (!assigned) co_return assigned.error();
    const auto leader = co_await store.get(keys.leader(), {});
    if (!leader) co_return leader.error();
    take_nodes(*nodes, view);
    take_controls(*controls, keys.controls(), view);
    take_assignments(*assigned, keys.assigned(), view);
    if (*leader && !(*leader)->session.empty()) {
        const auto record = decode_leader_record((*leader)->value);
        if (readable(**leader, record, view) != nullptr) view.leader = record->node;
    }
    co_return view;
}

asio::awaitable<Result<std::vector<Hold>>> read_holds(Store& store, Keys keys) {
    const auto entry = co_await store.get(keys.held(), {});
    if (!entry) co_return entry.error();
    if (!*entry) co_return std::vector<Hold>{};
    auto holds = decode_holds((*entry)->value);
    if (!holds) co_return unreadable(keys.held(), holds.error());
    co_return holds;
}

asio::awaitable<Result<std::vector<HostReport>>> read_reports(Store& store, Keys keys, AppId app) {
    const auto listing = co_await store.list(keys.observed(), {});
    if (!listing) co_return listing.error();
    std::vector<HostReport> reports;
    for (const KvEntry& entry : listing->entries) {
        if (!entry.key.ends_with("/" + app.str())) continue;
        auto report = decode_host_report(entry.value);
        if (!report) co_return unreadable(entry.key, report.error());
        reports.push_back(std::move(*report));
    }
    co_return reports;
}

std::vector<NodeSummary> summarize(const ClusterView& view) {
    std::map<NodeId, NodeSummary> summaries;
    for (const NodeId& node : view.nodes()) {
        NodeSummary& summary = summaries[node];
        summary.node = node;
        summary.draining = view.is_draining(node);
        summary.leader = node == view.leader;
        const auto record = view.records.find(node);
        if (record != view.records.end()) summary.record = record->second;
        summary.state = state_of(summary);
    }
    for (const auto& [place, assignment] : view.assigned) {
        if (assignment.remove) continue;
        summaries[place.first].instances += static_cast<int>(assignment.instances.size());
    }
    std::vector<NodeSummary> list;
    list.reserve(summaries.size());
    for (auto& [node, summary] : summaries)
        list.push_back(std::move(summary));
    return list;
}

Outcome unknown_node(const NodeId& node, const ClusterView& view) {
    std::vector<std::string> names;
    for (const NodeId& known : view.nodes())
        names.push_back(known.str());
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    const std::string near = suggestion(node.str(), candidates);
    return {Exit::not_found, fmt::format("no node {}{}", quoted(node.str()),
                                         near.empty() ? "; `nap nodes` lists all nodes" : near)};
}

}  // namespace nap
