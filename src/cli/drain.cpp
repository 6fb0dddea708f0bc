#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "cli/cluster_view.hpp"
#include "cli/commands.hpp"
#include "cli/kv_follow.hpp"
#include "cli/manifest_file.hpp"
#include "cli/staying.hpp"
#include "clients/json_codec.hpp"

namespace nap {

namespace {

/// What `drain` works with besides the store.
struct Drain {
    CommandContext context;
    DrainCommand command;
};

void print(const DrainResult& result, bool json, const Console& console) {
    if (json) {
        console.out << cli_json(result) << '\n';
        return;
    }
    for (const StayingInstance& instance : result.left) {
        console.out << printable(fmt::format("{} {}: {}", instance.app.str(),
                                             to_string(instance.instance), instance.why))
                    << '\n';
    }
}

asio::awaitable<Result<void>> write_control(Store& store, std::string key, bool draining) {
    KvOp op{.verb = draining ? KvVerb::set : KvVerb::remove, .key = std::move(key)};
    if (draining) op.value = encode(NodeControl{.draining = true});
    std::vector<KvOp> ops;
    ops.push_back(std::move(op));
    co_return co_await store.transact(std::move(ops));
}

bool has_other_open_node(const ClusterView& view, const NodeId& node) {
    const auto nodes = view.nodes();
    return std::any_of(nodes.begin(), nodes.end(), [&](const NodeId& other) {
        return other != node && view.is_ready(other) && !view.is_draining(other);
    });
}

/// The assignments of one node, from a listing of them.
Result<std::vector<Assignment>> read_assignments(const KvListing& listing) {
    std::vector<Assignment> assignments;
    for (const KvEntry& entry : listing.entries) {
        auto assignment = decode_assignment(entry.value);
        if (!assignment) return unreadable(entry.key, assignment.error());
        assignments.push_back(std::move(*assignment));
    }
    return assignments;
}

Outcome time_is_up(const DrainCommand& command, const std::vector<StayingInstance>& left) {
    std::vector<std::string> names;
    for (const StayingInstance& instance : left) {
        if (instance.why.empty()) {
            names.push_back(instance.app.str() + " " + to_string(instance.instance));
        }
    }
    constexpr std::size_t names_max = 10;
    const std::size_t more = names.size() - std::min(names.size(), names_max);
    names.resize(names.size() - more);
    return {Exit::timed_out,
            fmt::format("{} still has {}{}; it goes on as far as other nodes take them, see `nap "
                        "explain APP`",
                        command.node.str(), fmt::join(names, ", "),
                        more == 0 ? "" : fmt::format(" and {} more", more))};
}

asio::awaitable<Outcome> follow(Drain drain, Store& store) {
    const Console& console = drain.context.console;
    const Keys keys(drain.context.config.consul.prefix);
    const NodeId node = drain.command.node;
    KvFollow watch({drain.context, store, keys.assigned(node), drain.command.timeout});
    DrainResult result{.node = node, .draining = true, .left = {}};
    std::string shown;
    while (true) {
        const auto listing = co_await watch.next();
        if (!listing && listing.error().code == Errc::timed_out) {
            co_return time_is_up(drain.command, result.left);
        }
        if (!listing) co_return consul_failed(drain.context.config, listing.error());
        const auto assignments = read_assignments(*listing);
        if (!assignments) co_return consul_failed(drain.context.config, assignments.error());
        result.left = instances_left(*assignments);
        const auto moving =
            std::count_if(result.left.begin(), result.left.end(),
                          [](const StayingInstance& instance) { return instance.why.empty(); });
        if (moving == 0) break;
        const std::string line = fmt::format("{}: {} to move", node.str(),
                                             counted(static_cast<std::size_t>(moving), "instance"));
        if (line != shown) console.say(line);
        shown = line;
        co_await watch.warn_without_leader();
    }
    print(result, drain.command.json, console);
    if (result.left.empty()) {
        console.say(node.str() + " has no instances left");
    } else {
        console.say(fmt::format("{} keeps {}, and gets no others", node.str(),
                                counted(result.left.size(), "instance")));
    }
    co_return Outcome{};
}

}  // namespace

asio::awaitable<Outcome> drain_node(CommandContext context, DrainCommand command) {
    const auto store = open_consul(context.executor, context.config);
    if (!store) co_return consul_failed(context.config, store.error());
    const Keys keys(context.config.consul.prefix);
    const auto view = co_await read_cluster(**store, keys);
    if (!view) co_return consul_failed(context.config, view.error());
    if (!view->nodes().contains(command.node)) co_return unknown_node(command.node, *view);
    if (!has_other_open_node(*view, command.node)) {
        context.console.say("warning: no other node takes instances, so these have nowhere to go");
    }
    const auto written = co_await write_control(**store, keys.control(command.node), true);
    if (!written) co_return consul_failed(context.config, written.error());
    if (!command.detach) {
        Drain drain{context, std::move(command)};
        co_return co_await follow(std::move(drain), **store);
    }
    if (command.json) {
        std::vector<Assignment> assignments;
        for (const auto& [place, assignment] : view->assigned) {
            if (place.first == command.node) assignments.push_back(assignment);
        }
        print({command.node, true, instances_left(assignments)}, true, context.console);
    }
    co_return Outcome{Exit::ok, command.node.str() + " is being drained"};
}

asio::awaitable<Outcome> undrain_node(CommandContext context, UndrainCommand command) {
    const auto store = open_consul(context.executor, context.config);
    if (!store) co_return consul_failed(context.config, store.error());
    const Keys keys(context.config.consul.prefix);
    const auto view = co_await read_cluster(**store, keys);
    if (!view) co_return consul_failed(context.config, view.error());
    const bool has_control = view->controls.contains(command.node);
    if (!has_control && !view->nodes().contains(command.node)) {
        co_return unknown_node(command.node, *view);
    }
    const auto written = co_await write_control(**store, keys.control(command.node), false);
    if (!written) co_return consul_failed(context.config, written.error());
    if (command.json) print({command.node, false, {}}, true, context.console);
    const char* what = has_control ? "takes instances again" : "was not being drained";
    co_return Outcome{Exit::ok, fmt::format("{} {}", command.node.str(), what)};
}

}  // namespace nap
