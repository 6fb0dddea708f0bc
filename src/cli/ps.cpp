#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <tuple>

#include "cli/commands.hpp"
#include "cli/consul.hpp"
#include "cli/render.hpp"
#include "clients/cli_json.hpp"
#include "clients/json_codec.hpp"

namespace nap {

namespace {

/// The reports of one app, or of all, by app and node.
Result<std::vector<HostReport>> read_reports(const KvListing& listing,
                                             const std::optional<AppId>& app) {
    std::vector<HostReport> reports;
    for (const KvEntry& entry : listing.entries) {
        if (app && !entry.key.ends_with("/" + app->str())) continue;
        auto report = decode_host_report(entry.value);
        if (!report) return unreadable(entry.key, report.error());
        reports.push_back(std::move(*report));
    }
    std::sort(reports.begin(), reports.end(), [](const HostReport& a, const HostReport& b) {
        return std::tie(a.app, a.node) < std::tie(b.app, b.node);
    });
    return reports;
}

}  // namespace

asio::awaitable<Outcome> list_instances(CommandContext context, PsCommand command) {
    const Console& console = context.console;
    const auto store = open_consul(context.executor, context.config);
    if (!store) co_return consul_failed(context.config, store.error());
    const Keys keys(context.config.consul.prefix);
    const auto listing = co_await (*store)->list(keys.observed(), {});
    if (!listing) co_return consul_failed(context.config, listing.error());
    const auto reports = read_reports(*listing, command.app);
    if (!reports) co_return consul_failed(context.config, reports.error());
    if (command.app && reports->empty()) {
        co_return Outcome{Exit::not_found, fmt::format("no node reports an app {}; `nap status` "
                                                       "lists all apps",
                                                       command.app->str())};
    }
    if (command.json) {
        console.out << cli_json(*reports) << '\n';
    } else if (reports->empty()) {
        console.say("no instances");
    } else {
        console.out << instances_text(*reports, console.colour);
    }
    co_return Outcome{};
}

}  // namespace nap
