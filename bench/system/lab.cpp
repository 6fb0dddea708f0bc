#include "system/lab.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "manifest/parse.hpp"

namespace nap::bench {

namespace {

constexpr std::chrono::milliseconds poll_interval{50};
constexpr std::chrono::seconds limit{120};

HttpClient make_consul(const asio::any_io_executor& executor, const std::string& address) {
    auto endpoint = parse_endpoint(address, 8500);
    if (!endpoint) fail(endpoint.error().message);
    HttpOptions options;
    options.endpoint = std::move(*endpoint);
    auto client = HttpClient::create(executor, std::move(options));
    if (!client) fail(client.error().message);
    return std::move(*client);
}

}  // namespace

Lab::Lab(asio::any_io_executor executor, LabOptions options)
    : docker(executor, options.places.docker.substr(std::string("unix://").size())),
      executor_(executor),
      places_(std::move(options.places)),
      consul_(make_consul(executor, places_.consul)) {}

asio::awaitable<HttpResponse> Lab::consul(std::string method, std::string target,
                                          std::string body) {
    HttpRequest request{.op = "consul", .method = method, .target = target, .body = body};
    auto response = co_await consul_.request(std::move(request));
    if (!response) fail(response.error().message);
    co_return std::move(*response);
}

asio::awaitable<Instant> Lab::put(AppId app, std::string manifest) {
    const HttpResponse response =
        co_await consul("PUT", "/v1/kv/nap/apps/" + app.str(), std::move(manifest));
    const Instant answered = std::chrono::steady_clock::now();
    if (response.status != 200) fail("consul: " + response.body);
    co_return answered;
}

asio::awaitable<void> Lab::remove(AppId app) {
    co_await consul("DELETE", "/v1/kv/nap/apps/" + app.str());
    const Instant deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
        const auto left = co_await docker.containers_of(app);
        if (left.empty()) co_return;
        co_await sleep_for(poll_interval);
    }
    fail(app.str() + " was not removed");
}

asio::awaitable<void> Lab::await_converged(AppId app) {
    const Instant deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
        const HttpResponse status =
            co_await consul("GET", "/v1/kv/nap/status/" + app.str() + "?raw");
        const auto parsed = nlohmann::json::parse(status.body, nullptr, false);
        if (status.status == 200 && parsed.value("phase", "") == "converged") co_return;
        co_await sleep_for(poll_interval);
    }
    fail(app.str() + " did not converge");
}

asio::awaitable<void> Lab::await_leader() {
    const Instant deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
        const HttpResponse leader = co_await consul("GET", "/v1/kv/nap/leader?raw");
        const HttpResponse node = co_await consul("GET", "/v1/kv/nap/nodes/bench");
        if (leader.status == 200 && node.status == 200) {
            // Its watches are set up right after.
            co_await sleep_for(std::chrono::seconds(1));
            co_return;
        }
        co_await sleep_for(poll_interval);
    }
    fail("the agent did not begin to lead");
}

asio::awaitable<std::string> Lab::kv_index() {
    const HttpResponse response = co_await consul("GET", "/v1/kv/nap/?recurse&keys");
    co_return std::string(find_header(response.headers, "X-Consul-Index"));
}

asio::awaitable<std::string> Lab::listing(std::string prefix) {
    const HttpResponse response = co_await consul("GET", "/v1/kv/" + prefix + "?recurse");
    if (response.status == 404) co_return "";
    if (response.status != 200) fail("consul: " + response.body);
    co_return response.body;
}

asio::awaitable<void> Lab::transact(std::string ops) {
    const HttpResponse response = co_await consul("PUT", "/v1/txn", std::move(ops));
    if (response.status != 200) fail("consul: " + response.body);
}

asio::awaitable<void> Lab::remove_all(std::string names) {
    co_await consul("DELETE", "/v1/kv/nap/apps/" + names + "?recurse");
    const Instant deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
        if ((co_await listing("nap/status/" + names)).empty()) co_return;
        co_await sleep_for(poll_interval);
    }
    fail(names + "… were not removed");
}

std::string idle_manifest(int replicas) {
    return fmt::format(
        "services:\n"
        "  idle:\n"
        "    image: nap/busybox:1\n"
        "    command: [sleep, 1d]\n"
        "    stop_signal: SIGKILL\n"
        "    deploy: {{replicas: {}}}\n",
        replicas);
}

std::string bridge_manifest(int services) {
    std::string text;
    for (int i = 1; i <= services; ++i) {
        text += fmt::format(
            "idle{}:\n"
            "  image: nap/busybox:1\n"
            "  command: [sleep, 1d]\n"
            "  stop_signal: SIGKILL\n",
            i);
    }
    return text;
}

AppSpec read_app(const std::string& name, const std::string& manifest) {
    ParsedManifest parsed = parse_manifest(AppId(name), {.file = name, .text = manifest});
    if (!parsed.spec) fail(to_string(parsed.errors.front()));
    return std::move(*parsed.spec);
}

double median(std::vector<double> values) {
    if (values.empty()) fail("no values");
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double ms_between(Instant from, Instant to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

std::string show_ms(double ms) {
    return fmt::format("{:.{}f} ms", ms, ms < 100 ? 1 : 0);
}

void say(const std::string& text) {
    fmt::print(stderr, "{}\n", text);
}

}  // namespace nap::bench
