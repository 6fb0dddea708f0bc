#include "reconciler/cluster_plan.hpp"

#include <algorithm>
#include <set>

#include "reconciler/instances.hpp"

namespace nap {

namespace {

/// The assignments of one app as they are, and as this plan changes them.
using AppAssignments = std::map<NodeId, Assignment>;

AppAssignments assignments_of(const ClusterInput& input, const AppId& app) {
    AppAssignments found;
    for (const auto& [where, assignment] : input.assigned) {
        if (where.second == app) found.emplace(where.first, assignment);
    }
    return found;
}

/// An app stays together on the node it has; a new one goes where the fewest instances are.
std::optional<NodeId> place(const ClusterInput& input, const AppAssignments& current) {
    for (const auto& [node, assignment] : current) {
        if (!assignment.remove) return node;
    }
    std::map<NodeId, std::size_t> load;
    for (const NodeId& node : input.nodes)
        load[node] = 0;
    for (const auto& [where, assignment] : input.assigned) {
        const auto known = load.find(where.first);
        if (known != load.end()) known->second += assignment.instances.size();
    }
    if (load.empty()) return std::nullopt;
    return std::min_element(load.begin(), load.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
}

/// Same orders, whoever gave them.
bool same_orders(const Assignment& a, const Assignment& b) {
    Assignment other = b;
    other.epoch = a.epoch;
    return a == other;
}

const HostReport* report_of(const ClusterInput& input, const NodeId& node, const AppId& app) {
    const auto found = input.observed.find({node, app});
    return found == input.observed.end() ? nullptr : &found->second;
}

/// The report answers this very assignment.
bool answers(const HostReport* report, const Assignment& assignment) {
    return report != nullptr && report->revision == assignment.revision &&
           report->manifest_index == assignment.manifest_index &&
           report->remove == assignment.remove;
}

void count_instances(const HostReport& report, AppStatus& status) {
    for (const InstanceReport& instance : report.instances) {
        const auto counts = status.services.find(instance.instance.service);
        if (counts == status.services.end() || instance.state != "running") continue;
        counts->second.running += 1;
        const bool healthy = instance.health == "healthy" || instance.health == "none";
        if (healthy) counts->second.healthy += 1;
    }
}

struct Progress {
    bool all_settled = true;
    bool any_starting = false;
    std::vector<std::string> problems;
};

Progress progress_of(const ClusterInput& input, const AppAssignments& assignments,
                     AppStatus& status) {
    Progress progress;
    for (const auto& [node, assignment] : assignments) {
        for (const InstanceId& instance : assignment.instances) {
            status.services[instance.service].desired += 1;
        }
    }
    for (const auto& [node, assignment] : assignments) {
        const HostReport* report = report_of(input, node, status.app);
        if (report != nullptr) count_instances(*report, status);
        if (!answers(report, assignment)) {
            progress.all_settled = false;
            continue;
        }
        progress.all_settled = progress.all_settled && report->settled;
        progress.problems.insert(progress.problems.end(), report->problems.begin(),
                                 report->problems.end());
        for (const InstanceReport& instance : report->instances) {
            if (instance.health == "starting") progress.any_starting = true;
            if (instance.health == "unhealthy") {
                progress.problems.push_back(to_string(instance.instance) + ": unhealthy");
            }
        }
    }
    return progress;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += (text.empty() ? "" : "; ") + line;
    return text;
}

AppStatus status_of(const ClusterInput& input, const AppId& app,
                    const AppAssignments& assignments) {
    AppStatus status;
    status.app = app;
    for (const auto& [node, assignment] : assignments)
        status.revision = assignment.revision;
    const Progress progress = progress_of(input, assignments, status);
    const auto manifest = input.manifests.find(app);
    if (manifest != input.manifests.end()) {
        status.modify_index = manifest->second.modify_index;
        status.errors = manifest->second.errors;
    }
    if (!status.errors.empty()) {
        status.phase = Phase::invalid;
        status.message =
            "the manifest has errors; " +
            std::string(assignments.empty() ? "nothing is running"
                                            : "the last good revision is kept as it is");
    } else if (manifest == input.manifests.end() && !input.absence_untrusted.empty()) {
        status.phase = Phase::held;
        status.message = "kept although its manifest is gone: " + input.absence_untrusted;
    } else if (!progress.problems.empty()) {
        status.phase = Phase::degraded;
        status.message = joined(progress.problems);
    } else if (assignments.empty()) {
        status.message = "no node is ready to run it";
    } else if (progress.all_settled && !progress.any_starting) {
        status.phase = Phase::converged;
    }
    return status;
}

class ClusterPlanner {
  public:
    explicit ClusterPlanner(const ClusterInput& input) : input_(input) {}

    std::vector<ClusterAction> plan() {
        std::set<AppId> apps;
        for (const auto& [app, manifest] : input_.manifests)
            apps.insert(app);
        for (const auto& [where, assignment] : input_.assigned)
            apps.insert(where.second);
        for (const auto& [app, status] : input_.published)
            apps.insert(app);
        for (const AppId& app : apps)
            plan_app(app);
        // Statuses last: what makes hosts act goes first.
        std::stable_partition(actions_.begin(), actions_.end(), [](const ClusterAction& action) {
            return !std::holds_alternative<WriteStatus>(action);
        });
        return std::move(actions_);
    }

  private:
    void plan_app(const AppId& app) {
        AppAssignments assignments = assignments_of(input_, app);
        const auto manifest = input_.manifests.find(app);
        if (manifest != input_.manifests.end()) {
            if (manifest->second.spec) assign(app, manifest->second, assignments);
        } else if (input_.absence_untrusted.empty()) {
            withdraw(app, assignments);
        }
        publish(app, assignments, manifest != input_.manifests.end());
    }

    void assign(const AppId& app, const ManifestState& manifest, AppAssignments& assignments) {
        const auto node = place(input_, assignments);
        if (!node) return;
        Assignment wanted{.cluster = input_.cluster,
                          .epoch = input_.epoch,
                          .app = app,
                          .revision = manifest.revision,
                          .manifest = manifest.text,
                          .manifest_index = manifest.modify_index,
                          .instances = all_instances(*manifest.spec),
                          .remove = false};
        const auto current = assignments.find(*node);
        if (current != assignments.end() && same_orders(current->second, wanted)) return;
        assignments[*node] = wanted;
        actions_.push_back(WriteAssignment{*node, std::move(wanted)});
    }

    void withdraw(const AppId& app, AppAssignments& assignments) {
        for (auto next = assignments.begin(); next != assignments.end();) {
            auto& [node, assignment] = *next;
            const HostReport* report = report_of(input_, node, app);
            const bool gone = assignment.remove && answers(report, assignment) && report->settled &&
                              report->instances.empty();
            if (gone) {
                actions_.push_back(DropAssignment{node, app});
                next = assignments.erase(next);
                continue;
            }
            if (!assignment.remove) {
                assignment.remove = true;
                assignment.instances.clear();
                assignment.epoch = input_.epoch;
                actions_.push_back(WriteAssignment{node, assignment});
            }
            ++next;
        }
    }

    void publish(const AppId& app, const AppAssignments& assignments, bool has_manifest) {
        const auto published = input_.published.find(app);
        if (!has_manifest && assignments.empty()) {
            const bool told = published != input_.published.end();
            if (told && input_.absence_untrusted.empty()) actions_.push_back(DropStatus{app});
            return;
        }
        AppStatus status = status_of(input_, app, assignments);
        if (published != input_.published.end() && published->second.same_apart_from_time(status)) {
            return;
        }
        actions_.push_back(WriteStatus{std::move(status)});
    }

    const ClusterInput& input_;
    std::vector<ClusterAction> actions_;
};

}  // namespace

std::vector<ClusterAction> plan_cluster(const ClusterInput& input) {
    return ClusterPlanner(input).plan();
}

}  // namespace nap
