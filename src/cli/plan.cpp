#include <fmt/format.h>

#include <ostream>

#include "actuators/hosts_file.hpp"
#include "actuators/project_folder.hpp"
#include "cli/commands.hpp"
#include "cli/consul.hpp"
#include "cli/forecast.hpp"
#include "cli/manifest_file.hpp"
#include "cli/render.hpp"
#include "cli/render_cluster.hpp"
#include "clients/docker_engine.hpp"
#include "clients/json_codec.hpp"
#include "reconciler/app_intake.hpp"
#include "reconciler/host_plan.hpp"
#include "reconciler/instances.hpp"
#include "watchers/engine_view.hpp"

namespace nap {

namespace {

Outcome engine_failed(const Config& config, const Error& error) {
    if (error.code == Errc::rejected || error.code == Errc::io) {
        return {Exit::usage,
                fmt::format("Docker engine at {}: {}", config.docker.host, error.message)};
    }
    return {Exit::unreachable,
            fmt::format("Docker engine at {}: {}; is it running there, and may this user use it? "
                        "Set --docker-host or DOCKER_HOST",
                        config.docker.host, error.message)};
}

/// nap's own objects carry the cluster's UUID; without it nothing can be told from anyone else's.
asio::awaitable<Result<ClusterMeta>> read_meta(Store& store, Keys keys) {
    const auto entry = co_await store.get(keys.meta(), {});
    if (!entry) co_return entry.error();
    if (!*entry) {
        co_return Error{Errc::internal,
                        fmt::format("there is no {}, which the first agent writes: start `nap "
                                    "agent`, or set --prefix to the one it uses",
                                    keys.meta())};
    }
    auto meta = decode_cluster_meta((*entry)->value);
    if (!meta) co_return unreadable(keys.meta(), meta.error());
    co_return meta;
}

/// What the leader would order, or for a host that it does not know, all of the app.
asio::awaitable<Result<Forecast>> read_forecast(CommandContext context, Store& store, AppSpec spec,
                                                ManifestText text) {
    const Keys keys(context.config.consul.prefix);
    const NodeId here(context.config.node.name);
    const auto meta = co_await read_meta(store, keys);
    if (!meta) co_return meta.error();
    const auto view = co_await read_cluster(store, keys);
    if (!view) co_return view.error();
    const auto reports = co_await read_reports(store, keys, spec.app);
    if (!reports) co_return reports.error();
    if (view->is_ready(here)) {
        co_return forecast_app({*view, *reports, spec, text, meta->cluster, here});
    }
    context.console.say(
        fmt::format("nap: warning: no agent runs on {}, so this plan is for all of {} on this host",
                    here.str(), spec.app.str()));
    Forecast forecast;
    forecast.here.cluster = meta->cluster;
    forecast.here.instances = all_instances(spec);
    co_return forecast;
}

asio::awaitable<Result<ObservedHost>> observe(CommandContext context, Engine& engine,
                                              AppSpec spec) {
    EngineView view(context.executor, engine);
    EngineView::Request request{.app = spec.app, .images = {}, .busy = {}};
    for (const auto& [name, service] : spec.services)
        request.images.insert(service.image);
    auto observed = co_await view.observe(std::move(request));
    if (!observed) co_return observed.error();
    for (const ObservedContainer& container : observed->containers) {
        if (container.hosts_path.empty()) continue;
        // What cannot be read stays absent, and the plan says so where it matters.
        auto block = read_hosts_block(container.hosts_path);
        if (block) observed->hosts_blocks[container.id] = std::move(*block);
    }
    co_return observed;
}

Plan plan_for(const CommandContext& context, const Forecast& forecast,
              const LocalManifest& manifest, ObservedHost observed) {
    const Assignment& order = forecast.here;
    const Attempts attempts;
    const std::set<std::string> busy;
    const Config& config = context.config;
    const std::string folders_path = project_folders_path(config.docker.host, config.data_dir,
                                                          order.cluster, manifest.spec->app);
    observed.folders = list_project_folders(folders_path);
    Plan plan = plan_host({.cluster = order.cluster,
                           .revision = revision_of(manifest.text),
                           .app = *manifest.spec,
                           .instances = order.instances,
                           .remove = order.remove,
                           .observed = observed,
                           .attempts = attempts,
                           .busy = busy,
                           .policy = config.policy,
                           .backoff = config.backoff,
                           .now = std::chrono::system_clock::now(),
                           .scope = order.scope,
                           .peers = order.peers,
                           .folders_path = folders_path,
                           .elsewhere = order.elsewhere,
                           .swarm_manager = forecast.swarm_manager,
                           .runs_known = false});
    plan.blocked.insert(plan.blocked.end(), forecast.blocked.begin(), forecast.blocked.end());
    return plan;
}

Outcome show(const Plan& plan, const std::vector<NodeChange>& others, bool json,
             const Console& console) {
    const bool empty = plan.steps.empty() && plan.blocked.empty() && others.empty();
    if (json) {
        console.out << cli_json(plan, others) << '\n';
    } else if (empty) {
        console.out << "nothing would change\n";
    } else {
        console.out << plan_text(plan) << changes_text(others);
    }
    return {empty ? Exit::ok : Exit::differences, ""};
}

}  // namespace

asio::awaitable<Outcome> plan_app(CommandContext context, PlanCommand command) {
    const Config& config = context.config;
    const LocalManifest manifest = read_local_manifest(command.app, command.file, context.console);
    if (!manifest.spec) co_return manifest.outcome;
    const auto store = open_consul(context.executor, config);
    if (!store) co_return consul_failed(config, store.error());
    const auto engine = DockerEngine::create(
        context.executor, {.host = config.docker.host, .cert_path = config.docker.cert_path});
    if (!engine) co_return engine_failed(config, engine.error());
    const auto forecast = co_await read_forecast(context, **store, *manifest.spec, manifest.text);
    if (!forecast) co_return consul_failed(config, forecast.error());
    const auto observed = co_await observe(context, **engine, *manifest.spec);
    if (!observed) co_return engine_failed(config, observed.error());
    co_return show(plan_for(context, *forecast, manifest, *observed), forecast->others,
                   command.json, context.console);
}

}  // namespace nap
