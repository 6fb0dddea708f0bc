#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/engine.hpp"

namespace nap::test {

/// An engine in memory. Every call is logged as `op subject`, can be made to fail, can be held up
/// until released, and can be preceded by something that happens just before it.
class FakeEngine final : public Engine {
  public:
    explicit FakeEngine(asio::io_context& io)
        : released_(io, asio::steady_timer::time_point::max()) {}

    std::map<ContainerId, ObservedContainer> containers;
    std::vector<ObservedNetwork> networks;
    std::vector<ObservedVolume> volumes;
    std::map<std::string, ImageId> images;
    bool swarm_manager = false;
    std::vector<std::string> calls;
    std::map<std::string, HookEnd> hook_ends;             ///< by the first word of the command
    std::map<std::string, Error> failures;                ///< by op
    std::map<std::string, std::function<void()>> before;  ///< by op; run once
    std::set<std::string> held;                           ///< ops that wait for release()
    std::size_t in_flight = 0;
    std::size_t in_flight_max = 0;

    void release() {
        held.clear();
        released_.cancel();
    }

    /// Calls other than looking.
    [[nodiscard]] std::vector<std::string> mutations() const {
        std::vector<std::string> found;
        for (const std::string& call : calls) {
            const bool looks = call.starts_with("list") || call.starts_with("inspect") ||
                               call.starts_with("find") || call.starts_with("info");
            if (!looks) found.push_back(call);
        }
        return found;
    }
    [[nodiscard]] std::size_t count(const std::string& call) const {
        std::size_t found = 0;
        for (const std::string& made : calls)
            found += made == call ? 1 : 0;
        return found;
    }

    asio::awaitable<Result<void>> ping() override {
        if (auto error = co_await call("ping", "")) co_return *error;
        co_return Result<void>{};
    }
    asio::awaitable<Result<EngineInfo>> info() override {
        if (auto error = co_await call("info", "")) co_return *error;
        EngineInfo info;
        info.swarm_manager = swarm_manager;
        co_return info;
    }
    asio::awaitable<Result<std::vector<ContainerSummary>>> list_containers() override {
        std::vector<ContainerSummary> list;
        for (const auto& [id, c] : containers) {
            list.push_back({id, c.name, c.owner, to_string(c.state)});
        }
        if (auto error = co_await call("list_containers", "")) co_return *error;
        co_return list;
    }
    asio::awaitable<Result<ObservedContainer>> inspect_container(ContainerId id) override {
        const auto seen = find(id);
        if (auto error = co_await call("inspect", id.str())) co_return *error;
        co_return seen;
    }
    asio::awaitable<Result<std::vector<ObservedNetwork>>> list_networks() override {
        if (auto error = co_await call("list_networks", "")) co_return *error;
        co_return networks;
    }
    asio::awaitable<Result<std::vector<ObservedVolume>>> list_volumes() override {
        if (auto error = co_await call("list_volumes", "")) co_return *error;
        co_return volumes;
    }
    asio::awaitable<Result<std::optional<ImageId>>> find_image(std::string reference) override {
        if (auto error = co_await call("find_image", reference)) co_return *error;
        const auto found = images.find(reference);
        if (found == images.end()) co_return std::optional<ImageId>{};
        co_return std::optional<ImageId>(found->second);
    }
    asio::awaitable<Result<void>> create_network(NetworkSpec spec) override {
        return mutate("create_network", spec.name);
    }
    asio::awaitable<Result<void>> remove_network(NetworkId id) override {
        return mutate("remove_network", id.str());
    }
    asio::awaitable<Result<void>> create_volume(VolumeSpec spec) override {
        return mutate("create_volume", spec.name);
    }
    asio::awaitable<Result<void>> pull_image(std::string reference, std::string) override {
        return mutate("pull", reference);
    }
    asio::awaitable<Result<ContainerId>> create_container(std::string name,
                                                          ContainerConfig config) override {
        if (auto error = co_await call("create", name)) co_return *error;
        ObservedContainer container;
        container.id = ContainerId("id-" + name);
        container.name = name;
        container.owner = owner_from_labels(config.labels);
        containers[container.id] = container;
        co_return container.id;
    }
    asio::awaitable<Result<void>> write_files(ContainerId id,
                                              std::vector<ContainerFile> files) override {
        std::string paths;
        for (const ContainerFile& file : files)
            paths += " " + file.path;
        return mutate("write_files", id.str() + paths);
    }
    asio::awaitable<Result<void>> connect_network(ContainerId id,
                                                  ContainerNetwork network) override {
        return mutate("connect", id.str() + " " + network.network);
    }
    asio::awaitable<Result<void>> start_container(ContainerId id) override {
        return change("start", id, ContainerState::running);
    }
    asio::awaitable<Result<HookEnd>> run_hook(ContainerId id, Hook hook, milliseconds) override {
        if (auto error = co_await call("hook", id.str() + " " + hook.command.front())) {
            co_return *error;
        }
        const auto end = hook_ends.find(hook.command.front());
        co_return end == hook_ends.end() ? HookEnd{} : end->second;
    }
    asio::awaitable<Result<void>> unpause_container(ContainerId id) override {
        return change("unpause", id, ContainerState::running);
    }
    asio::awaitable<Result<void>> stop_container(ContainerId id,
                                                 std::optional<milliseconds>) override {
        return change("stop", id, ContainerState::exited);
    }
    asio::awaitable<Result<void>> restart_container(ContainerId id,
                                                    std::optional<milliseconds>) override {
        return change("restart", id, ContainerState::running);
    }
    asio::awaitable<Result<void>> signal_container(ContainerId id, std::string signal) override {
        return mutate("signal", id.str() + " " + signal);
    }
    asio::awaitable<Result<void>> remove_container(ContainerId id) override {
        if (auto error = co_await call("remove", id.str())) co_return *error;
        if (containers.erase(id) == 0) co_return Error{Errc::not_found, "no such container"};
        co_return Result<void>{};
    }
    asio::awaitable<Result<void>> rename_container(ContainerId id, std::string name) override {
        return mutate("rename", id.str() + " " + name);
    }
    asio::awaitable<Result<std::unique_ptr<EventStream>>> open_events(TimePoint) override {
        co_return Error{Errc::unreachable, "no events here"};
    }

