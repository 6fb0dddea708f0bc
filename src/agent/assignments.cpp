#include "agent/assignments.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "clients/json_codec.hpp"
#include "manifest/parse.hpp"

namespace nap {

namespace {

/// Nothing differs but who gave the order and what is on other nodes.
bool same_work(const Assignment& a, const Assignment& b) {
    return a.revision == b.revision && a.manifest_index == b.manifest_index &&
           a.instances == b.instances && a.remove == b.remove && a.scope == b.scope;
}

/// What an order asks for. One to remove an app may come from a leader that has nothing of it but
/// this host's report: it needs no manifest, for what is to go is found by its labels.
ParsedManifest read_order(const Assignment& assignment) {
    if (!assignment.remove || !assignment.manifest.text.empty()) {
        return parse_manifest(assignment.app, assignment.manifest);
    }
    ParsedManifest nothing{.spec = AppSpec{}, .errors = {}};
    nothing.spec->app = assignment.app;
    return nothing;
}

}  // namespace

Assignments::Assignments(const Memory& memory) : memory_(memory), cluster_(memory.load_cluster()) {
    for (auto& [app, assignment] : memory.load_assignments()) {
        ParsedManifest parsed = read_order(assignment);
        if (!parsed.spec || assignment.cluster != cluster_.cluster) {
            spdlog::warn("remembered assignment of {} cannot be used; waiting for Consul",
                         app.str());
            continue;
        }
        orders_.emplace(app, Order{std::move(assignment), std::move(*parsed.spec)});
    }
}

std::map<AppId, Assignments::Change> Assignments::take(const KvListing& listing,
                                                       const std::string& prefix) {
    std::map<AppId, Change> changed;
    regressed_.clear();
    not_followed_.clear();
    const std::set<AppId> missing_before = std::exchange(missing_, {});
    for (const auto& [app, order] : orders_)
        missing_.insert(app);
    for (const KvEntry& entry : listing.entries) {
        auto assignment = decode_assignment(entry.value);
        if (!assignment) {
            refuse(entry.key, assignment.error().message);
            missing_.erase(AppId(entry.key.substr(prefix.size())));
            continue;
        }
        const AppId app = assignment->app;
        missing_.erase(app);
        if (entry.key != prefix + app.str()) {
            refuse(entry.key, "it is written for app " + app.str());
            continue;
        }
        const Order* current = find(app);
        if (current != nullptr && current->assignment == *assignment) continue;
        const Change change = current != nullptr && same_work(current->assignment, *assignment)
                                  ? Change::around
                                  : Change::work;
        if (accept(std::move(*assignment))) {
            refused_.erase(entry.key);
            changed.emplace(app, change);
        } else {
            // Its status shall say so.
            changed.emplace(app, Change::around);
        }
    }
    for (const AppId& app : missing_) {
        if (missing_before.contains(app) || orders_.at(app).assignment.remove) continue;
        spdlog::error(
            "{}: its assignment is gone from Consul, and nothing ordered its removal; "
            "kept as it is",
            app.str());
    }
    return changed;
}

std::string Assignments::why_refused(const Assignment& assignment) const {
    if (!cluster_.cluster.empty() && assignment.cluster != cluster_.cluster) {
        return "it comes from cluster " + assignment.cluster.str() + ", this host belongs to " +
               cluster_.cluster.str();
    }
    const Order* current = find(assignment.app);
    if (current == nullptr) return {};
    const Assignment& ours = current->assignment;
    if (assignment.epoch < ours.epoch) {
        return "it is of leadership " + std::to_string(assignment.epoch) +
               ", older than the one in force; was Consul restored from a snapshot?";
    }
    const bool older = assignment.manifest_index < ours.manifest_index;
    const bool matters = assignment.revision != ours.revision || assignment.remove;
    if (older && matters && !assignment.approved) {
        return "its manifest is older than the one in force (index " +
               std::to_string(assignment.manifest_index) + ", not " +
               std::to_string(ours.manifest_index) + "); was Consul restored from a snapshot?";
    }
    return {};
}

bool Assignments::accept(Assignment assignment) {
    const AppId app = assignment.app;
    const std::string key = "assignment of " + app.str();
    const Order* current = find(app);
    if (const std::string reason = why_refused(assignment); !reason.empty()) {
        refuse(key, reason);
        not_followed_[app] = reason;
        if (current != nullptr && assignment.epoch < current->assignment.epoch) {
            regressed_.insert(app);
        }
        return false;
    }
    // Links and networks are undone better by what is known of them.
    if (assignment.remove && assignment.manifest.text.empty() && current != nullptr) {
        assignment.manifest = current->assignment.manifest;
    }
    ParsedManifest parsed = read_order(assignment);
    if (!parsed.spec) {
        refuse(key, "this version of nap cannot read its manifest: " +
                        (parsed.errors.empty() ? std::string("no reason given")
                                               : to_string(parsed.errors.front())));
        return false;
    }
    remember(assignment.cluster, assignment.epoch);
    memory_.save_assignment(assignment);
    orders_.insert_or_assign(app, Order{std::move(assignment), std::move(*parsed.spec)});
    return true;
}

std::string Assignments::refused_order(const AppId& app) const {
    const auto found = not_followed_.find(app);
    return found == not_followed_.end() ? std::string() : found->second;
}

void Assignments::remember(const ClusterId& cluster, std::uint64_t epoch) {
    const bool known = cluster_.cluster == cluster && cluster_.epoch >= epoch;
    if (known) return;
    cluster_.cluster = cluster;
    cluster_.epoch = std::max(cluster_.epoch, epoch);
    memory_.save_cluster(cluster_);
}

void Assignments::forget(const AppId& app) {
    orders_.erase(app);
    missing_.erase(app);
    memory_.forget_app(app);
}

const Order* Assignments::find(const AppId& app) const {
    const auto found = orders_.find(app);
    return found == orders_.end() ? nullptr : &found->second;
}

void Assignments::refuse(const std::string& key, const std::string& reason) {
    auto& said = refused_[key];
    if (said == reason) return;
    said = reason;
    spdlog::error("{} refused: {}; what runs is kept as it is", key, reason);
}

}  // namespace nap
