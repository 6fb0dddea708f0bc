#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "cli/cluster_view.hpp"
#include "cli/commands.hpp"
#include "cli/render_cluster.hpp"
#include "clients/json_codec.hpp"
#include "manifest/text.hpp"
#include "manifest/yaml_field.hpp"

namespace nap {

namespace {

struct Choice {
    std::vector<Hold> holds;
    Outcome outcome;  ///< why there is none
};

/// Those of the ids given, or all when none is.
Choice choose(const std::vector<Hold>& held, const std::vector<std::string>& ids) {
    if (ids.empty()) return {held, {}};
    Choice choice;
    for (const std::string& id : ids) {
        const auto found =
            std::find_if(held.begin(), held.end(), [&](const Hold& hold) { return hold.id == id; });
        if (found != held.end()) {
            choice.holds.push_back(*found);
            continue;
        }
        std::vector<std::string_view> known;
        known.reserve(held.size());
        for (const Hold& hold : held)
            known.emplace_back(hold.id);
        const std::string near = suggestion(id, known);
        const std::string all =
            known.empty() ? "nothing is held" : fmt::format("held: {}", fmt::join(known, ", "));
        return {{},
                {Exit::not_found, fmt::format("nothing held has the id {}{}", quoted(id),
                                              near.empty() ? "; " + all : near)}};
    }
    return choice;
}

/// Adds to what was released before and is still held: the leader may not have seen that yet.
asio::awaitable<Result<void>> write_approvals(Store& store, Keys keys, std::vector<Hold> held,
                                              std::vector<Hold> chosen) {
    const auto entry = co_await store.get(keys.approved(), {});
    if (!entry) co_return entry.error();
    std::set<std::string> ids;
    const auto before = *entry ? decode_approvals((*entry)->value) : std::set<std::string>{};
    for (const Hold& hold : held) {
        if (before && before->contains(hold.id)) ids.insert(hold.id);
    }
    for (const Hold& hold : chosen)
        ids.insert(hold.id);
    KvOp op{.verb = KvVerb::cas, .key = keys.approved(), .value = encode_approvals(ids)};
    op.index = *entry ? (*entry)->modify_index : 0;
    std::vector<KvOp> ops;
    ops.push_back(std::move(op));
    co_return co_await store.transact(std::move(ops));
}

}  // namespace

asio::awaitable<Outcome> approve_held(CommandContext context, ApproveCommand command) {
    const Console& console = context.console;
    const auto store = open_consul(context.executor, context.config);
    if (!store) co_return consul_failed(context.config, store.error());
    const Keys keys(context.config.consul.prefix);
    const auto held = co_await read_holds(**store, keys);
    if (!held) co_return consul_failed(context.config, held.error());
    const Choice choice = choose(*held, command.ids);
    if (choice.outcome.code != Exit::ok) co_return choice.outcome;
    if (!choice.holds.empty()) {
        const auto written = co_await write_approvals(**store, keys, *held, choice.holds);
        if (!written && written.error().code == Errc::not_committed) {
            co_return Outcome{Exit::conflict,
                              "someone else released something at the same time; run this again"};
        }
        if (!written) co_return consul_failed(context.config, written.error());
    }
    if (command.json) {
        console.out << cli_json(choice.holds) << '\n';
    } else if (choice.holds.empty()) {
        console.say("nothing is held");
    } else {
        console.out << released_text(choice.holds);
    }
    co_return Outcome{};
}

}  // namespace nap
