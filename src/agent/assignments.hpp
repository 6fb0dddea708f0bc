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

    enum class Change {
        work,    ///< what is to run here
        around,  ///< who gave the order, or what is on other nodes
    };
    /// Takes what a read of this host's prefix says. Returns the apps whose order has changed.
    std::map<AppId, Change> take(const KvListing& listing, const std::string& prefix);
    /// Removal is done and its key is gone: nothing is left to remember.
    void forget(const AppId& app);

    [[nodiscard]] const std::map<AppId, Order>& orders() const { return orders_; }
    [[nodiscard]] const Order* find(const AppId& app) const;
    /// Apps with an order here that the last listing did not have.
    [[nodiscard]] const std::set<AppId>& missing() const { return missing_; }
    [[nodiscard]] const ClusterMemory& cluster() const { return cluster_; }
    /// Why the order that stands in Consul for `app` is not followed, for people; or empty.
    [[nodiscard]] std::string refused_order(const AppId& app) const;
    /// The highest epoch this host has seen, when the order in Consul is refused for being of an
    /// older one; else 0.
    [[nodiscard]] std::uint64_t newer_epoch(const AppId& app) const {
        return regressed_.contains(app) ? cluster_.epoch : 0;
    }
    /// An order of an older leadership than this host has seen stands in Consul: until a newer one
    /// comes, nothing is stopped or removed (invariant S4).
    [[nodiscard]] bool frozen() const { return !regressed_.empty(); }
    /// A newer leadership or, on a fresh host, the cluster has been seen.
    void remember(const ClusterId& cluster, std::uint64_t epoch);

  private:
    bool accept(Assignment assignment);
    [[nodiscard]] std::string why_refused(const Assignment& assignment) const;
    void refuse(const std::string& key, const std::string& reason);

    const Memory& memory_;
    ClusterMemory cluster_;
    std::map<AppId, Order> orders_;
    std::set<AppId> missing_;
    std::set<AppId> regressed_;
    std::map<AppId, std::string> not_followed_;
    std::map<std::string, std::string> refused_;  ///< by key, so that each is said once
};

}  // namespace nap
