#include <algorithm>

#include "reconciler/app_orders.hpp"
#include "reconciler/app_plan.hpp"

namespace nap {

bool is_gone(const AppRecord& app, const NodeId& node, const Orders& order) {
    if (!order.remove) return false;
    const auto seen = app.seen.find(node);
    return seen != app.seen.end() && seen->second.settled && seen->second.answers(order);
}

void withdraw_app(AppPlanContext& context, const AppId& id) {
    AppRecord& app = context.state.apps().at(id);
    const Manifest text = app.in_force;
    context.state.account(app, -1);
    for (auto next = app.orders.begin(); next != app.orders.end();) {
        const NodeId node = next->first;
        const Orders& order = next->second;
        if (!order.elsewhere && is_gone(app, node, order)) {
            context.actions.push_back(DropAssignment{node, id});
            context.state.forget_orders(node, id);
            next = app.orders.erase(next);
            continue;
        }
        const bool outdated = app.outdated(node, order, context.state.settings().epoch);
        if (!order.remove || order.elsewhere || outdated) {
            Assignment gone = assignment_of(id, order, {});
            gone.remove = true;
            gone.elsewhere = false;
            gone.instances.clear();
            gone.leaving.clear();
            gone.unleased = unleased_of(app, node, order, {}, {}, text);
            gone.epoch = context.state.settings().epoch;
            gone.serial = app.next_serial(node);
            context.actions.push_back(WriteAssignment{node, gone, text, {}, true});
            app.keep(node, std::move(gone));
        }
        ++next;
    }
    app.in_force = nullptr;
}

namespace {

/// The node's orders, to be changed for a move: of this leadership, and with its peers.
Assignment next_orders(const AppPlanContext& context, const AppRecord& app, const AppId& id,
                       const NodeId& node, const Orders& as) {
    Assignment next = assignment_of(id, as, peers_by_orders(context.state, app, node, as));
    next.epoch = context.state.settings().epoch;
    next.serial = app.next_serial(node);
    return next;
}

void move_instance(AppPlanContext& context, const Move& move, AppRecord& app) {
    const Orders from = app.orders.at(move.from);
    Assignment leaving = next_orders(context, app, move.app, move.from, from);
    leaving.leaving.push_back(move.instance);
    std::sort(leaving.leaving.begin(), leaving.leaving.end());
    context.actions.push_back(WriteAssignment{move.from, leaving, app.in_force});
    app.keep(move.from, std::move(leaving));

    const auto to = app.orders.find(move.to);
    const bool fresh = to == app.orders.end() || to->second.remove;
    Orders as = fresh ? from : to->second;
    if (fresh) {
        as.instances.clear();
        as.rest = nullptr;
    }
    as.remove = false;
    as.elsewhere = false;
    as.instances.push_back(move.instance);
    std::sort(as.instances.begin(), as.instances.end());
    const std::uint64_t serial = app.next_serial(move.to);
    app.orders[move.to] = as;
    Assignment coming = next_orders(context, app, move.app, move.to, as);
    coming.serial = serial;
    context.actions.push_back(WriteAssignment{move.to, coming, app.in_force});
    app.keep(move.to, std::move(coming));
}

}  // namespace

void move_instances(AppPlanContext& context, const std::vector<Move>& moves) {
    for (const Move& move : moves) {
        AppRecord& app = context.state.apps().at(move.app);
        if (!app.orders.contains(move.from) || !app.in_force || !app.in_force->spec) continue;
        context.state.account(app, -1);
        move_instance(context, move, app);
        context.state.note_orders(move.to, move.app);
        context.state.account(app, 1);
        app.at_rest = false;
        context.state.touch(move.app);
    }
}

}  // namespace nap
