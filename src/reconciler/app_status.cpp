#include <fmt/format.h>

#include <algorithm>

#include "reconciler/app_plan.hpp"

namespace nap {

namespace {

/// Longer lists are cut: `nap explain` has them whole.
constexpr std::size_t problems_max = 8;

struct Progress {
    bool all_settled = true;
    bool any_starting = false;
    std::vector<std::string> problems;
};

bool is_alive(const ClusterState& state, const NodeId& node) {
    const NodeView* view = state.nodes().find(node);
    return view != nullptr && view->alive;
}

void count_instances(const Seen& seen, const Orders& order, AppStatus& status) {
    for (const SeenInstance& instance : seen.instances) {
        const auto counts = status.services.find(instance.instance.service);
        const bool counted =
            instance.running && !order.leaves(instance.instance) && order.has(instance.instance);
        if (counts == status.services.end() || !counted) continue;
        counts->second.running += 1;
        if (instance.healthy) counts->second.healthy += 1;
    }
}

void review_node(const Seen* seen, const Orders& order, Progress& progress) {
    if (seen == nullptr || !seen->answers(order)) {
        progress.all_settled = false;
        return;
    }
    progress.all_settled = progress.all_settled && seen->settled && order.leaving().empty();
    const auto& problems = seen->trouble().problems;
    progress.problems.insert(progress.problems.end(), problems.begin(), problems.end());
    for (const SeenInstance& instance : seen->instances) {
        if (instance.starting) progress.any_starting = true;
        if (instance.unhealthy) {
            progress.problems.push_back(to_string(instance.instance) + ": unhealthy");
        }
    }
}

/// A node that does not answer: what it has there moves, waits, or stays for its data.
void review_lost_node(const ClusterState& state, const NodeId& node, const Orders& order,
                      Progress& progress) {
    if (order.remove) return;  // it hears of it when it is back
    if (order.instances.size() == order.leaving().size()) {
        progress.all_settled = false;
        return;
    }
    std::string what = fmt::format("node {} is lost", node.str());
    if (state.losses_held()) what += "; held: too many nodes were lost at once, see nap status";
    progress.problems.push_back(what);
}

/// By the manifest in force or, where nothing could be placed yet, by the one to come.
const std::map<std::string, ServiceSpec>& services_of(const AppRecord& app) {
    static const std::map<std::string, ServiceSpec> unknown;
    const Manifest& manifest = app.in_force ? app.in_force : app.manifest;
    return manifest && manifest->spec ? manifest->spec->services : unknown;
}

/// How many instances there should be: as the manifest says, or one for each node.
void count_desired(const AppRecord& app, AppStatus& status) {
    if (!app.manifest && !app.assigned()) return;
    const auto& services = services_of(app);
    for (const auto& [name, service] : services) {
        ServiceCounts& counts = status.services[name];
        if (service.mode == DeployMode::replicated) counts.desired = service.replicas;
    }
    const auto by_manifest = [&](const InstanceId& instance) {
        const auto service = services.find(instance.service);
        if (service == services.end()) return !services.empty();
        return service->second.mode == DeployMode::replicated;
    };
    for (const auto& [node, order] : app.orders) {
        for (const InstanceId& instance : order.instances) {
            const bool counts = !order.leaves(instance) && !by_manifest(instance);
            if (counts) status.services[instance.service].desired += 1;
        }
    }
    for (const Unplaced& unplaced : app.unplaced) {
        if (!by_manifest(unplaced.instance)) status.services[unplaced.instance.service].desired++;
    }
}

Progress progress_of(const ClusterState& state, const AppRecord& app, AppStatus& status) {
    Progress progress;
    count_desired(app, status);
    auto report = app.seen.begin();
    for (const auto& [node, order] : app.orders) {
        // Both go by the node.
        while (report != app.seen.end() && report->first < node)
            ++report;
        if (!is_alive(state, node)) {
            review_lost_node(state, node, order, progress);
            continue;
        }
        const bool known = report != app.seen.end() && report->first == node;
        const Seen* seen = known ? &report->second : nullptr;
        if (seen != nullptr) count_instances(*seen, order, status);
        review_node(seen, order, progress);
    }
    return progress;
}

std::string why_unplaced(const Unplaced& unplaced) {
    std::string text = to_string(unplaced.instance) + " fits on no node";
    std::string separator = ": ";
    if (!unplaced.refusals) return text;
    for (const NodeRefusal& refusal : *unplaced.refusals) {
        text += separator + refusal.node.str() + ": " + refusal.reason;
        separator = ", ";
        if (text.size() > 400) {
            text += ", …";
            break;
        }
    }
    return text;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    std::size_t said = 0;
    for (const std::string& line : lines) {
        if (said++ == problems_max) {
            return text + fmt::format("; and {} more", lines.size() - problems_max);
        }
        text += (text.empty() ? "" : "; ") + line;
    }
    return text;
}

std::string refused_text(const AppRecord& app) {
    for (const auto& [node, seen] : app.seen) {
        const std::string& refused = seen.trouble().refused;
        if (!refused.empty()) return node.str() + " refuses its order: " + refused;
    }
    return {};
}

/// An app may be scaled down to nothing.
bool wants_any(const AppRecord& app) {
    const auto& services = services_of(app);
    return std::any_of(services.begin(), services.end(), [](const auto& entry) {
        return entry.second.mode == DeployMode::global || entry.second.replicas > 0;
    });
}

std::string held_text(const ClusterState& state, const AppRecord& app) {
    switch (app.held) {
        case HeldFor::nothing:
            return {};
        case HeldFor::absence:
            return "kept although its manifest is gone: " + state.absence_untrusted();
        case HeldFor::removal:
            return "kept although its manifest is gone: too much would be removed in one step; "
                   "nap approve releases it";
        case HeldFor::orphan:
            return "kept although Consul has neither its manifest nor its assignment: was a "
                   "snapshot restored? Put the manifest again; nap approve removes the app";
        case HeldFor::older:
            return refused_text(app) + "; nap approve releases it";
    }
    return {};
}

}  // namespace

AppStatus status_of(const ClusterState& state, const AppId& id, MonotonicTime now) {
    const AppRecord& app = state.apps().at(id);
    AppStatus status;
    status.app = id;
    for (const auto& [node, order] : app.orders)
        status.revision = order.terms->revision;
    Progress progress = progress_of(state, app, status);
    for (const Unplaced& unplaced : app.unplaced) {
        // Before the first node has registered there is nothing to complain of.
        const bool no_nodes = unplaced.refusals && unplaced.refusals->empty();
        if (!no_nodes) progress.problems.push_back(why_unplaced(unplaced));
    }
    for (const auto& [instance, node] : app.staying)
        progress.problems.push_back(
            fmt::format("{} stays on {}: its data is there", to_string(instance), node.str()));
    for (const auto& [instance, node] : app.unleased)
        progress.problems.push_back(
            fmt::format("{} waits for {}, which is lost and may run it by an older manifest that "
                        "did not say `partition: stop`",
                        to_string(instance), node.str()));
    if (!app.refusal.empty()) progress.problems.push_back(app.refusal);
    const std::string held = held_text(state, app);
    if (app.manifest) {
        status.modify_index = app.manifest->modify_index;
        status.errors = app.manifest->errors;
    }
    if (!status.errors.empty()) {
        status.phase = Phase::invalid;
        status.message =
            "the manifest has errors; " +
            std::string(app.orders.empty() ? "nothing is running"
                                           : "the last good revision is kept as it is");
    } else if (!held.empty()) {
        status.phase = Phase::held;
        status.message = held;
    } else if (state.losses_held() && !progress.problems.empty()) {
        status.phase = Phase::held;
        status.message = joined(progress.problems);
    } else if (!progress.problems.empty()) {
        status.phase = Phase::degraded;
        status.message = joined(progress.problems);
    } else if (app.orders.empty() && wants_any(app) && state.orders_doubted(now)) {
        status.message =
            "waits for a moment: a host that has not been heard of may still run a service of "
            "`partition: stop`";
    } else if (app.orders.empty() && wants_any(app)) {
        status.message = "no node is ready to run it";
    } else if (progress.all_settled && !progress.any_starting) {
        status.phase = Phase::converged;
    }
    return status;
}

}  // namespace nap
