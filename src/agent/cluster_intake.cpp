// The reading side of the cluster controller: what KV holds becomes what the planner looks at.

#include <spdlog/spdlog.h>

#include "agent/cluster_controller.hpp"
#include "clients/json_codec.hpp"
#include "manifest/parse.hpp"
#include "reconciler/digest.hpp"

namespace nap {

namespace {

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
    absence_untrusted_ = "the key " + sentinel + " is missing; was " + parts_.keys.apps() +
                         " deleted as a whole, or may this token not read it? Confirm with: consul "
                         "kv put " +
                         sentinel + " " + cluster_.str();
    manifests_.clear();
    std::map<std::string, ManifestState> before = std::exchange(by_key_, {});
    for (const KvEntry& entry : listing.entries) {
        if (entry.key == sentinel) {
            if (trimmed(entry.value) == cluster_.str()) {
                absence_untrusted_.clear();
            } else {
                absence_untrusted_ =
                    "the key " + sentinel + " names another cluster; this one is " + cluster_.str();
            }
            continue;
        }
        const auto known = before.find(entry.key);
        if (known != before.end() && known->second.modify_index == entry.modify_index) {
            by_key_[entry.key] = std::move(known->second);
        }
        take_manifest(entry);
    }
    manifests_read_ = true;
}

void ClusterController::take_manifest(const KvEntry& entry) {
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
    const AppId app(key.app);
    const auto [place, first] = manifests_.try_emplace(app, known->second);
    if (first) return;
    ManifestState& state = place->second;
    state.modify_index = std::max(state.modify_index, entry.modify_index);
    state.errors = {whole_file_error(key.file, "app " + key.app + " has several keys, " +
                                                   state.text.file + " and " + key.file +
                                                   "; delete all but one")};
    state.spec.reset();
}

ManifestState ClusterController::read_manifest(const KvEntry& entry, const AppKey& key) {
    ManifestState state{.text = {.file = key.file, .text = entry.value},
                        .modify_index = entry.modify_index,
                        .revision = RevisionId(digest(entry.value))};
    if (key.file.find('/') != std::string::npos) {
        state.errors = {whole_file_error(
            key.file, "a manifest in a folder is not supported yet; put it into the one key " +
                          parts_.keys.apps() + key.app)};
        return state;
    }
    ParsedManifest parsed = parse_manifest(AppId(key.app), state.text);
    state.spec = std::move(parsed.spec);
    state.errors = std::move(parsed.errors);
    return state;
}

void ClusterController::take_reports(const KvListing& listing) {
    reports_.clear();
    for (const KvEntry& entry : listing.entries) {
        auto report = decode_host_report(entry.value);
        if (!report) {
            spdlog::warn("{} is not used: {}", entry.key, report.error().message);
            continue;
        }
        reports_.insert_or_assign({report->node, report->app}, std::move(*report));
    }
    reports_read_ = true;
}

void ClusterController::take_nodes(const KvListing& listing) {
    nodes_.clear();
    std::map<std::string, int> by_state{{"ready", 0}};
    for (const KvEntry& entry : listing.entries) {
        const auto node = decode_node_record(entry.value);
        if (!node) continue;
        by_state[node->state] += 1;
        if (node->state == "ready") nodes_.push_back(node->node);
    }
    parts_.metrics.nodes(by_state);
}

}  // namespace nap
