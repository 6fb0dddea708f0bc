#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "cli/cluster_view.hpp"
#include "cli/commands.hpp"
#include "cli/explained.hpp"
#include "cli/render_cluster.hpp"
#include "clients/json_codec.hpp"
#include "manifest/parse.hpp"
#include "manifest/text.hpp"
#include "manifest/yaml_field.hpp"

namespace nap {

namespace {

/// The manifest as operators have put it, if it is one key and has no errors.
asio::awaitable<Result<std::optional<AppSpec>>> read_manifest(Store& store, AppSources sources,
                                                              AppId app) {
    const auto found = co_await find_app_keys(store, sources, app);
    if (!found) co_return found.error();
    std::optional<AppSpec> spec;
    if (found->size() == 1) {
        const KvEntry& entry = found->front();
        spec = parse_manifest(app, {entry.key, entry.value}).spec;
    }
    co_return spec;
}

asio::awaitable<Result<std::optional<AppStatus>>> read_status(Store& store, Keys keys, AppId app) {
    const auto entry = co_await store.get(keys.status(app), {});
    if (!entry) co_return entry.error();
    if (!*entry) co_return std::optional<AppStatus>{};
    auto status = decode_app_status((*entry)->value);
    if (!status) co_return unreadable((*entry)->key, status.error());
    co_return std::optional<AppStatus>{std::move(*status)};
}

struct Sources {
    ClusterView view;
    std::optional<AppSpec> manifest;
    std::vector<HostReport> reports;
    std::optional<AppStatus> status;
    std::vector<Hold> holds;
};

asio::awaitable<Result<Sources>> read_sources(Store& store, Config config, AppId app) {
    const Keys keys(config.consul.prefix);
    Sources sources;
    auto view = co_await read_cluster(store, keys);
    if (!view) co_return view.error();
    auto manifest = co_await read_manifest(store, app_sources(config), app);
    if (!manifest) co_return manifest.error();
    auto reports = co_await read_reports(store, keys, app);
    if (!reports) co_return reports.error();
    auto status = co_await read_status(store, keys, app);
    if (!status) co_return status.error();
    auto holds = co_await read_holds(store, keys);
    if (!holds) co_return holds.error();
    sources.view = std::move(*view);
    sources.manifest = std::move(*manifest);
    sources.reports = std::move(*reports);
    sources.status = std::move(*status);
    sources.holds = std::move(*holds);
    co_return sources;
}

Outcome unknown_service(const AppId& app, const std::string& service, const AppSpec& spec) {
    std::vector<std::string_view> names;
    for (const auto& [name, of_app] : spec.services)
        names.push_back(name);
    const std::string near = suggestion(service, names);
    return {Exit::not_found,
            fmt::format("{} has no service {}{}", app.str(), quoted(service),
                        near.empty() ? fmt::format("; it has {}", fmt::join(names, ", ")) : near)};
}

}  // namespace

asio::awaitable<Outcome> explain_app(CommandContext context, ExplainCommand command) {
    const Console& console = context.console;
    const auto store = open_consul(context.executor, context.config);
    if (!store) co_return consul_failed(context.config, store.error());
    const auto sources = co_await read_sources(**store, context.config, command.app);
    if (!sources) co_return consul_failed(context.config, sources.error());
    Scheduled scheduled = scheduled_from(sources->view);
    if (sources->manifest) scheduled.apps.insert_or_assign(command.app, *sources->manifest);
    const auto spec = scheduled.apps.find(command.app);
    if (spec == scheduled.apps.end() && !sources->status) {
        co_return Outcome{Exit::not_found,
                          fmt::format("no app {}; `nap status` lists all apps", command.app.str())};
    }
    Explanation explanation{command.app, sources->status, sources->holds, {}};
    if (spec != scheduled.apps.end()) {
        if (!command.service.empty() && !spec->second.services.contains(command.service)) {
            co_return unknown_service(command.app, command.service, spec->second);
        }
        explanation.services = explain_services(
            {command.service, spec->second, sources->view, sources->reports}, scheduled);
    }
    if (command.json) {
        console.out << cli_json(explanation) << '\n';
    } else {
        console.out << explanation_text(explanation, !command.service.empty(), console.colour);
    }
    if (sources->view.unreadable) {
        co_return consul_failed(context.config, *sources->view.unreadable);
    }
    co_return Outcome{};
}

}  // namespace nap
