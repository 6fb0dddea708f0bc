#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/host_controller.hpp"
#include "agent/leadership.hpp"
#include "model/app_sources.hpp"
#include "reconciler/app_intake.hpp"
#include "reconciler/cluster_plan.hpp"

namespace nap {

/// The leader's work: reads manifests, nodes and reports, assigns apps to nodes, publishes how each
/// app is. Writes to KV only, each in a transaction with a check that this term still holds the
/// lock.
class ClusterController {
  public:
    /// `on_outdated` is called when hosts refuse what this term writes, for they have seen a later
    /// one: the term is to end.
    ClusterController(Parts parts, Assignments& assignments, std::function<void()> on_outdated);

    /// Begins a term; the last one must have ended.
    void start(const Term& term);
    void stop();
    asio::awaitable<void> join();

  private:
    /// The keys of one app that is yet to be read.
    struct Offered {
        std::vector<KvEntry> entries;
        std::uint64_t listing_index = 0;
    };

    asio::awaitable<void> lead();
    asio::awaitable<bool> prepare();
    asio::awaitable<bool> settle_identity();
    asio::awaitable<bool> found_cluster();
    asio::awaitable<bool> read_own_writes();
    asio::awaitable<void> work();
    asio::awaitable<bool> reconcile();
    bool give_up_if_outdated();

    // What KV says becomes what the planner looks at (cluster_intake.cpp, manifest_intake.cpp).

    KvWatch::Options watch(std::string prefix, std::function<void(const KvListing&)> take);
    /// What one of the prefixes holds that manifests come from.
    void take_source(const std::string& prefix, const KvListing& listing);
    /// What all of them hold.
    void take_manifests(const KvListing& listing);
    /// True for a key of an app, whose name is then in `app`.
    bool is_app_key(const KvEntry& entry, AppId& app);
    void review_sentinels(const std::map<std::string, const KvEntry*>& sentinels);
    /// The manifest came from a prefix that this agent does not read.
    [[nodiscard]] bool is_foreign(const AppId& app, const AppRecord& record) const;
    [[nodiscard]] Manifest foreign(const ManifestState& in_force) const;
    /// The name that a key has in what people read.
    [[nodiscard]] std::string shown(const std::string& key) const;
    /// Reads the apps that have settled.
    void take_settled();
    [[nodiscard]] Manifest read_manifest(const AppId& app, const Offered& offered) const;
    void take_reports(const KvListing& listing);
    void take_nodes(const KvListing& listing);
    void take_controls(const KvListing& listing);
    void take_requests(const KvListing& listing);
    void take_orders(const KvListing& listing);
    void take_statuses(const KvListing& listing);
    [[nodiscard]] bool all_read() const;

    // The planner's actions become transactions (cluster_writes.cpp).

    asio::awaitable<bool> carry_out(std::vector<ClusterAction> actions);
    asio::awaitable<bool> write(std::vector<KvOp> ops);
    void add_ops(const ClusterAction& action, std::vector<KvOp>& ops) const;
    /// Adds checks that commit a removal only while the app really has no manifest.
    void check_manifest_gone(const AppId& app, std::vector<KvOp>& ops) const;
    void acted(const ClusterAction& action);
    void note_status(const AppStatus& status);

    Parts parts_;
    Assignments& assignments_;
    std::function<void()> on_outdated_;
    Term term_;
    ClusterState state_;
    AppSources sources_;
    std::deque<KvWatch> manifest_watches_;  ///< one for each source
    KvWatch reports_watch_;
    KvWatch nodes_watch_;
    KvWatch controls_watch_;
    KvWatch requests_watch_;
    Wake wake_;
    TaskGroup loops_;
    bool identity_said_ = false;
    bool founded_ = false;  ///< in this term, and there was none before
    bool doubt_ = false;    ///< what KV has of ours may not be what was written

    std::set<std::string> read_;                 ///< prefixes that have been read in this term
    std::map<std::string, KvListing> listings_;  ///< of each source, where there are several
    std::set<std::string> sentinels_missing_;    ///< of the sources, or those of another cluster
    AppIntake intake_;
    std::map<AppId, Offered> offered_;                   ///< those that `intake_` waits with
    std::map<std::string, std::uint64_t> report_index_;  ///< ModifyIndex of what was taken
    std::uint64_t newest_epoch_ = 0;  ///< of those for which hosts refuse their orders
    std::uint64_t nodes_index_ = 0;   ///< of the last read of the nodes' records
    bool nodes_unread_ = false;       ///< the last try to read them failed
    std::map<std::string, std::uint64_t> bad_names_;
    std::map<AppId, Phase> phases_;
    std::map<AppId, MonotonicTime> changed_at_;
};

}  // namespace nap
