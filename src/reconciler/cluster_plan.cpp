#include "reconciler/cluster_plan.hpp"

#include <algorithm>

#include "reconciler/app_plan.hpp"
#include "reconciler/brakes.hpp"

namespace nap {

namespace {

/// Moves for evenness that may be under way at once.
constexpr std::size_t rebalance_moves_max = 2;

/// What is done for lost nodes may end their hold, which lets more be done.
constexpr int rounds_max = 3;

class ClusterPlanner {
  public:
    ClusterPlanner(ClusterState& state, MonotonicTime now)
        : state_(state), context_{.state = state, .now = now, .actions = actions_}, now_(now) {}

    std::vector<ClusterAction> plan() {
        state_.touch_due(now_);
        if (state_.approved("sentinel") && !state_.absence_untrusted().empty()) {
            actions_.emplace_back(WriteSentinel{});
        }
        std::set<AppId> touched;
        for (int round = 0; round < rounds_max; ++round) {
            brake_losses(state_, now_);
            const std::set<AppId> dirty = state_.take_dirty();
            if (dirty.empty()) break;
            brake_removals(state_, dirty);
            for (const AppId& app : dirty)
                plan_app(app);
            touched.insert(dirty.begin(), dirty.end());
        }
        if (state_.rebalance()) rebalance();
        touched.merge(state_.take_dirty());
        touched.merge(state_.take_reported());
        for (const AppId& app : touched)
            publish(app);
        publish_holds();
        return std::move(actions_);
    }

  private:
    void plan_app(const AppId& id) {
        const auto found = state_.apps().find(id);
        if (found == state_.apps().end()) {
            state_.note_held(id, HeldFor::nothing);
            return;
        }
        AppRecord& app = found->second;
        app.unplaced.clear();
        app.staying.clear();
        app.unleased.clear();
        app.refusal.clear();
        app.wants_nodes = false;
        app.at_rest = false;
        const bool goes = !app.manifest && app.assigned();
        if (goes && !state_.absence_untrusted().empty()) {
            state_.note_held(id, HeldFor::absence);
        } else if (goes) {
            if (app.held != HeldFor::removal) state_.note_held(id, HeldFor::nothing);
        } else if (app.orphaned()) {
            plan_orphan(id, app);
            return;
        } else {
            state_.note_held(id, refused_as_older(app) ? HeldFor::older : HeldFor::nothing);
        }
        if (app.manifest && app.manifest->spec) {
            assign_app(context_, id, app.manifest);
        } else if (goes && app.held == HeldFor::nothing) {
            withdraw_app(context_, id);
        } else if (!app.manifest && !app.assigned()) {
            if (state_.absence_untrusted().empty()) withdraw_app(context_, id);
        } else if (app.in_force && app.in_force->spec) {
            // What it last was goes on, also when a node is lost.
            assign_app(context_, id, app.in_force);
        }
    }

    void plan_orphan(const AppId& id, AppRecord& app) {
        state_.note_held(id, HeldFor::orphan);
        if (!state_.approved(orphan_hold_id(id))) return;
        for (const auto& [node, seen] : app.seen) {
            Assignment order{.cluster = state_.settings().cluster,
                             .epoch = state_.settings().epoch,
                             .serial = app.next_serial(node),
                             .app = id,
                             .unleased = services_in(seen),
                             .remove = true,
                             .approved = true};
            actions_.emplace_back(WriteAssignment{node, order, nullptr, {}, true});
            app.keep(node, std::move(order));
            state_.note_orders(node, id);
        }
        state_.note_held(id, HeldFor::nothing);
    }

    /// By what manifest the node runs them, nobody knows any more.
    static std::vector<std::string> services_in(const Seen& seen) {
        std::set<std::string> services;
        for (const SeenInstance& instance : seen.instances)
            services.insert(instance.instance.service);
        return {services.begin(), services.end()};
    }

    static bool refused_as_older(const AppRecord& app) {
        return std::any_of(app.seen.begin(), app.seen.end(), [&](const auto& entry) {
            const auto order = app.orders.find(entry.first);
            // That of an older leadership is given again by a newer one, without anybody's help.
            const SeenTrouble& trouble = entry.second.trouble();
            const bool older = !trouble.refused.empty() && trouble.newer_epoch == 0;
            return older && order != app.orders.end() && !order->second.terms->approved;
        });
    }

    void rebalance() {
        std::size_t under_way = 0;
        for (const auto& [id, app] : state_.apps()) {
            for (const auto& [node, order] : app.orders)
                under_way += order.leaving().size();
        }
        if (under_way >= rebalance_moves_max) return;
        std::map<AppId, const AppSpec*> apps;
        std::map<AppId, Placed> placed;
        NodeTable nodes = state_.nodes();  // as it will be once all moves are done
        for (const auto& [id, app] : state_.apps()) {
            const bool still = app.in_force && app.in_force->spec && app.held == HeldFor::nothing;
            if (!still) continue;
            const AppSpec& spec = *app.in_force->spec;
            apps[id] = &spec;
            for (const auto& [node, order] : app.orders) {
                for (const InstanceId& instance : order.instances) {
                    if (!order.leaves(instance)) {
                        placed[id].emplace(instance, node);
                    } else if (spec.services.contains(instance.service)) {
                        nodes.vacate(node, spec.services.at(instance.service));
                    }
                }
            }
        }
        const auto moves = plan_rebalance(
            {.apps = apps, .placed = placed, .moves_max = rebalance_moves_max - under_way},
            std::move(nodes));
        if (!moves.empty()) {
            move_instances(context_, moves);
        } else if (under_way == 0) {
            actions_.emplace_back(DropRebalance{});
            state_.request_rebalance(false);
        }
    }

    void publish(const AppId& id) {
        const auto found = state_.apps().find(id);
        if (found == state_.apps().end()) return;
        AppRecord& app = found->second;
        if (!app.manifest && app.orders.empty() && !app.orphaned()) {
            const bool over = app.published && state_.absence_untrusted().empty();
            if (!over) return;
            actions_.emplace_back(DropStatus{id});
            state_.drop_status(id);
            return;
        }
        AppStatus status = status_of(state_, id, now_);
        if (app.published && app.published->same_apart_from_time(status)) return;
        app.published = status;
        actions_.emplace_back(WriteStatus{std::move(status)});
    }

    void publish_holds() {
        std::vector<Hold> holds = current_holds(state_, now_);
        if (holds != state_.holds()) {
            state_.set_holds(holds);
            actions_.emplace_back(WriteHolds{std::move(holds)});
        }
        if (state_.holds().empty() && !state_.approvals().empty()) {
            actions_.emplace_back(DropApprovals{});
            state_.set_approved({});
        }
    }

    ClusterState& state_;
    std::vector<ClusterAction> actions_;
    AppPlanContext context_;
    MonotonicTime now_;
};

}  // namespace

std::vector<ClusterAction> plan_cluster(ClusterState& state, MonotonicTime now) {
    return ClusterPlanner(state, now).plan();
}

}  // namespace nap
