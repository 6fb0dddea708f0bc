#include "clients/http.hpp"

#include <fmt/core.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include "clients/http_connection.hpp"

namespace nap {

namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using steady = std::chrono::steady_clock;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_bytes = 16'384;
constexpr std::uint32_t header_bytes_max = 65'536;

/// Head and body in one string, so that they leave in one write.
Result<std::string> request_text(const HttpCore& core, const HttpRequest& request) {
    for (const char c : request.target) {
        if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
            return Error{Errc::rejected,
                         fmt::format("{}: the request target is not encoded", request.op)};
        }
    }
    std::string text =
        fmt::format("{} {} HTTP/1.1\r\n{}", request.method, request.target, core.head_common);
    if (!request.body.empty()) text += "Content-Type: application/json\r\n";
    if (request.method != "GET") {
        text += fmt::format("Content-Length: {}\r\n", request.body.size());
    }
    text += "\r\n";
    text += request.body;
    return text;
}

}  // namespace

/// One request and its answer on one connection.
struct HttpExchange {
    explicit HttpExchange(std::shared_ptr<HttpCore> shared) : core(std::move(shared)) {
        parser.header_limit(header_bytes_max);
        // Bodies are limited where they are collected; streams have no end.
        parser.body_limit(boost::none);
    }

    asio::awaitable<error_code> send(const std::string& text);
    asio::awaitable<error_code> receive_header();
    asio::awaitable<Result<std::string>> receive_some();
    asio::awaitable<error_code> parse_some();
    void finish();

    std::shared_ptr<HttpCore> core;
    std::unique_ptr<HttpConnection> connection;  ///< null once the body has ended
    boost::beast::flat_buffer buffer;
    http::response_parser<http::buffer_body> parser;
};

asio::awaitable<error_code> HttpExchange::send(const std::string& text) {
    if (connection->tls) {
        auto [failed, sent] =
            co_await asio::async_write(*connection->tls, asio::buffer(text), as_result);
        co_return failed;
    }
    auto [failed, sent] =
        co_await asio::async_write(connection->stream, asio::buffer(text), as_result);
    co_return failed;
}

asio::awaitable<error_code> HttpExchange::receive_header() {
    if (connection->tls) {
        auto [failed, got] =
            co_await http::async_read_header(*connection->tls, buffer, parser, as_result);
        co_return failed;
    }
    auto [failed, got] =
        co_await http::async_read_header(connection->stream, buffer, parser, as_result);
    co_return failed;
}

asio::awaitable<error_code> HttpExchange::parse_some() {
    if (connection->tls) {
        auto [failed, got] =
            co_await http::async_read_some(*connection->tls, buffer, parser, as_result);
        co_return failed;
    }
    auto [failed, got] =
        co_await http::async_read_some(connection->stream, buffer, parser, as_result);
    co_return failed;
}

asio::awaitable<Result<std::string>> HttpExchange::receive_some() {
    // Not eager: an eager parser reads on until the body ends or fills the buffer, so that the
    // parts of an endless one would arrive late.
    std::string chunk;
    while (connection && !parser.is_done()) {
        chunk.resize(read_bytes);
        auto& body = parser.get().body();
        body.data = chunk.data();
        body.size = chunk.size();
        const error_code failed = co_await parse_some();
        if (failed && failed != http::error::need_buffer) {
            connection.reset();
            co_return transport_error(*core, failed);
        }
        chunk.resize(chunk.size() - parser.get().body().size);
        if (!chunk.empty()) break;
    }
    if (connection && parser.is_done()) finish();
    co_return chunk;
}

/// Keeps the connection for the next request if it can carry one.
void HttpExchange::finish() {
    const bool is_reusable = parser.keep_alive() && buffer.size() == 0;
    if (is_reusable && core->idle.size() < core->options.idle_max) {
        connection->stream.expires_never();
        core->idle.push_back(std::move(connection));
    }
    connection.reset();
}

HttpStream::HttpStream(std::unique_ptr<HttpExchange> exchange) : exchange_(std::move(exchange)) {}
HttpStream::~HttpStream() = default;
HttpStream::HttpStream(HttpStream&&) noexcept = default;
HttpStream& HttpStream::operator=(HttpStream&&) noexcept = default;

int HttpStream::status() const {
    return static_cast<int>(exchange_->parser.get().result_int());
}

