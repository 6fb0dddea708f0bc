#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/memory.hpp"
#include "model/app_spec.hpp"
#include "model/cluster.hpp"
#include "ports/store.hpp"

namespace nap {

/// An assignment this host has taken on, and the manifest in it, read.
struct Order {
    Assignment assignment;
    AppSpec spec;
};

/// What this host has been told to run. The rule it keeps: only an order that is there, is whole
/// and comes from this cluster's leader changes anything. A key that is missing, unreadable, from
/// another cluster or of an older leadership leaves what runs as it is (invariants S4, S5, S6).
class Assignments {
  public:
    explicit Assignments(const Memory& memory);

    /// Takes what a read of this host's prefix says. Returns the apps whose order has changed.
    std::set<AppId> take(const KvListing& listing, const std::string& prefix);
    /// Removal is done and its key is gone: nothing is left to remember.
    void forget(const AppId& app);

    [[nodiscard]] const std::map<AppId, Order>& orders() const { return orders_; }
    [[nodiscard]] const Order* find(const AppId& app) const;
    /// Apps with an order here that the last listing did not have.
    [[nodiscard]] const std::set<AppId>& missing() const { return missing_; }
    [[nodiscard]] const ClusterMemory& cluster() const { return cluster_; }
    /// A newer leadership or, on a fresh host, the cluster has been seen.
    void remember(const ClusterId& cluster, std::uint64_t epoch);

  private:
    bool accept(Assignment assignment);
    void refuse(const std::string& key, const std::string& reason);

    const Memory& memory_;
    ClusterMemory cluster_;
    std::map<AppId, Order> orders_;
    std::set<AppId> missing_;
    std::map<std::string, std::string> refused_;  ///< by key, so that each is said once
};

}  // namespace nap
