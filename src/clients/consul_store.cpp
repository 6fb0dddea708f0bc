#include "clients/consul_store.hpp"

#include <fmt/core.h>

#include <chrono>

#include "clients/consul_codec.hpp"

namespace nap {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint16_t default_port = 8500;
constexpr milliseconds wait_default = minutes{5};
constexpr milliseconds wait_max = minutes{10};
constexpr milliseconds margin = seconds{10};
/// For what is repeated every few seconds and says that this agent is alive.
constexpr milliseconds beat_margin = seconds{3};
constexpr std::size_t transaction_ops_max = 64;
constexpr std::size_t transaction_bytes_max = 512 * 1024;

/// Consul adds up to a sixteenth to the wait, so that its clients do not come back all at once.
milliseconds deadline_of(milliseconds wait, milliseconds patience) {
    return wait + wait / 16 + patience;
}

HttpRequest put(std::string_view op, std::string target, std::string body = {}) {
    return {.op = op,
            .method = "PUT",
            .target = std::move(target),
            .body = std::move(body),
            .deadline = margin};
}

std::vector<std::string> split_addresses(const std::string& text) {
    std::vector<std::string> addresses;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t comma = std::min(text.find(',', begin), text.size());
        const std::size_t first = text.find_first_not_of(' ', begin);
        const std::size_t last = text.find_last_not_of(' ', comma == 0 ? 0 : comma - 1);
        if (first < comma) addresses.push_back(text.substr(first, last + 1 - first));
        begin = comma + 1;
    }
    return addresses;
}

std::string kv_target(std::string_view key) {
    return "/v1/kv/" + percent_encode(key, "/") + "?consistent";
}

}  // namespace

Result<std::unique_ptr<ConsulStore>> ConsulStore::create(asio::any_io_executor executor,
                                                         ConsulOptions options) {
    std::vector<HttpClient> agents;
    for (const std::string& address : split_addresses(options.address)) {
        auto endpoint = parse_endpoint(address, default_port);
        if (!endpoint) return endpoint.error();
        HttpOptions http;
        http.endpoint = std::move(*endpoint);
        http.tls.ca = options.ca_file;
        if (!options.token.empty()) http.headers.emplace_back("X-Consul-Token", options.token);
        http.observer = options.observer;
        auto client = HttpClient::create(executor, std::move(http));
        if (!client) return client.error();
        agents.push_back(std::move(*client));
    }
    if (agents.empty()) return Error{Errc::rejected, "no address of Consul is given"};
    return std::make_unique<ConsulStore>(std::move(agents));
}

ConsulStore::ConsulStore(std::vector<HttpClient> agents)
    : agents_(std::move(agents)),
      pulse_([this](HttpRequest request) { return ask(std::move(request)); }) {}

asio::awaitable<Result<HttpResponse>> ConsulStore::ask(HttpRequest request) {
    const std::size_t asked = current_;
    auto response = co_await agents_[asked].request(std::move(request));
    const bool out_of_order = !response || (response->status >= 500 &&
                                            response->body.find("leader") != std::string::npos);
    // Whoever asked will ask again, and then the next one.
    if (out_of_order && asked == current_) current_ = (asked + 1) % agents_.size();
    co_return response;
}

asio::awaitable<Result<KvListing>> ConsulStore::read(std::string target, ReadOptions options) {
    milliseconds wait{0};
    if (options.index > 0) {
        wait = options.wait.count() > 0 ? std::min(options.wait, wait_max) : wait_default;
        target += fmt::format("&index={}&wait={}ms", options.index, wait.count());
    }
    HttpRequest request{.op = options.index > 0 ? "kv_watch" : "kv_read",
                        .target = std::move(target),
                        .body = {},
                        .idempotent = true,
                        .deadline = deadline_of(wait, options.patience)};
    auto asked =
        options.index > 0 ? pulse_.ask_beside(std::move(request)) : ask(std::move(request));
    auto response = co_await std::move(asked);
    if (!response) co_return response.error();
    if (find_header(response->headers, "X-Consul-KnownLeader") == "false") {
        co_return Error{Errc::no_leader, "kv_read: Consul has no leader; the answer may be stale"};
    }
    KvListing listing;
    listing.index = parse_consul_index(find_header(response->headers, "X-Consul-Index"));
    if (response->status == 404) {
        // Consul's own 404 carries an index; any other server's says nothing about the keys.
        if (find_header(response->headers, "X-Consul-Index").empty()) {
            co_return Error{Errc::malformed, "kv_read: a 404 that is not Consul's"};
        }
        co_return listing;
    }
    if (response->status != 200) {
        co_return consul_error("kv_read", response->status, response->body);
    }
    auto entries = decode_kv_list(response->body);
    if (!entries) co_return entries.error();
    listing.entries = std::move(*entries);
    co_return listing;
}