  private:
    Result<ObservedContainer> find(const ContainerId& id) const {
        const auto found = containers.find(id);
        if (found == containers.end()) return Error{Errc::not_found, "no such container"};
        return found->second;
    }
    asio::awaitable<std::optional<Error>> call(std::string op, std::string subject) {
        if (auto first = before.extract(op)) first.mapped()();
        calls.push_back(subject.empty() ? op : op + " " + subject);
        in_flight_max = std::max(in_flight_max, ++in_flight);
        while (held.contains(op)) {
            co_await released_.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        --in_flight;
        if (const auto failure = failures.find(op); failure != failures.end()) {
            co_return failure->second;
        }
        co_return std::nullopt;
    }
    asio::awaitable<Result<void>> mutate(std::string op, std::string subject) {
        if (auto error = co_await call(op, subject)) co_return *error;
        co_return Result<void>{};
    }
    asio::awaitable<Result<void>> change(std::string op, ContainerId id, ContainerState state) {
        if (auto error = co_await call(op, id.str())) co_return *error;
        const auto found = containers.find(id);
        if (found == containers.end()) co_return Error{Errc::not_found, "no such container"};
        found->second.state = state;
        co_return Result<void>{};
    }

    asio::steady_timer released_;
};

/// Runs `task` to its end and returns what it returns; a task that never ends fails the test by
/// leaving the result empty once nothing is left to run.
template <class T>
T run_to_end(asio::io_context& io, asio::awaitable<T> task) {
    std::optional<T> result;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
        if (error) std::rethrow_exception(error);
        result.emplace(std::move(value));
    });
    io.restart();
    io.run_for(std::chrono::seconds(5));
    if (!result) throw std::runtime_error("it hangs");
    return std::move(*result);
}

inline ObservedContainer owned_container(const std::string& id, const InstanceId& instance) {
    ObservedContainer container;
    container.id = ContainerId(id);
    container.name = "shop-" + id;
    container.owner =
        OwnerLabels{.cluster = ClusterId("u"), .app = AppId("shop"), .instance = instance};
    container.state = ContainerState::running;
    return container;
}

}  // namespace nap::test
