#include <algorithm>

#include "reconciler/app_plan.hpp"

namespace nap {

bool leaves(const Assignment& orders, const InstanceId& instance) {
    return std::find(orders.leaving.begin(), orders.leaving.end(), instance) !=
           orders.leaving.end();
}

bool is_gone(const AppRecord& app, const NodeId& node, const Assignment& order) {
    const auto seen = app.seen.find(node);
    return order.remove && seen != app.seen.end() && seen->second.settled &&
           seen->second.answers(order);
}

void withdraw_app(AppPlanContext& context, const AppId& id) {
    AppRecord& app = context.state.apps().at(id);
    const Manifest text = app.in_force;
    note_policies(app, AppSpec{});
    context.state.account(app, -1);
    for (auto next = app.orders.begin(); next != app.orders.end();) {
        const NodeId node = next->first;
        Assignment& order = next->second;
        if (!order.elsewhere && is_gone(app, node, order)) {
            context.actions.push_back(DropAssignment{node, id});
            context.state.forget_orders(node, id);
            next = app.orders.erase(next);
            continue;
        }
        const bool outdated = app.outdated(node, context.state.settings().epoch);
        if (!order.remove || order.elsewhere || outdated) {
            order.remove = true;
            order.elsewhere = false;
            order.instances.clear();
            order.leaving.clear();
            order.peers.clear();
            order.epoch = context.state.settings().epoch;
            order.serial = app.next_serial(node);
            context.actions.push_back(WriteAssignment{node, order, text, {}, true});
        }
        ++next;
    }
    app.in_force = nullptr;
}

void move_instances(AppPlanContext& context, const std::vector<Move>& moves) {
    for (const Move& move : moves) {
        AppRecord& app = context.state.apps().at(move.app);
        const auto from = app.orders.find(move.from);
        if (from == app.orders.end() || !app.in_force || !app.in_force->spec) continue;
        context.state.account(app, -1);
        from->second.leaving.push_back(move.instance);
        std::sort(from->second.leaving.begin(), from->second.leaving.end());
        from->second.epoch = context.state.settings().epoch;
        from->second.serial = app.next_serial(move.from);
        context.actions.push_back(WriteAssignment{move.from, from->second, app.in_force});
        const std::uint64_t serial = app.next_serial(move.to);
        const auto [to, fresh] = app.orders.try_emplace(move.to, from->second);
        Assignment& order = to->second;
        if (fresh || order.remove) {
            order = from->second;
            order.instances.clear();
            order.leaving.clear();
        }
        order.remove = false;
        order.elsewhere = false;
        order.epoch = context.state.settings().epoch;
        order.serial = serial;
        order.instances.push_back(move.instance);
        std::sort(order.instances.begin(), order.instances.end());
        order.peers = peers_of(context.state, app, move.to, order.scope);
        context.actions.push_back(WriteAssignment{move.to, order, app.in_force});
        context.state.note_orders(move.to, move.app);
        context.state.account(app, 1);
        app.at_rest = false;
        context.state.touch(move.app);
    }
}

}  // namespace nap