asio::awaitable<Result<std::string>> HttpStream::next(milliseconds idle) {
    if (exchange_->connection) {
        auto& stream = exchange_->connection->stream;
        if (idle.count() > 0) {
            stream.expires_after(idle);
        } else {
            stream.expires_never();
        }
    }
    co_return co_await exchange_->receive_some();
}

namespace {

/// Sends `text` and reads the header of the answer, on `exchange.connection`.
asio::awaitable<error_code> attempt(HttpExchange& exchange, const std::string& text,
                                    steady::time_point deadline) {
    exchange.connection->stream.expires_at(deadline);
    error_code failed = co_await exchange.send(text);
    if (!failed) failed = co_await exchange.receive_header();
    co_return failed;
}

/// A kept connection may be dead without a sign of it; then nothing of an answer arrives.
bool is_dead_connection(const HttpExchange& exchange, error_code failed) {
    return !exchange.parser.got_some() && failed != boost::beast::error::timeout &&
           failed != asio::error::operation_aborted;
}

asio::awaitable<Result<std::unique_ptr<HttpExchange>>> begin(std::shared_ptr<HttpCore> core,
                                                             const HttpRequest& request) {
    const auto deadline = steady::now() + request.deadline;
    auto text = request_text(*core, request);
    if (!text) co_return text.error();
    auto exchange = std::make_unique<HttpExchange>(core);
    if (!request.on_new_connection) exchange->connection = take_idle(*core);
    if (exchange->connection) {
        const error_code failed = co_await attempt(*exchange, *text, deadline);
        if (!failed) co_return std::move(exchange);
        if (!request.idempotent || !is_dead_connection(*exchange, failed)) {
            co_return transport_error(*core, failed);
        }
        core->idle.clear();
        exchange = std::make_unique<HttpExchange>(core);
    }
    auto fresh = co_await connect_http(*core, deadline);
    if (!fresh) co_return fresh.error();
    exchange->connection = std::move(*fresh);
    const error_code failed = co_await attempt(*exchange, *text, deadline);
    if (failed) co_return transport_error(*core, failed);
    co_return std::move(exchange);
}

asio::awaitable<Result<HttpResponse>> run(std::shared_ptr<HttpCore> core,
                                          const HttpRequest& request) {
    auto begun = co_await begin(core, request);
    if (!begun) co_return begun.error();
    HttpExchange& exchange = **begun;
    HttpResponse response;
    response.status = static_cast<int>(exchange.parser.get().result_int());
    for (const auto& field : exchange.parser.get()) {
        response.headers.emplace_back(field.name_string(), field.value());
    }
    for (;;) {
        auto chunk = co_await exchange.receive_some();
        if (!chunk) co_return chunk.error();
        if (chunk->empty()) co_return response;
        if (response.body.size() + chunk->size() > core->options.body_bytes_max) {
            co_return Error{Errc::too_large,
                            fmt::format("the answer from {} is over {} bytes", core->place,
                                        core->options.body_bytes_max)};
        }
        response.body += *chunk;
    }
}

void observe(const HttpCore& core, std::string_view op, std::string_view code,
             steady::time_point started) {
    if (!core.options.observer) return;
    core.options.observer(op, code, std::chrono::duration<double>(steady::now() - started).count());
}

Error named(const HttpRequest& request, const Error& error) {
    return {error.code, fmt::format("{}: {}", request.op, error.message)};
}

}  // namespace

Result<HttpClient> HttpClient::create(asio::any_io_executor executor, HttpOptions options) {
    auto core = make_http_core(std::move(executor), std::move(options));
    if (!core) return core.error();
    return HttpClient(std::move(*core));
}

HttpClient::HttpClient(std::shared_ptr<HttpCore> core) : core_(std::move(core)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

asio::awaitable<Result<HttpResponse>> HttpClient::request(HttpRequest request) {
    const auto started = steady::now();
    auto response = co_await run(core_, request);
    if (!response) {
        observe(*core_, request.op, to_string(response.error().code), started);
        co_return named(request, response.error());
    }
    observe(*core_, request.op, std::to_string(response->status), started);
    co_return response;
}

asio::awaitable<Result<HttpStream>> HttpClient::open(HttpRequest request) {
    const auto started = steady::now();
    auto exchange = co_await begin(core_, request);
    if (!exchange) {
        observe(*core_, request.op, to_string(exchange.error().code), started);
        co_return named(request, exchange.error());
    }
    HttpStream stream(std::move(*exchange));
    observe(*core_, request.op, std::to_string(stream.status()), started);
    co_return std::move(stream);
}

}  // namespace nap
