#include <fmt/format.h>

#include <chrono>
#include <ostream>

#include "cli/cluster_view.hpp"
#include "cli/commands.hpp"
#include "cli/kv_follow.hpp"
#include "cli/manifest_file.hpp"
#include "cli/render_cluster.hpp"
#include "cli/scheduled.hpp"
#include "clients/json_codec.hpp"
#include "model/rfc3339.hpp"
#include "reconciler/rebalance.hpp"

namespace nap {

namespace {

std::vector<MovedInstance> planned_moves(const ClusterView& view) {
    Scheduled scheduled = scheduled_from(view);
    std::map<AppId, const AppSpec*> apps;
    for (const auto& [app, spec] : scheduled.apps)
        apps[app] = &spec;
    std::size_t instances = 0;
    for (const auto& [app, placed] : scheduled.placed)
        instances += placed.size();
    std::vector<MovedInstance> moves;
    for (const Move& move : plan_rebalance({apps, scheduled.placed, instances}, scheduled.nodes)) {
        moves.push_back({move.app, move.instance, move.from, move.to});
    }
    return moves;
}

using Places = std::map<std::pair<AppId, InstanceId>, NodeId>;

Places places_of(const ClusterView& view) {
    Places places;
    for (const auto& [place, assignment] : view.assigned) {
        if (assignment.remove) continue;
        for (const InstanceId& instance : assignment.instances) {
            if (!assignment.leaves(instance)) places[{assignment.app, instance}] = place.first;
        }
    }
    return places;
}

std::vector<MovedInstance> moves_between(const Places& before, const Places& after) {
    std::vector<MovedInstance> moves;
    for (const auto& [instance, node] : after) {
        const auto was = before.find(instance);
        if (was == before.end() || was->second == node) continue;
        moves.push_back({instance.first, instance.second, was->second, node});
    }
    return moves;
}

void print(const std::vector<MovedInstance>& moves, bool json, const Console& console) {
    if (json) {
        console.out << cli_json(moves) << '\n';
    } else if (!moves.empty()) {
        console.out << moves_text(moves, console.colour);
    }
}

/// Asks for it, unless someone has already; then that is followed.
asio::awaitable<Result<void>> request(Store& store, std::string key, const Console& console) {
    const std::string now = format_rfc3339(std::chrono::system_clock::now());
    KvOp op{.verb = KvVerb::cas, .key = key, .value = encode_rebalance(now)};
    std::vector<KvOp> ops;
    ops.push_back(std::move(op));
    const auto written = co_await store.transact(std::move(ops));
    if (written) co_return Result<void>{};
    if (written.error().code != Errc::not_committed) co_return written.error();
    console.say("a rebalance is under way already");
    co_return Result<void>{};
}

/// What `rebalance` works with besides the store.
struct Rebalance {
    CommandContext context;
    RebalanceCommand command;
    Places before;
};

asio::awaitable<Outcome> follow(Rebalance rebalance, Store& store) {
    const CommandContext& context = rebalance.context;
    const Keys keys(context.config.consul.prefix);
    KvFollow watch({context, store, keys.rebalance(), rebalance.command.timeout});
    while (true) {
        const auto listing = co_await watch.next();
        if (!listing && listing.error().code == Errc::timed_out) {
            co_return Outcome{Exit::timed_out, "the nodes are not evened out yet; it goes on"};
        }
        if (!listing) co_return consul_failed(context.config, listing.error());
        if (listing->entries.empty()) break;
        co_await watch.warn_without_leader();
    }
    const auto view = co_await read_cluster(store, keys);
    if (!view) co_return consul_failed(context.config, view.error());
    const auto moves = moves_between(rebalance.before, places_of(*view));
    print(moves, rebalance.command.json, context.console);
    co_return Outcome{Exit::ok, moves.empty() ? "nothing had to move"
                                              : counted(moves.size(), "instance") + " moved"};
}

}  // namespace

asio::awaitable<Outcome> rebalance_nodes(CommandContext context, RebalanceCommand command) {
    const auto store = open_consul(context.executor, context.config);
    if (!store) co_return consul_failed(context.config, store.error());
    const Keys keys(context.config.consul.prefix);
    const auto view = co_await read_cluster(**store, keys);
    if (!view) co_return consul_failed(context.config, view.error());
    if (command.dry_run) {
        const auto moves = planned_moves(*view);
        print(moves, command.json, context.console);
        co_return Outcome{Exit::ok, moves.empty() ? "nothing would move" : ""};
    }
    const auto requested = co_await request(**store, keys.rebalance(), context.console);
    if (!requested) co_return consul_failed(context.config, requested.error());
    if (command.detach) co_return Outcome{Exit::ok, "asked the leader to even the nodes out"};
    Rebalance rebalance{context, command, places_of(*view)};
    co_return co_await follow(std::move(rebalance), **store);
}

}  // namespace nap
