// What changes in the leader's picture because time passes, and when.

#include <algorithm>

#include "reconciler/cluster_state.hpp"

namespace nap {

namespace {

/// An engine takes a moment to stop a container, and clocks do not run quite alike.
constexpr milliseconds stop_margin{3'000};

}  // namespace

void ClusterState::touch_due(MonotonicTime now) {
    if (doubted_at_ && !orders_doubted(now)) {
        doubted_at_.reset();
        touch_all();
    }
    for (const auto& [node, loss] : losses_) {
        if (now >= loss.since + settings_.grace && told_due_.insert(node).second) touch_node(node);
        const auto stop = stop_time(loss);
        if (stop && now >= *stop && told_stopped_.insert(node).second) touch_node(node);
    }
}

std::optional<MonotonicTime> ClusterState::stop_time(const Loss& loss) const {
    if (!loss.silent_since) return std::nullopt;
    // The lost node's own lease may be lost with its record; that of any node is as good.
    return *loss.silent_since + std::max(settings_.grace, lease_max_ + stop_margin);
}

Standing ClusterState::standing(const NodeId& node, MonotonicTime now) const {
    const NodeView* view = nodes_.find(node);
    if (view != nullptr && view->alive) {
        return view->draining ? Standing::draining : Standing::open;
    }
    const auto loss = losses_.find(node);
    const bool waits =
        losses_held_ || loss == losses_.end() || now < loss->second.since + settings_.grace;
    return waits ? Standing::waiting : Standing::gone;
}

bool ClusterState::lease_over(const NodeId& node, MonotonicTime now) const {
    const auto loss = losses_.find(node);
    if (loss == losses_.end() || losses_held_) return false;
    const auto stop = stop_time(loss->second);
    return stop && now >= *stop;
}

std::optional<MonotonicTime> ClusterState::doubt_ends() const {
    if (!doubted_at_) return std::nullopt;
    return *doubted_at_ + lease_max_ + stop_margin;
}

bool ClusterState::orders_doubted(MonotonicTime now) const {
    const auto ends = doubt_ends();
    return ends && now < *ends;
}

std::optional<MonotonicTime> ClusterState::next_due(MonotonicTime now) const {
    std::optional<MonotonicTime> next;
    const auto consider = [&](MonotonicTime due) {
        if (due > now && (!next || due < *next)) next = due;
    };
    for (const auto& [node, loss] : losses_) {
        consider(loss.since + settings_.grace);
        if (const auto stop = stop_time(loss)) consider(*stop);
    }
    if (const auto ends = doubt_ends()) consider(*ends);
    return next;
}

}  // namespace nap
