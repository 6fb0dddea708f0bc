// How manifests come from KV: keys are put together to apps, and read once they have settled.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "agent/cluster_controller.hpp"
#include "clients/gzip.hpp"
#include "clients/json_codec.hpp"
#include "manifest/parse.hpp"
#include "model/app_files.hpp"

namespace nap {

namespace {

/// An assignment carries all files of its app, and Consul takes 512 KiB in base64.
constexpr std::size_t app_bytes_max = 360 * 1024;
/// Of one key, unpacked. A larger one could not be assigned.
constexpr std::size_t file_bytes_max = app_bytes_max;

std::string trimmed(const std::string& text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    return end == std::string::npos ? std::string() : text.substr(0, end + 1);
}

ManifestError whole_file_error(const std::string& file, std::string message) {
    return {.file = file, .line = 1, .column = 1, .path = "", .message = std::move(message)};
}

/// Why the app is too large to be assigned, or empty.
std::string why_too_large(const ManifestText& text) {
    Assignment assignment;
    assignment.manifest = text;
    const std::size_t bytes = encode(assignment).size();
    if (bytes <= app_bytes_max) return {};
    const auto largest = std::max_element(
        text.files.begin(), text.files.end(),
        [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
    return fmt::format(
        "the manifest with its files takes {} bytes, and {} fit into Consul; {}", bytes,
        app_bytes_max,
        largest == text.files.end()
            ? std::string("make it smaller")
            : fmt::format("the largest file is {}: put it on the hosts, or into an image",
                          largest->first));
}

}  // namespace

bool ClusterController::is_app_key(const KvEntry& entry, AppId& app) {
    const std::string name = entry.key.substr(parts_.keys.apps().size());
    if (name.empty() || name.back() == '/') return false;  // what UIs write to show a folder
    app = AppId(app_of_name(name));
    const auto problem = app_name_problem(app.str());
    if (!problem) return true;
    auto& said = bad_names_[entry.key];
    if (said != entry.modify_index) {
        spdlog::error("{} is not used: \"{}\" cannot be an app's name: {}", entry.key, app.str(),
                      *problem);
    }
    said = entry.modify_index;
    return false;
}

void ClusterController::review_sentinel(const KvEntry* sentinel) {
    const std::string key = parts_.keys.apps_sentinel();
    const std::string& cluster = state_.settings().cluster.str();
    if (sentinel == nullptr) {
        state_.set_absence_untrusted("the key " + key + " is missing; was " + parts_.keys.apps() +
                                     " deleted as a whole, or may this token not read it? Confirm "
                                     "with: nap approve, or consul kv put " +
                                     key + " " + cluster);
    } else if (trimmed(sentinel->value) != cluster) {
        state_.set_absence_untrusted("the key " + key + " names another cluster; this one is " +
                                     cluster);
    } else {
        state_.set_absence_untrusted("");
    }
}

void ClusterController::take_manifests(const KvListing& listing) {
    std::map<AppId, AppStamp> stamps;
    std::map<AppId, std::vector<const KvEntry*>> entries;
    const KvEntry* sentinel = nullptr;
    AppId app;
    for (const KvEntry& entry : listing.entries) {
        if (entry.key == parts_.keys.apps_sentinel()) {
            sentinel = &entry;
        } else if (is_app_key(entry, app)) {
            stamps[app].emplace(entry.key.substr(parts_.keys.apps().size()), entry.modify_index);
            entries[app].push_back(&entry);
        }
    }
    review_sentinel(sentinel);
    intake_.see(stamps, parts_.clock.monotonic());
    offered_.clear();
    for (const auto& [id, of_app] : entries) {
        if (!intake_.waits(id)) continue;
        Offered& offered = offered_[id];
        offered.listing_index = listing.index;
        for (const KvEntry* entry : of_app)
            offered.entries.push_back(*entry);
        // What is yet to be read is not gone.
        const auto known = state_.apps().find(id);
        if (known == state_.apps().end() || known->second.manifest) continue;
        if (known->second.in_force) state_.set_manifest(id, known->second.in_force);
    }
    std::vector<AppId> gone;
    for (const auto& [id, record] : state_.apps()) {
        if (record.manifest && !stamps.contains(id)) gone.push_back(id);
    }
    for (const AppId& id : gone)
        state_.set_manifest(id, nullptr);
    take_settled();
}

void ClusterController::take_settled() {
    for (const AppId& id : intake_.take_due(parts_.clock.monotonic())) {
        const auto offered = offered_.extract(id);
        if (!offered.empty()) state_.set_manifest(id, read_manifest(id, offered.mapped()));
    }
}

Manifest ClusterController::read_manifest(const AppId& app, const Offered& offered) const {
    std::vector<AppFile> files;
    std::vector<ManifestError> errors;
    for (const KvEntry& entry : offered.entries) {
        AppFile file{.name = entry.key.substr(parts_.keys.apps().size()),
                     .modify_index = entry.modify_index};
        auto bytes = unpacked(entry.value, file_bytes_max);
        if (!bytes) errors.push_back(whole_file_error(file.name, bytes.error().message));
        if (bytes) file.bytes = std::move(*bytes);
        files.push_back(std::move(file));
    }
    AppSource source = assemble_app(app.str(), std::move(files));
    ManifestState state{.text = std::move(source.text), .modify_index = source.modify_index};
    state.revision = revision_of(state.text);
    state.errors = errors.empty() ? std::move(source.errors) : std::move(errors);
    const auto known = state_.apps().find(app);
    if (known != state_.apps().end() && known->second.in_force) {
        const ManifestState& in_force = *known->second.in_force;
        state.modify_index =
            index_of_change(state.text, source.modify_index, offered.listing_index,
                            {.text = in_force.text, .modify_index = in_force.modify_index});
    }
    if (state.errors.empty() && !state.text.files.empty()) {
        const std::string problem = why_too_large(state.text);
        if (!problem.empty()) state.errors.push_back(whole_file_error(state.text.file, problem));
    }
    if (state.errors.empty()) {
        ParsedManifest parsed = parse_manifest(app, state.text);
        state.spec = std::move(parsed.spec);
        state.errors = std::move(parsed.errors);
    }
    return std::make_shared<const ManifestState>(std::move(state));
}

}  // namespace nap
