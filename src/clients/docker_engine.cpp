#include "clients/docker_engine.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "clients/docker_codec.hpp"
#include "clients/tar.hpp"

namespace nap {

namespace {

using std::chrono::seconds;

constexpr std::uint16_t default_port = 2375;
constexpr int api_minor_min = 41;
constexpr int api_minor_max = 47;
constexpr milliseconds read_deadline = seconds{10};
/// The engine's own networks are told at once, those of a swarm without a leader not at all.
constexpr milliseconds networks_deadline = seconds{3};
constexpr milliseconds change_deadline = seconds{60};
/// What a stop may take beyond its grace period: the engine waits for the kill as well.
constexpr milliseconds stop_margin = seconds{30};
/// For a stop whose grace period only the container knows.
constexpr milliseconds unknown_grace = seconds{180};

HttpRequest get(std::string_view op, std::string target) {
    return {.op = op,
            .target = std::move(target),
            .body = {},
            .idempotent = true,
            .deadline = read_deadline};
}

HttpRequest post(std::string_view op, std::string target, std::string body = {}) {
    return {.op = op,
            .method = "POST",
            .target = std::move(target),
            .body = std::move(body),
            .deadline = change_deadline};
}

HttpRequest remove(std::string_view op, std::string target) {
    return {.op = op,
            .method = "DELETE",
            .target = std::move(target),
            .body = {},
            .deadline = change_deadline};
}

std::string container_target(const ContainerId& id, std::string_view verb) {
    return fmt::format("/containers/{}{}", percent_encode(id.str()), verb);
}

HttpRequest stop_request(std::string_view op, std::string target,
                         std::optional<milliseconds> grace) {
    if (grace) target += fmt::format("?t={}", std::chrono::ceil<seconds>(*grace).count());
    HttpRequest request = post(op, std::move(target));
    request.deadline = grace.value_or(unknown_grace) + stop_margin;
    return request;
}

/// The minor version of `1.41`.
std::optional<int> parse_minor(std::string_view version) {
    int minor = 0;
    if (!version.starts_with("1.")) return std::nullopt;
    version.remove_prefix(2);
    const auto* end = version.data() + version.size();
    const auto parsed = std::from_chars(version.data(), end, minor);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return minor;
}

bool is_success(int status) {
    return (status >= 200 && status < 300) || status == 304;
}

TlsFiles tls_files(const std::string& cert_path) {
    if (cert_path.empty()) return {};
    return {cert_path + "/ca.pem", cert_path + "/cert.pem", cert_path + "/key.pem"};
}

}  // namespace

Result<std::unique_ptr<DockerEngine>> DockerEngine::create(asio::any_io_executor executor,
                                                           DockerOptions options) {
    auto endpoint = parse_endpoint(options.host, default_port);
    if (!endpoint) return endpoint.error();
    HttpOptions http;
    http.endpoint = std::move(*endpoint);
    http.tls = tls_files(options.cert_path);
    if (!options.cert_path.empty() && http.endpoint.socket_path.empty()) http.endpoint.tls = true;
    http.observer = std::move(options.observer);
    auto client = HttpClient::create(std::move(executor), std::move(http));
    if (!client) return client.error();
    return std::make_unique<DockerEngine>(std::move(*client));
}

DockerEngine::DockerEngine(HttpClient http) : http_(std::move(http)) {}

asio::awaitable<Result<void>> DockerEngine::ping() {
    auto pong = co_await http_.request(get("ping", "/_ping"));
    if (!pong) co_return pong.error();
    if (pong->status != 200) co_return docker_error("ping", pong->status, pong->body);
    const std::string_view offered = find_header(pong->headers, "Api-Version");
    const auto minor = parse_minor(offered);
    if (!minor || *minor < api_minor_min) {
        co_return Error{Errc::rejected, fmt::format("the engine speaks API '{}'; 1.{} is the "
                                                    "oldest that nap can use",
                                                    offered, api_minor_min)};
    }
    version_prefix_ = fmt::format("/v1.{}", std::min(*minor, api_minor_max));
    co_return Result<void>{};
}

asio::awaitable<Result<HttpResponse>> DockerEngine::call(HttpRequest request) {
    if (version_prefix_.empty()) {
        auto ready = co_await ping();
        if (!ready) co_return ready.error();
    }
    const std::string_view op = request.op;
    request.target.insert(0, version_prefix_);
    auto response = co_await http_.request(std::move(request));
    if (!response) {
        if (response.error().code == Errc::unreachable) version_prefix_.clear();
        co_return response.error();
    }
    if (!is_success(response->status)) co_return docker_error(op, response->status, response->body);
    co_return response;
}

asio::awaitable<Result<HttpStream>> DockerEngine::open(HttpRequest request) {
    if (version_prefix_.empty()) {
        auto ready = co_await ping();
        if (!ready) co_return ready.error();
    }
    const std::string_view op = request.op;
    request.target.insert(0, version_prefix_);
    auto stream = co_await http_.open(std::move(request));
    if (!stream) co_return stream.error();
    if (is_success(stream->status())) co_return std::move(stream);
    auto body = co_await stream->next(read_deadline);
    if (!body) co_return body.error();
    co_return docker_error(op, stream->status(), *body);
}

/// A call whose answer says nothing further.
asio::awaitable<Result<void>> DockerEngine::act(HttpRequest request) {
    auto response = co_await call(std::move(request));
    if (!response) co_return response.error();
    co_return Result<void>{};
}

asio::awaitable<Result<EngineInfo>> DockerEngine::info() {
    auto version = co_await call(get("version", "/version"));
    if (!version) co_return version.error();
    auto info = decode_version(version->body);
    if (!info) co_return info.error();
    auto system = co_await call(get("info", "/info"));
    if (!system) co_return system.error();
    auto rest = decode_info(system->body);
    if (!rest) co_return rest.error();
    rest->version = std::move(info->version);
    rest->api_version = std::move(info->api_version);
    co_return rest;
}

asio::awaitable<Result<std::vector<ContainerSummary>>> DockerEngine::list_containers() {
    auto response = co_await call(get("list_containers", "/containers/json?all=1"));
    if (!response) co_return response.error();
    co_return decode_container_list(response->body);
}

asio::awaitable<Result<ObservedContainer>> DockerEngine::inspect_container(ContainerId id) {
    auto response = co_await call(get("inspect_container", container_target(id, "/json")));
    if (!response) co_return response.error();
    co_return decode_container(response->body);
}

asio::awaitable<Result<std::vector<ObservedNetwork>>> DockerEngine::list_networks() {
    HttpRequest request = get("list_networks", "/networks");
    request.deadline = networks_deadline;
    const auto response = co_await call(std::move(request));
    if (!response) co_return response.error();
    co_return decode_network_list(response->body);
}

asio::awaitable<Result<std::vector<ObservedVolume>>> DockerEngine::list_volumes() {
    auto response = co_await call(get("list_volumes", "/volumes"));
    if (!response) co_return response.error();
    co_return decode_volume_list(response->body);
}

asio::awaitable<Result<std::optional<ImageId>>> DockerEngine::find_image(std::string reference) {
    std::string target = fmt::format("/images/{}/json", percent_encode(reference, "/:@"));
    auto response = co_await call(get("find_image", std::move(target)));
    if (!response) {
        if (response.error().code == Errc::not_found) co_return std::optional<ImageId>{};
        co_return response.error();
    }
    auto id = decode_image(response->body);
    if (!id) co_return id.error();
    co_return std::optional<ImageId>{std::move(*id)};
}

asio::awaitable<Result<void>> DockerEngine::create_network(NetworkSpec spec) {
    co_return co_await act(post("create_network", "/networks/create", encode_create_network(spec)));
}

asio::awaitable<Result<void>> DockerEngine::remove_network(NetworkId id) {
    co_return co_await act(remove("remove_network", "/networks/" + percent_encode(id.str())));
}

asio::awaitable<Result<void>> DockerEngine::create_volume(VolumeSpec spec) {
    co_return co_await act(post("create_volume", "/volumes/create", encode_create_volume(spec)));
}

asio::awaitable<Result<ContainerId>> DockerEngine::create_container(std::string name,
                                                                    ContainerConfig config) {
    std::string target = "/containers/create?name=" + percent_encode(name);
    const std::string& platform = config.options.platform;
    if (!platform.empty()) target += "&platform=" + percent_encode(platform);
    auto response =
        co_await call(post("create_container", std::move(target), encode_create_container(config)));
    if (!response) co_return response.error();
    co_return decode_created(response->body);
}

asio::awaitable<Result<void>> DockerEngine::write_files(ContainerId id,
                                                        std::vector<ContainerFile> files) {
    auto archive = encode_tar(files);
    if (!archive) co_return archive.error();
    HttpRequest request = post("write_files", container_target(id, "/archive?path=/"));
    request.method = "PUT";
    request.body = std::move(*archive);
    co_return co_await act(std::move(request));
}

asio::awaitable<Result<void>> DockerEngine::connect_network(ContainerId id,
                                                            ContainerNetwork network) {
    std::string target = fmt::format("/networks/{}/connect", percent_encode(network.network));
    co_return co_await act(post("connect_network", std::move(target), encode_connect(id, network)));
}

asio::awaitable<Result<void>> DockerEngine::start_container(ContainerId id) {
    HttpRequest request = post("start_container", container_target(id, "/start"));
    // An engine that is shutting down serves kept connections on while it ends its containers; one
    // started then would be in its way. New connections it refuses.
    request.on_new_connection = true;
    co_return co_await act(std::move(request));
}

asio::awaitable<Result<void>> DockerEngine::unpause_container(ContainerId id) {
    auto done = co_await act(post("unpause_container", container_target(id, "/unpause")));
    // The engine has no status of its own for "already so" here.
    if (!done && done.error().message.find("is not paused") != std::string::npos) {
        co_return Result<void>{};
    }
    co_return done;
}

asio::awaitable<Result<void>> DockerEngine::stop_container(ContainerId id,
                                                           std::optional<milliseconds> grace) {
    co_return co_await act(stop_request("stop_container", container_target(id, "/stop"), grace));
}

asio::awaitable<Result<void>> DockerEngine::restart_container(ContainerId id,
                                                              std::optional<milliseconds> grace) {
    co_return co_await act(
        stop_request("restart_container", container_target(id, "/restart"), grace));
}

asio::awaitable<Result<void>> DockerEngine::signal_container(ContainerId id, std::string signal) {
    const std::string verb = "/kill?signal=" + percent_encode(signal);
    co_return co_await act(post("signal_container", container_target(id, verb)));
}

asio::awaitable<Result<void>> DockerEngine::remove_container(ContainerId id) {
    co_return co_await act(remove("remove_container", container_target(id, "?force=0&v=0")));
}

asio::awaitable<Result<void>> DockerEngine::rename_container(ContainerId id, std::string name) {
    const std::string verb = "/rename?name=" + percent_encode(name);
    co_return co_await act(post("rename_container", container_target(id, verb)));
}

}  // namespace nap
