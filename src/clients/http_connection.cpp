#include "clients/http_connection.hpp"

#include <fmt/core.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <cerrno>

namespace nap {

namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using RawEndpoint = asio::generic::stream_protocol::endpoint;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

Result<std::optional<asio::ssl::context>> make_tls(const HttpOptions& options) {
    if (!options.endpoint.tls) return std::optional<asio::ssl::context>{};
    std::optional<asio::ssl::context> context{asio::ssl::context::tls_client};
    error_code ec;
    const TlsFiles& files = options.tls;
    std::string used = files.ca.empty() ? "the system's CA files" : files.ca;
    if (files.ca.empty()) {
        context->set_default_verify_paths(ec);
    } else {
        context->load_verify_file(files.ca, ec);
    }
    if (!ec && !files.certificate.empty()) {
        used = files.certificate;
        context->use_certificate_chain_file(files.certificate, ec);
    }
    if (!ec && !files.key.empty()) {
        used = files.key;
        context->use_private_key_file(files.key, asio::ssl::context::pem, ec);
    }
    if (!ec) context->set_verify_mode(asio::ssl::verify_peer, ec);
    if (ec) return Error{Errc::io, fmt::format("TLS: {} cannot be used: {}", used, ec.message())};
    return context;
}

bool has_control_characters(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
    }
    return false;
}

/// Host names are looked up only when they are not addresses: Asio's resolver starts a thread.
asio::awaitable<Result<std::vector<RawEndpoint>>> resolve(const HttpCore& core) {
    const HttpEndpoint& at = core.options.endpoint;
    std::vector<RawEndpoint> found;
    if (!at.socket_path.empty()) {
        found.emplace_back(asio::local::stream_protocol::endpoint(at.socket_path));
        co_return found;
    }
    if (at.host == "localhost") {
        found.emplace_back(tcp::endpoint(asio::ip::address_v4::loopback(), at.port));
        found.emplace_back(tcp::endpoint(asio::ip::address_v6::loopback(), at.port));
        co_return found;
    }
    error_code ec;
    const auto address = asio::ip::make_address(at.host, ec);
    if (!ec) {
        found.emplace_back(tcp::endpoint(address, at.port));
        co_return found;
    }
    tcp::resolver resolver(core.executor);
    auto [lookup, entries] =
        co_await resolver.async_resolve(at.host, std::to_string(at.port), as_result);
    if (lookup) co_return transport_error(core, lookup);
    for (const auto& entry : entries) {
        found.emplace_back(entry.endpoint());
    }
    co_return found;
}

asio::awaitable<error_code> start_tls(HttpCore& core, HttpConnection& connection) {
    const std::string& host = core.options.endpoint.host;
    auto& tls = connection.tls.emplace(connection.stream, *core.tls);
    error_code ec;
    tls.set_verify_callback(asio::ssl::host_name_verification(host), ec);
    if (ec) co_return ec;
    asio::ip::make_address(host, ec);
    if (ec) {
        // What the macro SSL_set_tlsext_host_name does, without its C casts.
        SSL_ctrl(tls.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host.c_str()));
    }
    auto [failed] = co_await tls.async_handshake(asio::ssl::stream_base::client, as_result);
    co_return failed;
}

asio::awaitable<error_code> start(HttpCore& core, HttpConnection& connection, RawEndpoint at) {
    auto [failed] = co_await connection.stream.async_connect(at, as_result);
    if (failed) co_return failed;
    if (core.options.endpoint.socket_path.empty()) {
        error_code ignored;
        connection.stream.socket().set_option(tcp::no_delay(true), ignored);
    }
    if (!core.tls) co_return error_code{};
    co_return co_await start_tls(core, connection);
}

bool is_open(HttpConnection& connection) {
    char byte = 0;
    const auto socket = connection.stream.socket().native_handle();
    const auto got = ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

Result<std::shared_ptr<HttpCore>> make_http_core(asio::any_io_executor executor,
                                                 HttpOptions options) {
    const HttpEndpoint& at = options.endpoint;
    auto core = std::make_shared<HttpCore>();
    auto tls = make_tls(options);
    if (!tls) return tls.error();
    core->tls = std::move(*tls);
    core->executor = std::move(executor);
    const bool is_v6 = at.host.find(':') != std::string::npos;
    const std::string host = is_v6 ? "[" + at.host + "]" : at.host;
    const std::string authority = at.port > 0 ? fmt::format("{}:{}", host, at.port) : host;
    core->place = at.socket_path.empty() ? authority : "unix://" + at.socket_path;
    core->head_common = fmt::format("Host: {}\r\nUser-Agent: nap\r\n", authority);
    for (const auto& [name, value] : options.headers) {
        // The value may be a token, so the message does not show it.
        if (has_control_characters(name) || has_control_characters(value)) {
            return Error{Errc::rejected, fmt::format("the value for {} holds a control character, "
                                                     "perhaps a line break at its end",
                                                     name)};
        }
        core->head_common += fmt::format("{}: {}\r\n", name, value);
    }
    core->options = std::move(options);
    return core;
}

std::unique_ptr<HttpConnection> take_idle(HttpCore& core) {
    while (!core.idle.empty()) {
        auto connection = std::move(core.idle.back());
        core.idle.pop_back();
        if (is_open(*connection)) return connection;
    }
    return nullptr;
}

asio::awaitable<Result<std::unique_ptr<HttpConnection>>> connect_http(
    HttpCore& core, std::chrono::steady_clock::time_point deadline) {
    auto endpoints = co_await resolve(core);
    if (!endpoints) co_return endpoints.error();
    error_code first_failure;
    for (const RawEndpoint& at : *endpoints) {
        auto connection = std::make_unique<HttpConnection>(core.executor);
        connection->stream.expires_at(deadline);
        const error_code failed = co_await start(core, *connection, at);
        if (!failed) co_return std::move(connection);
        if (!first_failure) first_failure = failed;
    }
    co_return transport_error(core, first_failure);
}

Error transport_error(const HttpCore& core, error_code code) {
    namespace http = beast::http;
    if (code == beast::error::timeout) {
        return {Errc::timed_out, fmt::format("no answer from {} in time", core.place)};
    }
    if (code == http::error::end_of_stream || code == http::error::partial_message) {
        return {Errc::unreachable, fmt::format("{} closed the connection", core.place)};
    }
    if (code == http::error::header_limit) {
        return {Errc::too_large, fmt::format("the header from {} is too large", core.place)};
    }
    static const auto& http_category = http::make_error_code(http::error::bad_method).category();
    if (code.category() == http_category) {
        return {Errc::malformed,
                fmt::format("{} did not answer in HTTP: {}", core.place, code.message())};
    }
    return {Errc::unreachable, fmt::format("{}: {}", core.place, code.message())};
}

}  // namespace nap
