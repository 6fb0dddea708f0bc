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

ManifestError in_two_places(const std::string& file, const std::string& one,
                            const std::string& other) {
    return whole_file_error(file, fmt::format("the app has keys below {} and below {}; delete "
                                              "those below one of them",
                                              one, other));
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

std::string ClusterController::shown(const std::string& key) const {
    const std::string& prefix = sources_.prefix_of(key);
    return sources_.shown(prefix) + key.substr(prefix.size());
}

bool ClusterController::is_app_key(const KvEntry& entry, AppId& app) {
    const std::string name = entry.key.substr(sources_.prefix_of(entry.key).size());
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

void ClusterController::review_sentinels(const std::map<std::string, const KvEntry*>& sentinels) {
    const std::string& cluster = state_.settings().cluster.str();
    std::string why;
    sentinels_missing_.clear();
    for (const std::string& prefix : sources_.prefixes()) {
        const std::string key = AppSources::sentinel(prefix);
        const auto found = sentinels.find(key);
        if (found != sentinels.end() && trimmed(found->second->value) == cluster) continue;
        sentinels_missing_.insert(key);
        if (!why.empty()) continue;
        why = found != sentinels.end()
                  ? fmt::format("the key {} names another cluster; this one is {}", key, cluster)
                  : fmt::format(
                        "the key {} is missing; was {} deleted as a whole, or may this "
                        "token not read it? Confirm with: nap approve, or consul kv put "
                        "{} {}",
                        key, prefix, key, cluster);
    }
    state_.set_absence_untrusted(why);
}

bool ClusterController::is_foreign(const AppId& app, const AppRecord& record) const {
    return record.in_force && !sources_.have(app, record.in_force->text.file);
}

Manifest ClusterController::foreign(const ManifestState& in_force) const {
    ManifestState state{.text = in_force.text,
                        .modify_index = in_force.modify_index,
                        .revision = in_force.revision};
    state.errors.push_back(whole_file_error(
        in_force.text.file,
        fmt::format("the manifest came from {}, and the leader, {}, reads nothing there; set "
                    "`apps.prefixes` of its configuration as on the other hosts, or put the "
                    "manifest below {}",
                    in_force.text.file, parts_.node.str(), parts_.keys.apps())));
    return std::make_shared<const ManifestState>(std::move(state));
}

void ClusterController::take_source(const std::string& prefix, const KvListing& listing) {
    const std::vector<std::string>& prefixes = sources_.prefixes();
    if (prefixes.size() == 1) {
        take_manifests(listing);
        return;
    }
    listings_[prefix] = listing;
    // An app whose prefix has not been read yet is not gone.
    if (listings_.size() < prefixes.size()) return;
    KvListing all;
    for (const auto& [source, part] : listings_) {
        all.index = std::max(all.index, part.index);
        all.entries.insert(all.entries.end(), part.entries.begin(), part.entries.end());
    }
    take_manifests(all);
}

void ClusterController::take_manifests(const KvListing& listing) {
    std::map<AppId, AppStamp> stamps;
    std::map<AppId, std::vector<const KvEntry*>> entries;
    std::map<std::string, const KvEntry*> sentinels;
    AppId app;
    for (const KvEntry& entry : listing.entries) {
        if (entry.key == AppSources::sentinel(sources_.prefix_of(entry.key))) {
            sentinels.emplace(entry.key, &entry);
        } else if (is_app_key(entry, app)) {
            stamps[app].emplace(shown(entry.key), entry.modify_index);
            entries[app].push_back(&entry);
        }
    }
    review_sentinels(sentinels);
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
    std::map<AppId, Manifest> gone;
    for (const auto& [id, record] : state_.apps()) {
        if (stamps.contains(id)) continue;
        // What cannot be read here is not gone either.
        const bool is_out_of_sight = is_foreign(id, record);
        if (is_out_of_sight && !record.manifest) gone.emplace(id, foreign(*record.in_force));
        if (!is_out_of_sight && record.manifest) gone.emplace(id, nullptr);
    }
    for (const auto& [id, manifest] : gone)
        state_.set_manifest(id, manifest);
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
    const std::string& first = sources_.prefix_of(offered.entries.front().key);
    for (const KvEntry& entry : offered.entries) {
        const std::string& prefix = sources_.prefix_of(entry.key);
        if (prefix != first) errors.push_back(in_two_places(shown(entry.key), first, prefix));
        AppFile file{.name = entry.key.substr(prefix.size()), .modify_index = entry.modify_index};
        auto bytes = unpacked(entry.value, file_bytes_max);
        if (!bytes) errors.push_back(whole_file_error(shown(entry.key), bytes.error().message));
        if (bytes) file.bytes = std::move(*bytes);
        files.push_back(std::move(file));
    }
    AppSource source = assemble_app(app.str(), std::move(files));
    source.text.file.insert(0, sources_.shown(first));
    for (ManifestError& error : source.errors)
        error.file.insert(0, sources_.shown(first));
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
