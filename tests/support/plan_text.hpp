#pragma once

#include <string>
#include <vector>

#include "reconciler/app_plan.hpp"

namespace nap::test {

template <class Names>
std::string listed(const Names& names) {
    std::string text;
    for (const auto& name : names)
        text += " " + name.str();
    return text;
}

inline std::string text_of(const WriteAssignment& a) {
    const Assignment& order = a.assignment;
    std::string text = "assign " + a.node.str() + " " + order.app.str() + " " +
                       order.revision.str() + " " + std::to_string(order.manifest_index) + ":";
    for (const InstanceId& instance : order.instances)
        text += " " + to_string(instance) + (order.leaves(instance) ? "-" : "");
    if (order.remove) text += order.elsewhere ? " elsewhere" : " removed";
    if (order.approved) text += " approved";
    text += std::string(" ") + to_string(order.scope);
    for (const Peer& peer : order.peers)
        text += " peer " + peer.name;
    if (!a.absent.empty()) text += ", absent" + listed(a.absent);
    return text + (a.without_manifest ? ", without manifest" : "");
}
inline std::string text_of(const DropAssignment& a) {
    return "drop " + a.node.str() + " " + a.app.str();
}
inline std::string text_of(const WriteStatus& a) {
    std::string text = "status " + a.status.app.str() + " " + to_string(a.status.phase);
    for (const auto& [name, counts] : a.status.services) {
        text += " " + name + " " + std::to_string(counts.desired) + "/" +
                std::to_string(counts.running) + "/" + std::to_string(counts.healthy);
    }
    return text + " " + a.status.message;
}
inline std::string text_of(const DropStatus& a) {
    return "drop status " + a.app.str();
}
inline std::string text_of(const WriteHolds& a) {
    std::string text = "holds";
    for (const Hold& hold : a.holds)
        text += " " + hold.id + listed(hold.apps);
    return text;
}
inline std::string text_of(const WriteSentinel& /*unused*/) {
    return "sentinel";
}
inline std::string text_of(const DropApprovals& /*unused*/) {
    return "drop approvals";
}
inline std::string text_of(const DropRebalance& /*unused*/) {
    return "drop rebalance";
}

/// A line for each action.
inline std::string text_of(const std::vector<ClusterAction>& actions) {
    std::string text;
    for (const ClusterAction& action : actions)
        text += std::visit([](const auto& a) { return text_of(a); }, action) + "\n";
    return text;
}

}  // namespace nap::test
