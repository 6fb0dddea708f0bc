#include "actuators/perform.hpp"

#include <algorithm>
#include <filesystem>

#include "actuators/hosts_file.hpp"
#include "actuators/project_folder.hpp"

namespace nap {

namespace {

bool owns(const Owner& owner, const std::optional<OwnerLabels>& labels) {
    return labels && labels->cluster == owner.cluster && labels->app == owner.app;
}

Error not_ours(const std::string& what) {
    return {Errc::rejected, what + " is not this app's; left alone"};
}

/// Success when the container is there and ours, `not_found` when it is gone.
asio::awaitable<Result<ObservedContainer>> recheck(ActionContext context, ContainerId id) {
    auto container = co_await context.engine.inspect_container(id);
    if (container && !owns(context.owner, container->owner)) {
        co_return not_ours("container " + id.str().substr(0, 12));
    }
    co_return container;
}

Result<ContainerId> target(const ActionContext& context, const InstanceId& instance,
                           const std::optional<ContainerId>& id) {
    if (id) return *id;
    const auto made = context.created.find(instance);
    if (made != context.created.end()) return made->second;
    return Error{Errc::internal, "no container of " + to_string(instance) + " was created"};
}

/// The policy is asked once more just before: a bind source that is a symbolic link may lead where
/// the policy forbids.
std::optional<std::string> denied_path_after_links(const HostPolicy& policy,
                                                   const std::string& path) {
    std::error_code error;
    const auto resolved = std::filesystem::weakly_canonical(path, error);
    if (error) return "cannot resolve bind source " + path + ": " + error.message();
    return denied_bind(policy, resolved.string());
}

std::optional<std::string> denied_after_links(const HostPolicy& policy,
                                              const ContainerConfig& config) {
    if (auto reason = denied_options(policy, config.options, config.hooks)) return reason;
    for (const ContainerMount& mount : config.mounts) {
        if (mount.kind != MountKind::bind) continue;
        if (auto reason = denied_path_after_links(policy, mount.source)) return reason;
    }
    return std::nullopt;
}

/// Another host may create the swarm's networks too, and an earlier try may have been carried out
/// late: one of this name that is ours is as good.
asio::awaitable<Result<void>> run(ActionContext context, const CreateNetwork& action) {
    const auto created = co_await context.engine.create_network(action.spec);
    if (created || created.error().code != Errc::conflict) co_return created;
    const auto networks = co_await context.engine.list_networks();
    if (!networks) co_return created;
    const bool there =
        std::any_of(networks->begin(), networks->end(), [&](const ObservedNetwork& network) {
            return network.name == action.spec.name && owns(context.owner, network.owner);
        });
    if (there) co_return Result<void>{};
    co_return created;
}

asio::awaitable<Result<void>> run(ActionContext context, const RemoveNetwork& action) {
    const auto networks = co_await context.engine.list_networks();
    if (!networks) co_return networks.error();
    const auto found = std::find_if(networks->begin(), networks->end(),
                                    [&](const ObservedNetwork& n) { return n.id == action.id; });
    if (found == networks->end()) co_return Result<void>{};
    if (!owns(context.owner, found->owner)) co_return not_ours("network " + action.name);
    const auto removed = co_await context.engine.remove_network(action.id);
    if (!removed && removed.error().code == Errc::not_found) co_return Result<void>{};
    co_return removed;
}

asio::awaitable<Result<void>> run(ActionContext context, const CreateVolume& action) {
    const std::string path = host_path_of(action.spec);
    const auto denied = path.empty() ? std::nullopt : denied_path_after_links(context.policy, path);
    if (denied) co_return Error{Errc::rejected, *denied};
    co_return co_await context.engine.create_volume(action.spec);
}

asio::awaitable<Result<void>> run(ActionContext context, const PullImage& action) {
    co_return co_await context.engine.pull_image(action.image, action.platform);
}

asio::awaitable<Result<void>> run(ActionContext context, const CreateContainer& action) {
    if (const auto denied = denied_after_links(context.policy, action.config)) {
        co_return Error{Errc::rejected, *denied};
    }
    const auto created = co_await context.engine.create_container(action.name, action.config);
    if (!created) co_return created.error();
    context.created[action.instance] = *created;
    co_return Result<void>{};
}

asio::awaitable<Result<void>> run(ActionContext context, const WriteFiles& action) {
    const auto id = target(context, action.instance, action.id);
    if (!id) co_return id.error();
    const auto container = co_await recheck(context, *id);
    if (!container) co_return container.error();
    co_return co_await context.engine.write_files(*id, action.files);
}

asio::awaitable<Result<void>> run(ActionContext context, const ConnectNetwork& action) {
    const auto id = target(context, action.instance, action.id);
    if (!id) co_return id.error();
    co_return co_await context.engine.connect_network(*id, action.network);
}

// Starting needs no recheck: it destroys nothing, an id is never used again and the labels of a
// container cannot change.
asio::awaitable<Result<void>> run(ActionContext context, const StartContainer& action) {
    const auto id = target(context, action.instance, action.id);
    if (!id) co_return id.error();
    co_return co_await context.engine.start_container(*id);
}

/// A hook has as long as most set-up takes; the container's instance is busy for that time.
constexpr milliseconds post_start_max{120'000};

Error hook_failed(const Hook& hook, const std::string& how) {
    const std::string command = hook.command.empty() ? "" : " `" + hook.command.front() + "`";
    return {Errc::rejected, "post_start hook" + command + " failed: " + how};
}

asio::awaitable<Result<void>> run(ActionContext context, const RunHooks& action) {
    const auto container = co_await recheck(context, action.id);
    if (!container) co_return container.error();
    Hooks hooks;
    hooks.post_start = action.hooks;
    if (const auto denied = denied_options(context.policy, {}, hooks)) {
        co_return Error{Errc::rejected, "post_start hook " + *denied};
    }
    for (const Hook& hook : action.hooks) {
        const auto end = co_await context.engine.run_hook(action.id, hook, post_start_max);
        if (!end && end.error().code == Errc::timed_out) {
            co_return hook_failed(hook, "it has not ended within two minutes");
        }
        if (!end && end.error().code == Errc::rejected) {
            co_return hook_failed(hook, end.error().message);
        }
        if (!end) co_return end.error();
        if (end->exit_code == 0) continue;
        const std::string output = end->output.empty() ? "" : ": " + end->output;
        co_return hook_failed(hook, "exit code " + std::to_string(end->exit_code) + output);
    }
    co_return Result<void>{};
}

/// However its hooks end, the container is stopped: to keep it would leave two of an instance, or
/// one of an app that is gone.
asio::awaitable<void> run_pre_stop(ActionContext context, ObservedContainer container) {
    if (container.state != ContainerState::running) co_return;
    Hooks allowed;
    allowed.pre_stop = container.hooks.pre_stop;
    if (denied_options(context.policy, {}, allowed)) co_return;
    for (const Hook& hook : container.hooks.pre_stop) {
        const auto end =
            co_await context.engine.run_hook(container.id, hook, container.hooks.pre_stop_max);
        if (!end) co_return;
    }
}

asio::awaitable<Result<void>> run(ActionContext context, const UnpauseContainer& action) {
    const auto container = co_await recheck(context, action.id);
    if (!container) co_return container.error();
    if (container->state != ContainerState::paused) co_return Result<void>{};
    co_return co_await context.engine.unpause_container(action.id);
}

asio::awaitable<Result<void>> run(ActionContext context, const StopContainer& action) {
    const auto container = co_await recheck(context, action.id);
    if (!container) {
        if (container.error().code == Errc::not_found) co_return Result<void>{};
        co_return container.error();
    }
    // Who says how long has no time for hooks.
    if (!action.grace) co_await run_pre_stop(context, *container);
    const auto stopped = co_await context.engine.stop_container(action.id, action.grace);
    if (!stopped && stopped.error().code == Errc::not_found) co_return Result<void>{};
    co_return stopped;
}

asio::awaitable<Result<void>> run(ActionContext context, const RestartContainer& action) {
    const auto container = co_await recheck(context, action.id);
    if (!container) co_return container.error();
    if (!action.grace) co_await run_pre_stop(context, *container);
    co_return co_await context.engine.restart_container(action.id, action.grace);
}

asio::awaitable<Result<void>> run(ActionContext context, const SignalContainer& action) {
    const auto container = co_await recheck(context, action.id);
    if (!container) co_return container.error();
    co_return co_await context.engine.signal_container(action.id, action.signal);
}

asio::awaitable<Result<void>> run(ActionContext context, const RemoveContainer& action) {
    const auto container = co_await recheck(context, action.id);
    if (!container) {
        if (container.error().code == Errc::not_found) co_return Result<void>{};
        co_return container.error();
    }
    const auto removed = co_await context.engine.remove_container(action.id);
    if (!removed && removed.error().code == Errc::not_found) co_return Result<void>{};
    co_return removed;
}

asio::awaitable<Result<void>> run(ActionContext context, const RenameContainer& action) {
    const auto id = target(context, action.instance, action.id);
    if (!id) co_return id.error();
    const auto container = co_await recheck(context, *id);
    if (!container) co_return container.error();
    if (container->name == action.name) co_return Result<void>{};
    co_return co_await context.engine.rename_container(*id, action.name);
}

asio::awaitable<Result<void>> run(ActionContext context, const WriteHosts& action) {
    const auto container = co_await recheck(context, action.id);
    if (!container) co_return container.error();
    if (container->hosts_path != action.hosts_path) {
        co_return Error{Errc::conflict, "its hosts file has moved"};
    }
    co_return write_hosts_block(action.hosts_path, action.block);
}

asio::awaitable<Result<void>> run(ActionContext, const WriteFolder& action) {
    co_return write_project_folder(action.path, action.files);
}

asio::awaitable<Result<void>> run(ActionContext, const RemoveFolder& action) {
    co_return remove_project_folder(action.path);
}

}  // namespace

asio::awaitable<Result<void>> perform(ActionContext context, const Action& action) {
    // In two statements: g++ 12 destroys temporaries of a co_await expression twice.
    auto call = std::visit([&](const auto& a) { return run(context, a); }, action);
    co_return co_await std::move(call);
}

}  // namespace nap
