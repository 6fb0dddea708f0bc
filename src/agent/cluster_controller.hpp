#pragma once

#include <map>
#include <set>
#include <string>

#include "agent/host_controller.hpp"
#include "agent/leadership.hpp"
#include "reconciler/cluster_plan.hpp"

namespace nap {

/// The leader's work: reads manifests, assigns them to nodes, publishes how each app is. Writes to
/// KV only, each in a transaction with a check that this term still holds the lock.
class ClusterController {
  public:
    ClusterController(Parts parts, Assignments& assignments);

    /// Begins a term; the last one must have ended.
    void start(const Term& term);
    void stop();
    asio::awaitable<void> join();

  private:
    asio::awaitable<void> lead();
    asio::awaitable<bool> prepare();
    asio::awaitable<bool> settle_identity();
    asio::awaitable<bool> found_cluster();
    asio::awaitable<bool> read_own_writes();
    asio::awaitable<void> work();
    asio::awaitable<bool> reconcile();
    asio::awaitable<bool> act(const ClusterAction& action);
    /// Adds checks that commit a removal only while the app really has no manifest.
    void check_manifest_gone(const AppId& app, std::vector<KvOp>& ops) const;
    void acted(const ClusterAction& action);

    KvWatch::Options watch(std::string prefix, void (ClusterController::*take)(const KvListing&));
    void take_manifests(const KvListing& listing);
    void take_manifest(const KvEntry& entry);
    ManifestState read_manifest(const KvEntry& entry, const AppKey& key);
    void take_reports(const KvListing& listing);
    void take_nodes(const KvListing& listing);
    void note_status(const AppStatus& status);

    Parts parts_;
    Assignments& assignments_;
    Term term_;
    ClusterId cluster_;
    KvWatch manifests_watch_;
    KvWatch reports_watch_;
    KvWatch nodes_watch_;
    Wake wake_;
    TaskGroup loops_;
    bool identity_said_ = false;

    bool manifests_read_ = false;
    bool reports_read_ = false;
    std::string absence_untrusted_;
    std::map<std::string, ManifestState> by_key_;  ///< what each key was read as
    std::map<AppId, ManifestState> manifests_;
    std::map<std::string, std::uint64_t> bad_names_;
    std::vector<NodeId> nodes_;
    std::map<NodeApp, HostReport> reports_;
    std::map<NodeApp, Assignment> assigned_;
    std::map<AppId, AppStatus> published_;
    std::map<AppId, MonotonicTime> changed_at_;
};

}  // namespace nap
