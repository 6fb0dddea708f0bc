#pragma once

#include <functional>
#include <string>
#include <vector>

#include "clients/http.hpp"
#include "model/app_spec.hpp"
#include "ports/engine.hpp"
#include "ports/task_group.hpp"
#include "ports/wake.hpp"
#include "system/recorder.hpp"

namespace nap::bench {

struct SeenEvent {
    Instant at;  ///< when it arrived
    EngineEvent event;
};

/// Ends the benchmark: whatever goes wrong here, the figures would be worth nothing.
[[noreturn]] void fail(const std::string& what);

/// A plain client of the Docker API, without any knowledge of what ought to be: the floor.
class Docker {
  public:
    Docker(asio::any_io_executor executor, const std::string& socket_path);

    /// Opens the event stream; returns once it is open.
    asio::awaitable<void> follow();
    asio::awaitable<void> unfollow();

    [[nodiscard]] std::size_t events_so_far() const { return events_.size(); }
    [[nodiscard]] const std::vector<SeenEvent>& events() const { return events_; }
    /// When the `count`-th event after the first `from` ones for which `wanted` holds arrived.
    asio::awaitable<Instant> event(std::size_t from, std::function<bool(const EngineEvent&)> wanted,
                                   std::size_t count = 1);

    /// Creates the app's networks.
    asio::awaitable<void> create_networks(const AppSpec& app);
    /// Creates a container the way nap does, labels and all, except for its restart policy.
    asio::awaitable<ContainerId> create(const AppSpec& app, InstanceId instance,
                                        std::string restart_policy = "no");
    asio::awaitable<void> start(ContainerId id);
    /// Everything labelled with the app; its network stays when the engine will not let it go.
    asio::awaitable<void> remove(const AppSpec& app);
    asio::awaitable<int> pid_of(ContainerId id);
    asio::awaitable<std::vector<ContainerId>> containers_of(AppId app);

  private:
    asio::awaitable<std::string> call(std::string method, std::string target,
                                      std::string body = {});
    asio::awaitable<void> read_events();
    asio::awaitable<void> remove_container(ContainerId id);
    asio::awaitable<void> remove_network(std::string name);

    asio::any_io_executor executor_;
    HttpClient http_;
    std::optional<HttpStream> stream_;
    std::vector<SeenEvent> events_;
    Wake arrived_;
    TaskGroup reader_;
    bool ending_ = false;
};

/// `die` of that container and the like.
[[nodiscard]] std::function<bool(const EngineEvent&)> container_event(std::string action,
                                                                      ContainerId id);
[[nodiscard]] std::function<bool(const EngineEvent&)> app_event(std::string action, AppId app);

}  // namespace nap::bench