asio::awaitable<Result<KvListing>> ConsulStore::watch_key(std::string key, ReadOptions options) {
    co_return co_await read(kv_target(key), options);
}

asio::awaitable<Result<std::optional<KvEntry>>> ConsulStore::get(std::string key,
                                                                 ReadOptions options) {
    auto listing = co_await watch_key(std::move(key), options);
    if (!listing) co_return listing.error();
    if (listing->entries.empty()) co_return std::optional<KvEntry>{};
    co_return std::optional<KvEntry>{std::move(listing->entries.front())};
}

asio::awaitable<Result<KvListing>> ConsulStore::list(std::string prefix, ReadOptions options) {
    co_return co_await read(kv_target(prefix) + "&recurse", options);
}

asio::awaitable<Result<void>> ConsulStore::transact(std::vector<KvOp> ops) {
    if (ops.size() > transaction_ops_max) {
        co_return Error{Errc::too_large, fmt::format("transact: {} operations; Consul takes {}",
                                                     ops.size(), transaction_ops_max)};
    }
    std::string body = encode_transaction(ops);
    if (body.size() > transaction_bytes_max) {
        co_return Error{Errc::too_large,
                        fmt::format("transact: {} bytes in base64; Consul takes {}", body.size(),
                                    transaction_bytes_max)};
    }
    auto response = co_await ask(put("transact", "/v1/txn", std::move(body)));
    if (!response) co_return response.error();
    if (response->status == 200) co_return Result<void>{};
    if (response->status == 409) {
        std::string errors = decode_transaction_errors(response->body);
        const bool is_denied = errors.find("Permission denied") != std::string::npos;
        co_return Error{is_denied ? Errc::denied : Errc::not_committed, "transact: " + errors};
    }
    co_return consul_error("transact", response->status, response->body);
}

asio::awaitable<Result<SessionId>> ConsulStore::create_session(SessionSpec spec) {
    auto response = co_await ask(put("session_create", "/v1/session/create", encode_session(spec)));
    if (!response) co_return response.error();
    if (response->status != 200) {
        co_return consul_error("session_create", response->status, response->body);
    }
    co_return decode_session(response->body);
}

asio::awaitable<Result<void>> ConsulStore::renew_session(SessionId id) {
    HttpRequest request = put("session_renew", "/v1/session/renew/" + percent_encode(id.str()));
    request.idempotent = true;
    request.deadline = beat_margin;
    auto response = co_await ask(std::move(request));
    if (!response) co_return response.error();
    if (response->status == 200) co_return Result<void>{};
    co_return consul_error("session_renew", response->status, response->body);
}

asio::awaitable<Result<void>> ConsulStore::destroy_session(SessionId id) {
    HttpRequest request = put("session_destroy", "/v1/session/destroy/" + percent_encode(id.str()));
    request.idempotent = true;
    auto response = co_await ask(std::move(request));
    if (!response) co_return response.error();
    if (response->status == 200) co_return Result<void>{};
    co_return consul_error("session_destroy", response->status, response->body);
}

asio::awaitable<Result<void>> ConsulStore::register_check(CheckSpec spec) {
    HttpRequest request = put("check_register", "/v1/agent/check/register", encode_check(spec));
    request.idempotent = true;
    auto response = co_await ask(std::move(request));
    if (!response) co_return response.error();
    if (response->status == 200) co_return Result<void>{};
    co_return consul_error("check_register", response->status, response->body);
}

asio::awaitable<Result<void>> ConsulStore::pass_check(std::string id) {
    HttpRequest request = put("check_pass", "/v1/agent/check/pass/" + percent_encode(id));
    request.idempotent = true;
    request.deadline = beat_margin;
    auto response = co_await ask(std::move(request));
    if (!response) co_return response.error();
    if (response->status == 200) co_return Result<void>{};
    const bool unknown = response->status == 404 ||
                         response->body.find("does not have associated TTL") != std::string::npos ||
                         response->body.find("Unknown check") != std::string::npos;
    if (unknown) co_return Error{Errc::not_found, "check_pass: the agent does not know " + id};
    co_return consul_error("check_pass", response->status, response->body);
}

}  // namespace nap
