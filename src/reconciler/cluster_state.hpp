#pragma once

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/app_spec.hpp"
#include "model/cluster.hpp"
#include "model/time.hpp"
#include "reconciler/node_table.hpp"
#include "reconciler/orders.hpp"
#include "reconciler/placement.hpp"

namespace nap {

/// A manifest as the leader found it, read.
struct ManifestState {
    ManifestText text;
    std::uint64_t modify_index = 0;
    RevisionId revision;
    std::optional<AppSpec> spec;  ///< absent: `errors` says why
    std::vector<ManifestError> errors;
};

using Manifest = std::shared_ptr<const ManifestState>;

/// What the leader keeps of one InstanceReport: it has one for every instance in the cluster.
struct SeenInstance {
    InstanceId instance;
    bool running = false;
    bool healthy = false;  ///< or without a health check
    bool starting = false;
    bool unhealthy = false;
    bool passed = false;     ///< its health check has
    bool completed = false;  ///< ended with exit code 0
    /// `network address`, a line each; see addresses_of(). Also while bridges are not routed: once
    /// they are, nobody reports them again.
    std::string addresses;
};

[[nodiscard]] StringMap addresses_of(const SeenInstance& instance);

/// What few reports have.
struct SeenTrouble {
    std::vector<InstanceId> surplus;
    std::vector<std::string> problems;
    std::string refused;
    std::uint64_t newer_epoch = 0;

    friend bool operator==(const SeenTrouble&, const SeenTrouble&) = default;
};

/// What the leader keeps of one HostReport.
struct Seen {
    std::uint64_t serial = 0;
    bool settled = false;
    bool remove = false;
    std::vector<SeenInstance> instances;             ///< sorted
    std::shared_ptr<const SeenTrouble> any_trouble;  ///< null: none

    [[nodiscard]] const SeenTrouble& trouble() const;
    /// The report answers these very orders.
    [[nodiscard]] bool answers(const Orders& orders) const { return serial == orders.serial; }
    /// It tells of nothing but the instances that were asked for.
    [[nodiscard]] bool plain() const;
    [[nodiscard]] const SeenInstance* find(const InstanceId& instance) const;
};

[[nodiscard]] Seen seen_in(const HostReport& report);

/// Why an app is not brought to what its manifest says until a person approves.
enum class HeldFor {
    nothing,
    absence,  ///< its manifest is gone, but that may be an error (invariant S5)
    removal,  ///< too much would be removed in one step (invariant S8)
    orphan,   ///< a host runs it, but Consul knows nothing of it (invariant S5)
    older,    ///< its manifest is older than the one a host has (invariant S4)
};

/// All the leader knows of one app.
struct AppRecord {
    Manifest manifest;  ///< what KV has; null: no such key
    Manifest in_force;  ///< the newest good one that is assigned; null: none
    boost::container::flat_map<NodeId, Orders> orders;  ///< what KV has under `nap/assigned/`
    boost::container::flat_map<NodeId, Seen> seen;      ///< likewise under `nap/observed/`
    SharedTerms newest_terms;                           ///< of any of `orders`, or null
    std::optional<AppStatus> published;

    // What the last plan found.
    std::vector<Unplaced> unplaced;
    /// Those that may not leave a node which is lost or drains, and that node.
    Placed staying;
    /// Those of `partition: stop` that go nowhere as long as that node is lost: it may run them
    /// without a lease.
    Placed unleased;
    std::string refusal;       ///< why nothing new is placed, or empty
    bool at_rest = false;      ///< no instance is on its way anywhere
    bool wants_nodes = false;  ///< a change of any node may matter to it
    HeldFor held = HeldFor::nothing;

