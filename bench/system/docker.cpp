#include "system/docker.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "clients/docker_codec.hpp"
#include "clients/line_buffer.hpp"
#include "reconciler/container_config.hpp"

namespace nap::bench {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds event_limit{60};

HttpClient make_client(const asio::any_io_executor& executor, const std::string& socket_path) {
    HttpOptions options;
    options.endpoint.socket_path = socket_path;
    options.idle_max = 64;  // as many as requests side by side: none is opened while measuring
    auto client = HttpClient::create(executor, std::move(options));
    if (!client) fail(client.error().message);
    return std::move(*client);
}

Ownership owner_of(const AppSpec& app) {
    return {.cluster = ClusterId("the-floor"), .app = app.app, .revision = RevisionId("floor")};
}

}  // namespace

void fail(const std::string& what) {
    throw std::runtime_error(what);
}

Docker::Docker(asio::any_io_executor executor, const std::string& socket_path)
    : executor_(executor),
      http_(make_client(executor, socket_path)),
      arrived_(executor),
      reader_(executor) {}

asio::awaitable<std::string> Docker::call(std::string method, std::string target,
                                          std::string body) {
    HttpRequest request{.op = "docker",
                        .method = method,
                        .target = "/v1.41" + target,
                        .body = std::move(body),
                        .deadline = std::chrono::seconds(120)};
    auto response = co_await http_.request(std::move(request));
    if (!response) fail(response.error().message);
    if (response->status >= 300 && response->status != 304) {
        fail(fmt::format("{} {}: {} {}", method, target, response->status, response->body));
    }
    co_return std::move(response->body);
}

asio::awaitable<void> Docker::follow() {
    HttpRequest request{.op = "events", .target = "/v1.41/events", .body = {}};
    auto stream = co_await http_.open(std::move(request));
    if (!stream) fail(stream.error().message);
    stream_.emplace(std::move(*stream));
    reader_.spawn(read_events());
    // The engine answers a little before it subscribes.
    co_await sleep_for(std::chrono::milliseconds(200));
}

asio::awaitable<void> Docker::unfollow() {
    ending_ = true;
    reader_.cancel();
    co_await reader_.join();
}

asio::awaitable<void> Docker::read_events() {
    LineBuffer lines;
    while (true) {
        auto chunk = co_await stream_->next(milliseconds{0});
        const Instant now = std::chrono::steady_clock::now();
        if (ending_) co_return;
        if (!chunk || chunk->empty()) fail("the engine's event stream ended");
        if (!lines.add(*chunk)) fail("an endless line in the engine's event stream");
        while (auto line = lines.take()) {
            auto event = decode_event(*line);
            if (event) events_.push_back({.at = now, .event = std::move(*event)});
        }
        arrived_.ring();
    }
}

asio::awaitable<Instant> Docker::event(std::size_t from,
                                       std::function<bool(const EngineEvent&)> wanted,
                                       std::size_t count) {
    const Instant deadline = std::chrono::steady_clock::now() + event_limit;
    for (std::size_t next = from; std::chrono::steady_clock::now() < deadline;) {
        for (; next < events_.size(); ++next) {
            if (wanted(events_[next].event) && --count == 0) co_return events_[next].at;
        }
        co_await arrived_.wait_for(event_limit);
    }
    fail(fmt::format("waited in vain for {} events of the engine", count));
}

asio::awaitable<void> Docker::create_networks(const AppSpec& app) {
    for (const auto& [key, wanted] : app.networks) {
        NetworkSpec network = wanted;
        add_network_labels(network.labels, owner_of(app), key, config_hash(wanted));
        co_await call("POST", "/networks/create", encode_create_network(network));
    }
}

asio::awaitable<ContainerId> Docker::create(const AppSpec& app, InstanceId instance,
                                            std::string restart_policy) {
    ContainerConfig config = container_config(app, instance.service);
    add_container_labels(config.labels, owner_of(app), instance, config_hash(config));
    std::string body = encode_create_container(config);
    if (restart_policy != "no") {
        json changed = json::parse(body);
        changed["HostConfig"]["RestartPolicy"]["Name"] = restart_policy;
        body = changed.dump();
    }
    std::string target = "/containers/create?name=" + container_name(app, instance);
    const std::string answer = co_await call("POST", std::move(target), std::move(body));
    auto created = decode_created(answer);
    if (!created) fail(created.error().message);
    co_return std::move(*created);
}

asio::awaitable<void> Docker::start(ContainerId id) {
    co_await call("POST", fmt::format("/containers/{}/start", id.str()));
}

asio::awaitable<void> Docker::remove_container(ContainerId id) {
    co_await call("DELETE", fmt::format("/containers/{}?force=1", id.str()));
}

asio::awaitable<void> Docker::remove(const AppSpec& app) {
    const std::vector<ContainerId> containers = co_await containers_of(app.app);
    TaskGroup removals(executor_);
    for (const ContainerId& id : containers) {
        removals.spawn(remove_container(id));
        if (removals.size() >= 8) co_await removals.wait_one();
    }
    co_await removals.join();
    for (const auto& [key, network] : app.networks) {
        co_await remove_network(network.name);
    }
}

asio::awaitable<void> Docker::remove_network(std::string name) {
    // Engine 20.10 sometimes goes on counting endpoints that are gone (moby#42119); such a network
    // can only be left.
    HttpRequest request{
        .op = "docker", .method = "DELETE", .target = "/v1.41/networks/" + name, .body = {}};
    co_await http_.request(std::move(request));
}

asio::awaitable<int> Docker::pid_of(ContainerId id) {
    const std::string answer = co_await call("GET", fmt::format("/containers/{}/json", id.str()));
    co_return json::parse(answer)["State"]["Pid"].get<int>();
}

asio::awaitable<std::vector<ContainerId>> Docker::containers_of(AppId app) {
    const json filters = {{"label", {"io.nap.app=" + app.str()}}};
    std::string target = "/containers/json?all=1&filters=" + percent_encode(filters.dump());
    const std::string answer = co_await call("GET", std::move(target));
    std::vector<ContainerId> ids;
    for (const json& container : json::parse(answer)) {
        ids.emplace_back(container["Id"].get<std::string>());
    }
    co_return ids;
}

std::function<bool(const EngineEvent&)> container_event(std::string action, ContainerId id) {
    return [action = std::move(action), id = std::move(id)](const EngineEvent& event) {
        return event.action == action && event.id == id.str();
    };
}

std::function<bool(const EngineEvent&)> app_event(std::string action, AppId app) {
    return [action = std::move(action), app = std::move(app)](const EngineEvent& event) {
        return event.action == action && event.type == "container" && event.owner &&
               event.owner->app == app;
    };
}

}  // namespace nap::bench
