#include "reconciler/cluster_state.hpp"

#include <algorithm>
#include <chrono>

#include "reconciler/occupancy.hpp"

namespace nap {

namespace {

/// Nodes that go within this time go at once: their ends are noticed one after the other.
constexpr std::chrono::seconds at_once{30};
/// Once so many are back that the rest is no longer held, the rest has this time to come back too.
constexpr std::chrono::seconds return_time{10};
/// What Consul took for dead while it had no leader itself is heard of again within this time.
constexpr std::chrono::seconds recovery_time{2};

}  // namespace

void AppRecord::keep(const NodeId& node, Assignment assignment) {
    newest_terms = terms_of(assignment, newest_terms);
    orders[node] = orders_of(std::move(assignment), newest_terms);
}

std::uint64_t AppRecord::next_serial(const NodeId& node) const {
    const auto order = orders.find(node);
    const auto report = seen.find(node);
    // Of two the higher: Consul may have been restored to what it had before.
    return 1 + std::max(order == orders.end() ? 0 : order->second.serial,
                        report == seen.end() ? 0 : report->second.serial);
}

bool AppRecord::assigned() const {
    return std::any_of(orders.begin(), orders.end(),
                       [](const auto& order) { return order.second.lives(); });
}

std::size_t AppRecord::instances() const {
    std::size_t count = 0;
    for (const auto& [node, order] : orders)
        count += order.instances.size();
    return count;
}

bool AppRecord::forgotten(const NodeId& node) const {
    if (orders.contains(node)) return false;
    const auto found = seen.find(node);
    return found != seen.end() && !found->second.remove && !found->second.instances.empty();
}

bool AppRecord::has_heard(const NodeId& node, const Orders& order) const {
    const auto report = seen.find(node);
    return report != seen.end() && report->second.serial >= order.serial;
}

bool AppRecord::outdated(const NodeId& node, const Orders& order, std::uint64_t epoch) const {
    if (order.terms->epoch >= epoch) return false;
    const auto report = seen.find(node);
    if (report == seen.end()) return false;
    const std::uint64_t newer = report->second.trouble().newer_epoch;
    return order.terms->epoch < newer && newer < epoch;
}

bool AppRecord::orphaned() const {
    if (manifest || !orders.empty()) return false;
    return std::any_of(seen.begin(), seen.end(),
                       [&](const auto& entry) { return forgotten(entry.first); });
}

AppRecord& ClusterState::app(const AppId& id) {
    touch(id);
    return apps_[id];
}

void ClusterState::forget_if_empty(const AppId& id) {
    const auto found = apps_.find(id);
    if (found == apps_.end()) return;
    const AppRecord& app = found->second;
    const bool empty = !app.manifest && app.orders.empty() && app.seen.empty() && !app.published;
    if (empty) apps_.erase(found);
}

void ClusterState::account(const AppRecord& app, int sign) {
    Occupancy change;
    change.add(app, sign);
    change.apply(nodes_);
}

void ClusterState::set_manifest(const AppId& id, Manifest manifest) {
    app(id).manifest = std::move(manifest);
    forget_if_empty(id);
}

void ClusterState::set_in_force(const AppId& id, Manifest manifest) {
    AppRecord& record = app(id);
    change_orders(record, [&] { record.in_force = std::move(manifest); });
}

void ClusterState::note_orders(const NodeId& node, const AppId& id) {
    const auto app = apps_.find(id);
    apps_on_[node].insert(app == apps_.end() ? id : app->first);
    if (nodes_.find(node) != nullptr) return;
    nodes_.node(node);
    unseen_.insert(node);
}

void ClusterState::forget_orders(const NodeId& node, const AppId& id) {
    const auto on_it = apps_on_.find(node);
    if (on_it != apps_on_.end()) on_it->second.erase(id);
}

void ClusterState::set_orders(const NodeId& node, Assignment orders) {
    AppRecord& record = app(orders.app);
    note_orders(node, orders.app);
    change_orders(record, [&] { record.keep(nodes_.known(node), std::move(orders)); });
}

void ClusterState::drop_orders(const NodeId& node, const AppId& id) {
    AppRecord& record = app(id);
    change_orders(record, [&] { record.orders.erase(node); });
    forget_orders(node, id);
    if (!record.assigned()) set_in_force(id, nullptr);
    forget_if_empty(id);
}

void ClusterState::set_report(const HostReport& report) {
    Seen seen = seen_in(report);
    AppRecord& record = apps_[report.app];
    record.seen.reserve(record.orders.size());
    Seen& known = record.seen[nodes_.known(report.node)];
    const bool changes_orders = !record.at_rest || !known.plain() || !seen.plain() || all_routed_ ||
                                !record.orders.contains(report.node);
    (changes_orders ? dirty_ : reported_).insert(report.app);
    known = std::move(seen);
}

void ClusterState::drop_report(const NodeId& node, const AppId& id) {
    app(id).seen.erase(node);
    forget_if_empty(id);
}

void ClusterState::set_status(AppStatus status) {
    apps_[status.app].published = std::move(status);
}

void ClusterState::drop_status(const AppId& id) {
    app(id).published.reset();
    forget_if_empty(id);
}

void ClusterState::set_node(const NodeRecord& record, MonotonicTime now) {
    const bool alive = record.state == "ready";
    const NodeView* known = nodes_.find(record.node);
    const auto known_loss = losses_.find(record.node);
    const bool was_silent = known_loss != losses_.end() && known_loss->second.silent_since;
    if (known != nullptr && known->alive == alive && !was_silent && known->record == record) return;
    NodeView& view = nodes_.node(record.node);
    view.record = record;
    view.alive = alive;
    view.draining = draining_.contains(record.node);
    unseen_.erase(record.node);
    told_stopped_.erase(record.node);
    if (alive) {
        losses_.erase(record.node);
        told_due_.erase(record.node);
        losses_approved_.erase(record.node);
    } else {
        const auto [loss, fresh] = losses_.try_emplace(record.node, new_loss(record.node, now));
        if (fresh) unweighed_.insert(record.node);
        loss->second.silent_since.reset();
    }
    review_nodes();
    touch_node(record.node);
}

void ClusterState::drop_node(const NodeId& node, MonotonicTime now) {
    Loss& loss = losses_.try_emplace(node, new_loss(node, now)).first->second;
    // Once more: it may have been back for a moment, and its lease with it.
    const bool known = loss.silent_since.has_value();
    loss.silent_since = now;
    told_stopped_.erase(node);
    if (known) return;
    unseen_.erase(node);
    nodes_.node(node).alive = false;
    const auto on_it = apps_on_.find(node);
    if (on_it == apps_on_.end() || on_it->second.empty()) {
        nodes_.erase(node);
        losses_.erase(node);
    }
    review_nodes();
    touch_node(node);
}

void ClusterState::set_draining(std::set<NodeId> nodes) {
    draining_ = std::move(nodes);
    std::vector<NodeId> changed;
    for (const auto& [id, view] : nodes_.all()) {
        if (view.draining != draining_.contains(id)) changed.push_back(id);
    }
    for (const NodeId& id : changed) {
        nodes_.node(id).draining = draining_.contains(id);
        touch_node(id);
    }
}

void ClusterState::start_losses(MonotonicTime now) {
    for (const NodeId& node : std::exchange(unseen_, {})) {
        const auto [loss, fresh] = losses_.try_emplace(node, new_loss(node, now));
        if (fresh) loss->second.silent_since = now;
    }
    for (const NodeId& node : std::exchange(unweighed_, {})) {
        const auto loss = losses_.find(node);
        if (loss != losses_.end()) loss->second.mattered = has_movable(node);
    }
}

void ClusterState::note_recovery(MonotonicTime now) {
    recovered_at_ = now + recovery_time;
}

void ClusterState::hold_losses(bool held, MonotonicTime now) {
    const std::vector<NodeId> lost = lost_nodes(now);
    losses_held_ = held;
    for (const NodeId& node : lost) {
        Loss& loss = losses_.at(node);
        loss.held = held;
        // Those lost together come back together, or nearly so.
        if (held || given_up(node)) continue;
        loss.since = std::max(loss.since, now + return_time);
        told_due_.erase(node);
    }
}

void ClusterState::give_up(const std::vector<NodeId>& nodes) {
    losses_approved_.insert(nodes.begin(), nodes.end());
}

void ClusterState::set_absence_untrusted(std::string reason) {
    if (reason == absence_untrusted_) return;
    absence_untrusted_ = std::move(reason);
    touch_all();
}

void ClusterState::set_approved(std::set<std::string> ids) {
    if (ids == approved_) return;
    approved_ = std::move(ids);
    touch_all();
}

void ClusterState::touch_all() {
    for (const auto& [id, record] : apps_)
        dirty_.insert(id);
}

void ClusterState::touch_node(const NodeId& node) {
    const auto on_it = apps_on_.find(node);
    if (on_it != apps_on_.end()) dirty_.insert(on_it->second.begin(), on_it->second.end());
    for (const auto& [id, record] : apps_) {
        if (record.wants_nodes) dirty_.insert(id);
    }
}

bool ClusterState::is_movable(const AppId& id, const NodeId& node) const {
    const AppRecord& record = apps_.at(id);
    const auto order = record.orders.find(node);
    if (order == record.orders.end() || !record.in_force || !record.in_force->spec) return false;
    const AppSpec& spec = *record.in_force->spec;
    return std::any_of(order->second.instances.begin(), order->second.instances.end(),
                       [&](const InstanceId& instance) {
                           const auto service = spec.services.find(instance.service);
                           if (service == spec.services.end()) return false;
                           const bool stays = service->second.mode == DeployMode::global ||
                                              stays_with_node(spec, service->second);
                           return !stays && !order->second.leaves(instance);
                       });
}

std::vector<NodeId> ClusterState::lost_nodes(MonotonicTime now) const {
    std::vector<NodeId> lost;
    for (const auto& [node, loss] : losses_) {
        const auto on_it = apps_on_.find(node);
        if (on_it == apps_on_.end()) continue;
        const bool recent = loss.mattered && now < loss.since + at_once;
        if (recent || (losses_held_ && loss.held)) {
            lost.push_back(node);
            continue;
        }
        if (has_movable(node)) lost.push_back(node);
    }
    const bool any_due = std::any_of(lost.begin(), lost.end(), [&](const NodeId& node) {
        return now >= losses_.at(node).since + settings_.grace;
    });
    return any_due ? lost : std::vector<NodeId>{};
}

ClusterState::Loss ClusterState::new_loss(const NodeId& node, MonotonicTime now) const {
    return {.since = std::max(now, recovered_at_),
            .silent_since = {},
            .held = false,
            .mattered = has_movable(node)};
}

bool ClusterState::has_movable(const NodeId& node) const {
    const auto on_it = apps_on_.find(node);
    return on_it != apps_on_.end() &&
           std::any_of(on_it->second.begin(), on_it->second.end(),
                       [&](const AppId& app) { return is_movable(app, node); });
}

void ClusterState::review_nodes() {
    const bool routed_before = all_routed_;
    bool any = false;
    all_routed_ = true;
    swarm_.clear();
    bool one_swarm = true;
    lease_max_ = milliseconds{0};
    for (const auto& [id, view] : nodes_.all()) {
        // Of a node that has never been seen there is only the name.
        const bool known = view.alive || !view.record.os.empty();
        if (known) lease_max_ = std::max(lease_max_, view.record.lease);
        if (!view.alive) continue;
        all_routed_ = all_routed_ && view.record.routed;
        one_swarm = one_swarm && (!any || swarm_ == view.record.swarm);
        swarm_ = view.record.swarm;
        any = true;
    }
    if (lease_max_ == milliseconds{0}) lease_max_ = NodeRecord{}.lease;
    all_routed_ = all_routed_ && any;
    if (!one_swarm) swarm_.clear();
    if (all_routed_ != routed_before) touch_all();
}

void ClusterState::note_held(const AppId& id, HeldFor why) {
    const auto found = apps_.find(id);
    if (found != apps_.end()) found->second.held = why;
    if (found == apps_.end() || why == HeldFor::nothing) {
        held_.erase(id);
    } else {
        held_.insert(id);
    }
}

}  // namespace nap
