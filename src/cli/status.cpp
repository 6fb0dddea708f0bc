#include <fmt/format.h>

#include <ostream>

#include "cli/cluster_view.hpp"
#include "cli/commands.hpp"
#include "cli/consul.hpp"
#include "cli/render.hpp"
#include "cli/render_cluster.hpp"
#include "clients/cli_json.hpp"
#include "clients/json_codec.hpp"
#include "clients/standalone_codec.hpp"

namespace nap {

namespace {

asio::awaitable<Outcome> show_one(CommandContext context, Store& store, StatusCommand command,
                                  std::vector<Hold> holds) {
    const AppId app = *command.app;
    const Keys keys(context.config.consul.prefix);
    const auto entry = co_await store.get(keys.status(app), {});
    if (!entry) co_return consul_failed(context.config, entry.error());
    if (!*entry) {
        const auto manifest = co_await find_app_keys(store, app_sources(context.config), app);
        if (!manifest) co_return consul_failed(context.config, manifest.error());
        if (manifest->empty()) {
            co_return Outcome{Exit::not_found,
                              fmt::format("no app {}; `nap status` lists all apps", app.str())};
        }
        co_return Outcome{Exit::not_found,
                          fmt::format("{} has a manifest but no status yet; is an agent running "
                                      "that may lead?",
                                      app.str())};
    }
    const auto status = decode_app_status((*entry)->value);
    if (!status) {
        co_return consul_failed(context.config, unreadable((*entry)->key, status.error()));
    }
    if (command.json) {
        context.console.out << cli_json(*status, holds) << '\n';
    } else {
        context.console.out << holds_text(holds);
        context.console.out << status_text({*status}, context.console.colour);
    }
    co_return Outcome{};
}

asio::awaitable<Outcome> show_all(CommandContext context, Store& store, StatusCommand command,
                                  std::vector<Hold> holds) {
    const Keys keys(context.config.consul.prefix);
    const auto listing = co_await store.list(keys.statuses(), {});
    if (!listing) co_return consul_failed(context.config, listing.error());
    std::vector<AppStatus> statuses;
    Outcome outcome;
    for (const KvEntry& entry : listing->entries) {
        auto status = decode_app_status(entry.value);
        if (status) {
            statuses.push_back(std::move(*status));
        } else {
            outcome = consul_failed(context.config, unreadable(entry.key, status.error()));
        }
    }
    if (command.json) {
        context.console.out << cli_json(statuses, holds) << '\n';
        co_return outcome;
    }
    context.console.out << holds_text(holds);
    if (statuses.empty()) {
        context.console.say("no apps");
    } else {
        context.console.out << status_text(statuses, context.console.colour);
    }
    co_return outcome;
}

/// What keeps a standalone agent from following its folder: what is shown may be out of date.
asio::awaitable<void> warn_of_folder(CommandContext context, Store& store) {
    if (!context.config.consul.address.starts_with("unix:")) co_return;
    const auto entry =
        co_await store.get(Keys(context.config.consul.prefix).standalone(), ReadOptions{});
    if (!entry || !*entry) co_return;
    const auto record = decode_standalone_record((*entry)->value);
    if (!record) co_return;
    for (const std::string& problem : record->problems)
        context.console.say("nap: warning: " + problem);
}

}  // namespace

asio::awaitable<Outcome> show_status(CommandContext context, StatusCommand command) {
    const auto store = open_consul(context.executor, context.config);
    if (!store) co_return consul_failed(context.config, store.error());
    auto holds = co_await read_holds(**store, Keys(context.config.consul.prefix));
    if (!holds) co_return consul_failed(context.config, holds.error());
    co_await warn_of_folder(context, **store);
    if (command.app) co_return co_await show_one(context, **store, command, std::move(*holds));
    co_return co_await show_all(context, **store, command, std::move(*holds));
}

}  // namespace nap
