#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reconciler/cluster_plan.hpp"

namespace nap::test {

using NodeApp = std::pair<NodeId, AppId>;

/// A host as it really is: it follows the orders it has read, and goes on with them when it is cut
/// off, but for services of `partition: stop`.
struct SimHost {
    NodeRecord record;
    bool connected = true;  ///< it reaches Consul: its record is there
    bool heard_of = true;   ///< and the leader has read that
    bool slow = false;      ///< what it is to stop goes on running for now
    bool has_engine = true;
    MonotonicTime cut_at{};
    std::map<AppId, Assignment> orders;           ///< as it last read them
    std::map<AppId, std::set<InstanceId>> runs;   ///< its containers
    std::map<AppId, std::set<InstanceId>> sick;   ///< those of them that are unhealthy
    std::map<AppId, std::set<InstanceId>> fresh;  ///< those whose health is not known yet
};

/// KV and the hosts around a ClusterState: what the leader writes is kept here, apart from its own
/// picture, and hosts read and report only when they are told to.
class ClusterWorld {
  public:
    struct Order {
        Assignment assignment;
        Manifest manifest;
    };

    explicit ClusterWorld(const std::vector<std::string>& nodes = {}) {
        for (const std::string& name : nodes)
            add_node(name);
    }

    ClusterState::Settings settings{.cluster = ClusterId("u"), .epoch = 1};
    ClusterState state{settings};
    MonotonicTime now{};
    std::map<AppId, Manifest> manifests;
    std::map<NodeApp, Order> orders;
    std::map<NodeApp, HostReport> reports;
    std::map<AppId, AppStatus> statuses;
    std::map<NodeId, SimHost> hosts;
    std::vector<Hold> holds;
    std::set<std::string> approved;
    std::set<NodeId> draining;
    std::string absence_untrusted;
    bool rebalance = false;
    bool has_sentinel = true;
    bool unsettled = false;  ///< a write of the last plan failed, or leads to another change
    /// Called after every single write, in the order given.
    std::function<void()> after_write;
    /// Says that a write fails, as when Consul is away for a moment.
    std::function<bool()> write_fails;

    // What operators do.

    /// A manifest of one service, `web`.
    static AppSpec web(int replicas = 1) {
        AppSpec spec;
        spec.services["web"] = {.image = "web:1", .replicas = replicas};
        return spec;
    }

    std::uint64_t put(const std::string& app, AppSpec spec, const std::string& text = {}) {
        const std::uint64_t index = ++last_index_;
        ManifestState manifest{
            .text = {app + ".yml", text.empty() ? "text " + std::to_string(index) : text},
            .modify_index = index,
            .revision = RevisionId(text.empty() ? "r" + std::to_string(index) : text)};
        spec.app = AppId(app);
        for (const auto& [name, service] : spec.services) {
            if (service.partition == PartitionPolicy::stop) stopping_.emplace(spec.app, name);
        }
        manifest.spec = std::move(spec);
        set_manifest(app, std::make_shared<const ManifestState>(std::move(manifest)));
        return index;
    }
    void put_broken(const std::string& app) {
        ManifestState manifest{.text = {app + ".yml", "{"},
                               .modify_index = ++last_index_,
                               .errors = {{.file = app + ".yml", .message = "no"}}};
        set_manifest(app, std::make_shared<const ManifestState>(std::move(manifest)));
    }
    void set_manifest(const std::string& app, Manifest manifest) {
        if (manifest) {
            manifests[AppId(app)] = manifest;
        } else {
            manifests.erase(AppId(app));
        }
        state.set_manifest(AppId(app), std::move(manifest));
    }
    void remove(const std::string& app) { set_manifest(app, nullptr); }
    void distrust(const std::string& why) {
        absence_untrusted = why;
        state.set_absence_untrusted(why);
    }
    void drain(const std::vector<std::string>& nodes) {
        draining.clear();
        for (const std::string& name : nodes)
            draining.insert(NodeId(name));
        state.set_draining(draining);
    }
    void approve(const std::string& id) {
        approved.insert(id);
        state.set_approved(approved);
    }
    void ask_rebalance() {
        rebalance = true;
        state.request_rebalance(true);
    }

