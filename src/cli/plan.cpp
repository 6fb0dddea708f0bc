#include <fmt/format.h>

#include <ostream>

#include "actuators/hosts_file.hpp"
#include "cli/commands.hpp"
#include "cli/consul.hpp"
#include "cli/manifest_file.hpp"
#include "cli/render.hpp"
#include "clients/cli_json.hpp"
#include "clients/docker_engine.hpp"
#include "clients/json_codec.hpp"
#include "reconciler/digest.hpp"
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

/// A plan for this host is not the whole story when another one runs the app.
asio::awaitable<Result<void>> warn_if_elsewhere(CommandContext context, Store& store, AppId app) {
    const Keys keys(context.config.consul.prefix);
    const NodeId here(context.config.node.name);
    const auto listing = co_await store.list(keys.assigned(), {});
    if (!listing) co_return listing.error();
    for (const KvEntry& entry : listing->entries) {
        const std::string place = entry.key.substr(keys.assigned().size());
        const std::size_t slash = place.find('/');
        if (slash == std::string::npos || place.substr(slash + 1) != app.str()) continue;
        if (place.substr(0, slash) == here.str()) continue;
        context.console.say(
            fmt::format("nap: warning: {} runs on {}, and this plan is for {}; run "
                        "it there",
                        app.str(), place.substr(0, slash), here.str()));
    }
    co_return Result<void>{};
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

Plan plan_for(const CommandContext& context, const ClusterMeta& meta, const LocalManifest& manifest,
              const ObservedHost& observed) {
    const std::vector<InstanceId> instances = all_instances(*manifest.spec);
    const Attempts attempts;
    const std::set<std::string> busy;
    return plan_host({.cluster = meta.cluster,
                      .revision = RevisionId(digest(manifest.text.text)),
                      .app = *manifest.spec,
                      .instances = instances,
                      .observed = observed,
                      .attempts = attempts,
                      .busy = busy,
                      .policy = context.config.policy,
                      .backoff = context.config.backoff,
                      .now = std::chrono::system_clock::now()});
}

Outcome show(const Plan& plan, const PlanCommand& command, const Console& console) {
    const bool empty = plan.steps.empty() && plan.blocked.empty();
    if (command.json) {
        console.out << cli_json(plan) << '\n';
    } else if (empty) {
        console.out << "nothing would change\n";
    } else {
        console.out << plan_text(plan);
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
    const auto meta = co_await read_meta(**store, Keys(config.consul.prefix));
    if (!meta) co_return consul_failed(config, meta.error());
    const auto checked = co_await warn_if_elsewhere(context, **store, command.app);
    if (!checked) co_return consul_failed(config, checked.error());
    const auto observed = co_await observe(context, **engine, *manifest.spec);
    if (!observed) co_return engine_failed(config, observed.error());
    co_return show(plan_for(context, *meta, manifest, *observed), command, context.console);
}

}  // namespace nap
