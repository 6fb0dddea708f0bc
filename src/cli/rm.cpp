#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/consul.hpp"
#include "cli/render.hpp"
#include "cli/status_watch.hpp"

namespace nap {

namespace {

/// Consul takes 64 operations at once; beyond, a folder goes as a whole, whatever is in it.
constexpr std::size_t keys_max = 60;

asio::awaitable<Outcome> delete_keys(CommandContext context, Store& store, AppId app,
                                     std::vector<KvEntry> found) {
    std::vector<KvOp> ops;
    const AppSources sources = app_sources(context.config);
    const std::string& source = sources.prefix_of(found.front().key);
    const std::string folder = source + app.str() + "/";
    const bool many = found.size() > keys_max;
    if (many) ops.push_back({.verb = KvVerb::remove_tree, .key = folder});
    for (const KvEntry& entry : found) {
        if (many && entry.key.starts_with(folder)) continue;
        KvOp op{.verb = KvVerb::remove_cas, .key = entry.key};
        op.index = entry.modify_index;
        ops.push_back(std::move(op));
    }
    const auto done = co_await store.transact(std::move(ops));
    if (!done && done.error().code == Errc::not_committed) {
        co_return Outcome{Exit::conflict,
                          "the manifest was changed meanwhile and is still there; "
                          "look at it, then run this again"};
    }
    if (!done) co_return consul_failed(context.config, done.error());
    for (const KvEntry& entry : found)
        context.console.say(entry.key + " deleted");
    co_return Outcome{};
}

asio::awaitable<Outcome> wait_until_gone(CommandContext context, Store& store, RmCommand command) {
    StatusWatch watch({context, store, command.app, command.timeout});
    std::string shown;
    while (true) {
        const auto status = co_await watch.next();
        if (!status && status.error().code == Errc::timed_out) {
            co_return Outcome{Exit::timed_out,
                              fmt::format("{} is not gone yet ({}); its removal goes on, see `nap "
                                          "status {}`",
                                          command.app.str(), shown, command.app.str())};
        }
        if (!status) co_return consul_failed(context.config, status.error());
        if (!*status) break;
        const std::string line = progress_line(**status);
        if (line != shown) context.console.say(line);
        shown = line;
        co_await watch.warn_without_leader();
    }
    context.console.say(command.app.str() + " is gone; its volumes stay");
    co_return Outcome{};
}

}  // namespace

asio::awaitable<Outcome> remove_app(CommandContext context, RmCommand command) {
    if (auto refusal = refuse_standalone(context.config)) co_return *refusal;
    const auto store = open_consul(context.executor, context.config);
    if (!store) co_return consul_failed(context.config, store.error());
    const Keys keys(context.config.consul.prefix);
    auto found = co_await find_app_keys(**store, app_sources(context.config), command.app);
    if (!found) co_return consul_failed(context.config, found.error());
    const auto status = co_await (*store)->get(keys.status(command.app), {});
    if (!status) co_return consul_failed(context.config, status.error());
    if (found->empty() && !*status) {
        co_return Outcome{Exit::not_found,
                          fmt::format("no app {}; `nap status` lists all apps", command.app.str())};
    }
    if (!found->empty()) {
        Outcome deleted = co_await delete_keys(context, **store, command.app, std::move(*found));
        if (deleted.code != Exit::ok) co_return deleted;
    }
    co_return co_await wait_until_gone(context, **store, std::move(command));
}

}  // namespace nap