    // What becomes of nodes.

    void add_node(const std::string& name, NodeRecord record = {}) {
        record.node = NodeId(name);
        record.os = "linux";
        if (record.lease == NodeRecord{}.lease) record.lease = std::chrono::seconds(5);
        hosts[record.node].record = record;
        list_nodes();
    }
    /// It is off, or cut off: its record vanishes.
    void lose(const std::string& name) {
        SimHost& host = hosts.at(NodeId(name));
        host.connected = false;
        host.cut_at = now;
        list_nodes();
    }
    /// The leader reads the records, all of them.
    void list_nodes() {
        for (auto& [id, host] : hosts) {
            host.heard_of = host.connected;
            if (host.connected) {
                state.set_node(host.record, now);
            } else {
                state.drop_node(id, now);
            }
        }
    }
    void set_engine(const std::string& name, bool works) {
        SimHost& host = hosts.at(NodeId(name));
        host.has_engine = works;
        host.record.state = works ? "ready" : "engine-down";
        if (host.connected) list_nodes();
    }
    /// It is in touch again; it has read nothing yet.
    void bring_back(const std::string& name) {
        bring_back_unseen(name);
        list_nodes();
    }
    /// Likewise, but the leader has not heard of it.
    void bring_back_unseen(const std::string& name) {
        SimHost& host = hosts.at(NodeId(name));
        stop_after_lease(host);
        host.connected = true;
    }
    void pass(milliseconds time) {
        now += time;
        for (auto& [id, host] : hosts)
            stop_after_lease(host);
    }

    // What hosts do.

    /// The node reads its order for `app` and does what it says, as far as it can.
    void follow(const std::string& name, const std::string& app) {
        const AppId id(app);
        SimHost& host = hosts.at(NodeId(name));
        const auto order = orders.find({host.record.node, id});
        if (!host.connected || !host.has_engine) return;
        if (order == orders.end()) {
            if (host.orders.contains(id) && host.orders.at(id).remove) {
                host.orders.erase(id);
                host.runs.erase(id);
            }
            return;
        }
        host.orders[id] = order->second.assignment;
        const auto& wanted = order->second.assignment.instances;
        if (!host.slow) host.runs[id].clear();
        host.runs[id].insert(wanted.begin(), wanted.end());
    }
    /// The node follows its order, and says how it is. Null when it has nothing to say.
    HostReport* report(const std::string& name, const std::string& app) {
        const NodeId node(name);
        const AppId id(app);
        const SimHost& host = hosts.at(node);
        if (!host.connected || !host.has_engine) return nullptr;
        follow(name, app);
        if (!host.orders.contains(id)) {
            if (reports.erase({node, id}) > 0) state.drop_report(node, id);
            return nullptr;
        }
        HostReport& report = reports[{node, id}];
        report = make_report(host, id);
        state.set_report(report);
        return &report;
    }
    /// Publishes what a test has changed in a report.
    void publish(const HostReport& report) {
        reports[{report.node, report.app}] = report;
        state.set_report(report);
    }
    void report_all() {
        std::set<NodeApp> all;
        for (const auto& [key, order] : orders)
            all.insert(key);
        for (const auto& [node, host] : hosts) {
            for (const auto& [app, order] : host.orders)
                all.emplace(node, app);
        }
        for (const auto& [node, app] : all) {
            if (hosts.contains(node)) report(node.str(), app.str());
        }
    }

    // What the leader does.