    /// Keeps `assignment` as the node's orders.
    void keep(const NodeId& node, Assignment assignment);
    /// That of the next orders to the node.
    [[nodiscard]] std::uint64_t next_serial(const NodeId& node) const;
    /// Some node is to run some of it, or was told that another is.
    [[nodiscard]] bool assigned() const;
    [[nodiscard]] std::size_t instances() const;
    /// The node has some of it, by its report, but no order: that was lost.
    [[nodiscard]] bool forgotten(const NodeId& node) const;
    /// The node has answered `order`, its own, or a later one.
    [[nodiscard]] bool has_heard(const NodeId& node, const Orders& order) const;
    /// The node refuses `order`, its own, for being of an older leadership than one it has seen,
    /// and would take one of `epoch`.
    [[nodiscard]] bool outdated(const NodeId& node, const Orders& order, std::uint64_t epoch) const;
    /// Neither manifest nor orders, yet a node reports that it runs some of it.
    [[nodiscard]] bool orphaned() const;
};

/// How a node stands.
enum class Standing {
    open,      ///< new instances may come
    draining,  ///< it is to lose its instances
    waiting,   ///< lost, and nothing is done about it yet
    gone,      ///< lost: its instances go elsewhere
};

/// The leader's picture of the cluster. It is kept up to date change by change, and remembers which
/// apps a change matters to, so that the work of a plan grows with what changed and not with what
/// there is. Everything in it can be read again from KV.
class ClusterState {
  public:
    struct Settings {
        ClusterId cluster;
        std::uint64_t epoch = 0;
        milliseconds grace{1'000};
    };
    explicit ClusterState(Settings settings) : settings_(std::move(settings)) {}

    // Changes. Those of nodes need the time, for a loss counts from when it was seen.

    void set_manifest(const AppId& app, Manifest manifest);  ///< null: the key is gone
    void set_in_force(const AppId& app, Manifest manifest);
    void set_orders(const NodeId& node, Assignment orders);
    void drop_orders(const NodeId& node, const AppId& app);
    void set_report(const HostReport& report);
    void drop_report(const NodeId& node, const AppId& app);
    void set_status(AppStatus status);
    void drop_status(const AppId& app);
    void set_node(const NodeRecord& record, MonotonicTime now);
    /// The node has no record. For every change among the records, also when it had none before.
    void drop_node(const NodeId& node, MonotonicTime now);
    /// All nodes that operators want drained.
    void set_draining(std::set<NodeId> nodes);
    /// Why a manifest that is not there may not count as deleted; empty when it may.
    void set_absence_untrusted(std::string reason);
    void set_holds(std::vector<Hold> holds) { holds_ = std::move(holds); }
    void set_approved(std::set<std::string> ids);
    /// Consul itself was away until now. Hosts that it takes for dead for that reason are heard of
    /// again in a moment, and the grace of their losses begins only then.
    void note_recovery(MonotonicTime now);
    /// Nodes have orders that have never been seen: from now on their time counts.
    void start_losses(MonotonicTime now);
    void request_rebalance(bool wanted) { rebalance_ = wanted; }
    /// Orders may have been lost before this leader read them: a host it does not know of may run
    /// a service of `partition: stop`, until its lease is over or it has reported.
    void doubt_orders(MonotonicTime now) { doubted_at_ = now; }

    /// Changes the table's accounts together with the orders of one app.
    template <class Change>
    void change_orders(AppRecord& app, Change change) {
        account(app, -1);
        change();
        account(app, 1);
    }
    void account(const AppRecord& app, int sign);
    /// Orders of `app` have come to, or gone from, the node by a plan.
    void note_orders(const NodeId& node, const AppId& app);
    void forget_orders(const NodeId& node, const AppId& app);

    void touch(const AppId& app) { dirty_.insert(app); }
    void touch_all();
    /// Apps whose node stands otherwise than before, because time has passed.
    void touch_due(MonotonicTime now);

    // Looking.

    [[nodiscard]] const Settings& settings() const { return settings_; }
    [[nodiscard]] const std::map<AppId, AppRecord>& apps() const { return apps_; }
    [[nodiscard]] std::map<AppId, AppRecord>& apps() { return apps_; }
    [[nodiscard]] const NodeTable& nodes() const { return nodes_; }
    [[nodiscard]] NodeTable& nodes() { return nodes_; }
    [[nodiscard]] const std::string& absence_untrusted() const { return absence_untrusted_; }
    [[nodiscard]] const std::vector<Hold>& holds() const { return holds_; }
    [[nodiscard]] bool approved(const std::string& id) const { return approved_.contains(id); }
    [[nodiscard]] const std::set<std::string>& approvals() const { return approved_; }
    [[nodiscard]] bool rebalance() const { return rebalance_; }
    [[nodiscard]] std::set<AppId> take_dirty() { return std::exchange(dirty_, {}); }
    /// Apps at rest of which only reports have come, that change what is told of them and no
    /// orders.
    [[nodiscard]] std::set<AppId> take_reported() { return std::exchange(reported_, {}); }

