#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/cluster.hpp"

namespace nap {

/// What the orders that one plan gave for an app have in common. It is in memory once for all of
/// its nodes.
struct OrderTerms {
    ClusterId cluster;
    std::uint64_t epoch = 0;
    RevisionId revision;
    std::string file;                  ///< the name of the manifest
    std::uint64_t manifest_index = 0;  ///< its ModifyIndex
    bool approved = false;             ///< a person has vouched for the manifest
    NetworkScope scope = NetworkScope::local;

    friend bool operator==(const OrderTerms&, const OrderTerms&) = default;
};

using SharedTerms = std::shared_ptr<const OrderTerms>;

/// What few orders have.
struct OrdersRest {
    std::vector<InstanceId> leaving;    ///< sorted
    std::vector<std::string> unleased;  ///< sorted
};

/// What the leader keeps of one Assignment: it has one for every node of every app. Which app and
/// node, says where it is kept; its manifest is the one in force.
struct Orders {
    SharedTerms terms;  ///< never null
    std::uint64_t serial = 0;
    std::vector<InstanceId> instances;       ///< sorted
    std::shared_ptr<const OrdersRest> rest;  ///< null: none
    std::uint64_t peers = 0;                 ///< digest_of() them
    bool remove = false;
    bool elsewhere = false;

    [[nodiscard]] bool lives() const { return !remove || elsewhere; }
    [[nodiscard]] const std::vector<InstanceId>& leaving() const;
    [[nodiscard]] const std::vector<std::string>& unleased() const;
    [[nodiscard]] bool has(const InstanceId& instance) const;
    /// The instance goes from the node once it runs elsewhere.
    [[nodiscard]] bool leaves(const InstanceId& instance) const;
};

/// Tells lists of peers apart; 0 for none.
[[nodiscard]] std::uint64_t digest_of(const std::vector<Peer>& peers);

/// `known` where that says the same, so that the text of many orders is kept once.
[[nodiscard]] SharedTerms terms_of(const Assignment& assignment, const SharedTerms& known);
[[nodiscard]] Orders orders_of(Assignment assignment, SharedTerms terms);
/// Without the text of the manifest.
[[nodiscard]] Assignment assignment_of(const AppId& app, const Orders& orders,
                                       std::vector<Peer> peers);

}  // namespace nap