    std::vector<ClusterAction> plan() {
        state.start_losses(now);
        std::vector<ClusterAction> actions = plan_cluster(state, now);
        bool all_done = true;
        failed_apps_.clear();
        for (const ClusterAction& action : actions) {
            const bool done = std::visit([this](const auto& a) { return run(a); }, action);
            all_done = all_done && done;
            if (after_write) after_write();
        }
        if (!all_done) read_own_writes();
        const bool vouched = std::exchange(sentinel_written_, false);
        if (vouched) distrust("");
        unsettled = !all_done || vouched;
        return actions;
    }
    /// Plans and reports until there is nothing more to do; false when that never ends.
    bool converge(int rounds_max = 12) {
        for (int round = 0; round < rounds_max; ++round) {
            report_all();
            if (plan().empty()) {
                report_all();
                if (plan().empty()) return true;
            }
        }
        return false;
    }
    /// Another node leads: it knows what KV has.
    void change_leader() {
        ++settings.epoch;
        state = ClusterState(settings);
        read_own_writes();
        state.set_holds(holds);
        state.set_absence_untrusted(absence_untrusted);
        for (const auto& [app, manifest] : manifests)
            state.set_manifest(app, manifest);
        for (const auto& [key, report] : reports)
            state.set_report(report);
        list_nodes();
        state.set_draining(draining);
        state.set_approved(approved);
        state.request_rebalance(rebalance);
        state.touch_all();
    }
    void read_own_writes() {
        std::vector<NodeApp> gone;
        for (const auto& [id, app] : state.apps()) {
            for (const auto& [node, order] : app.orders) {
                if (!orders.contains({node, id})) gone.emplace_back(node, id);
            }
        }
        for (const auto& [key, order] : orders)
            state.set_orders(key.first, order.assignment);
        for (const auto& [node, app] : gone)
            state.drop_orders(node, app);
        for (const auto& [key, order] : orders) {
            if (order.assignment.lives()) state.set_in_force(key.second, newest(key.second));
        }
        std::vector<AppId> over;
        for (const auto& [id, app] : state.apps()) {
            if (!statuses.contains(id)) over.push_back(id);
        }
        for (const AppId& id : over)
            state.drop_status(id);
        for (const auto& [app, status] : statuses)
            state.set_status(status);
        state.set_holds(holds);
        state.set_approved(approved);
        state.request_rebalance(rebalance);
        state.touch_all();
    }

    // Looking.

    [[nodiscard]] const AppStatus& status(const std::string& app) const {
        return statuses.at(AppId(app));
    }
    [[nodiscard]] const Assignment& order(const std::string& node, const std::string& app) const {
        return orders.at({NodeId(node), AppId(app)}).assignment;
    }
    [[nodiscard]] bool has_order(const std::string& node, const std::string& app) const {
        return orders.contains({NodeId(node), AppId(app)});
    }
    /// The nodes that are to run the instance, by KV.
    [[nodiscard]] std::vector<std::string> nodes_of(const std::string& app,
                                                    const InstanceId& instance) const {
        std::vector<std::string> nodes;
        for (const auto& [key, order] : orders) {
            const auto& all = order.assignment.instances;
            const bool has = std::find(all.begin(), all.end(), instance) != all.end();
            if (key.second.str() == app && has) nodes.push_back(key.first.str());
        }
        return nodes;
    }
    /// The nodes where the instance runs, or will once they read their orders.
    [[nodiscard]] std::set<std::string> may_run_on(const std::string& app,
                                                   const InstanceId& instance) const {
        std::set<std::string> nodes;
        for (const std::string& node : nodes_of(app, instance))
            nodes.insert(node);
        for (const auto& [node, host] : hosts) {
            const auto runs = host.runs.find(AppId(app));
            if (runs != host.runs.end() && runs->second.contains(instance)) {
                nodes.insert(node.str());
            }
        }
        return nodes;
    }
    /// `n0: web/1 web/2-; n1: removed`: what KV says each node is to run; `-` is leaving.
    [[nodiscard]] std::string shares(const std::string& app) const {
        std::string text;
        for (const auto& [key, order] : orders) {
            if (key.second.str() != app) continue;
            const Assignment& assignment = order.assignment;
            text += (text.empty() ? "" : "; ") + key.first.str() + ":";
            if (assignment.remove) text += assignment.elsewhere ? " elsewhere" : " removed";
            for (const InstanceId& instance : assignment.instances) {
                const auto& leaving = assignment.leaving;
                const bool leaves =
                    std::find(leaving.begin(), leaving.end(), instance) != leaving.end();
                text += " " + to_string(instance) + (leaves ? "-" : "");
            }
        }
        return text;
    }