    [[nodiscard]] Standing standing(const NodeId& node, MonotonicTime now) const;
    /// The node can no longer run a service of `partition: stop`: its agent has stopped it by now.
    [[nodiscard]] bool lease_over(const NodeId& node, MonotonicTime now) const;
    [[nodiscard]] bool orders_doubted(MonotonicTime now) const;
    /// When the next loss is over its grace or its lease; nullopt when nothing is waited for.
    [[nodiscard]] std::optional<MonotonicTime> next_due(MonotonicTime now) const;
    /// Lost nodes that count for the brake: those lost a moment ago, those held, and those that are
    /// to run something which could run elsewhere.
    [[nodiscard]] std::vector<NodeId> lost_nodes(MonotonicTime now) const;
    void hold_losses(bool held, MonotonicTime now);
    /// Nodes that a person has given up: what they had may go elsewhere.
    void give_up(const std::vector<NodeId>& nodes);
    [[nodiscard]] bool given_up(const NodeId& node) const {
        return losses_approved_.contains(node);
    }
    [[nodiscard]] bool losses_held() const { return losses_held_; }
    [[nodiscard]] bool all_routed() const { return all_routed_; }
    /// The one swarm that the engines of all nodes are in, or empty.
    [[nodiscard]] const std::string& swarm() const { return swarm_; }
    /// Apps that are held, for the list of what is.
    void note_held(const AppId& app, HeldFor why);
    [[nodiscard]] const std::set<AppId>& held() const { return held_; }

  private:
    struct Loss {
        MonotonicTime since{};
        /// Since when its agent has not been heard of; without one, it says that its engine is
        /// down.
        std::optional<MonotonicTime> silent_since{};
        bool held = false;      ///< counts among too many until it is back
        bool mattered = false;  ///< it had something then that could go elsewhere
    };

    [[nodiscard]] Loss new_loss(const NodeId& node, MonotonicTime now) const;
    AppRecord& app(const AppId& id);
    void forget_if_empty(const AppId& id);
    void touch_node(const NodeId& node);
    void review_nodes();
    [[nodiscard]] std::optional<MonotonicTime> stop_time(const Loss& loss) const;
    [[nodiscard]] std::optional<MonotonicTime> doubt_ends() const;
    [[nodiscard]] bool is_movable(const AppId& app, const NodeId& node) const;
    /// The node has something that could go elsewhere.
    [[nodiscard]] bool has_movable(const NodeId& node) const;

    Settings settings_;
    std::map<AppId, AppRecord> apps_;
    NodeTable nodes_;
    std::map<NodeId, Loss> losses_;
    std::set<NodeId> unseen_;       ///< known by orders alone; their loss has no beginning yet
    MonotonicTime recovered_at_{};  ///< the grace of a loss begins no earlier
    std::set<NodeId> unweighed_;    ///< lost while what they have may not have been read yet
    /// Apps with orders there.
    std::map<NodeId, boost::container::flat_set<AppId>> apps_on_;
    std::set<AppId> dirty_;
    std::set<AppId> reported_;
    std::set<NodeId> told_due_;  ///< losses over their grace whose apps have been touched
    std::set<NodeId> told_stopped_;
    std::string absence_untrusted_;
    std::vector<Hold> holds_;
    std::set<std::string> approved_;
    std::set<NodeId> draining_;
    bool losses_held_ = false;
    std::set<NodeId> losses_approved_;
    milliseconds lease_max_ = NodeRecord{}.lease;
    std::optional<MonotonicTime> doubted_at_;
    bool rebalance_ = false;
    bool all_routed_ = false;
    std::string swarm_;
    std::set<AppId> held_;
};

}  // namespace nap