  private:
    bool fails() const { return write_fails && write_fails(); }

    bool run(const WriteAssignment& a) {
        if (failed_apps_.contains(a.assignment.app)) return false;
        const bool refused = std::any_of(a.absent.begin(), a.absent.end(), [&](const NodeId& node) {
            return hosts.at(node).connected;
        });
        const bool overtaken = a.without_manifest && manifests.contains(a.assignment.app);
        if (refused || overtaken || fails()) {
            failed_apps_.insert(a.assignment.app);
            return false;
        }
        orders[{a.node, a.assignment.app}] = {a.assignment, a.manifest};
        return true;
    }
    bool run(const DropAssignment& a) {
        if (fails()) return false;
        orders.erase({a.node, a.app});
        return true;
    }
    bool run(const WriteStatus& a) {
        if (fails()) return false;
        statuses[a.status.app] = a.status;
        return true;
    }
    bool run(const DropStatus& a) {
        if (fails()) return false;
        statuses.erase(a.app);
        return true;
    }
    bool run(const WriteHolds& a) {
        if (fails()) return false;
        holds = a.holds;
        return true;
    }
    bool run(const WriteSentinel& /*unused*/) {
        has_sentinel = true;
        sentinel_written_ = true;
        return true;
    }
    bool run(const DropApprovals& /*unused*/) {
        if (fails()) return false;
        approved.clear();
        return true;
    }
    bool run(const DropRebalance& /*unused*/) {
        if (fails()) return false;
        rebalance = false;
        return true;
    }

    [[nodiscard]] Manifest newest(const AppId& app) const {
        Manifest best;
        for (const auto& [key, order] : orders) {
            const bool counts = key.second == app && order.assignment.lives() && order.manifest;
            if (counts && (!best || order.manifest->modify_index > best->modify_index)) {
                best = order.manifest;
            }
        }
        return best;
    }

    static HostReport make_report(const SimHost& host, const AppId& app) {
        const Assignment& order = host.orders.at(app);
        HostReport report{.node = host.record.node,
                          .app = app,
                          .revision = order.revision,
                          .manifest_index = order.manifest_index,
                          .serial = order.serial,
                          .settled = true,
                          .remove = order.remove};
        const auto has = [&](const auto& all, const InstanceId& instance) {
            const auto found = all.find(app);
            return found != all.end() && found->second.contains(instance);
        };
        for (const InstanceId& instance : order.instances) {
            const bool runs = has(host.runs, instance);
            std::string health = runs && has(host.fresh, instance) ? "starting" : "none";
            if (runs && has(host.sick, instance)) health = "unhealthy";
            report.instances.push_back(
                {.instance = instance,
                 .state = runs ? "running" : "exited",
                 .health = health,
                 .addresses = {{"net", host.record.node.str() + "-" + to_string(instance)}}});
        }
        const auto running = host.runs.find(app);
        if (running == host.runs.end()) return report;
        for (const InstanceId& instance : running->second) {
            const auto& asked = order.instances;
            if (std::find(asked.begin(), asked.end(), instance) != asked.end()) continue;
            report.surplus.push_back(instance);
            report.settled = false;
        }
        return report;
    }

    void stop_after_lease(SimHost& host) {
        if (host.connected || now < host.cut_at + host.record.lease) return;
        for (auto& [app, running] : host.runs) {
            std::erase_if(running, [&, id = app](const InstanceId& instance) {
                return stopping_.contains({id, instance.service});
            });
        }
    }

    std::uint64_t last_index_ = 4;
    bool sentinel_written_ = false;
    std::set<AppId> failed_apps_;  ///< in this plan
    /// Services that hosts stop when they are cut off; kept apart, for manifests go.
    std::set<std::pair<AppId, std::string>> stopping_;
};

}  // namespace nap::test
