#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clients/http.hpp"

namespace nap {

/// One connection to the endpoint, over a unix socket or TCP, with or without TLS.
struct HttpConnection {
    using Stream =
        boost::beast::basic_stream<asio::generic::stream_protocol, asio::any_io_executor>;

    explicit HttpConnection(const asio::any_io_executor& executor) : stream(executor) {}

    Stream stream;
    std::optional<asio::ssl::stream<Stream&>> tls;
};

/// What a client and the streams it opened share; a stream may outlive the client.
struct HttpCore {
    asio::any_io_executor executor;
    HttpOptions options;
    std::string place;        ///< the endpoint, for messages
    std::string head_common;  ///< Host and the headers sent with every request
    std::optional<asio::ssl::context> tls;
    std::vector<std::unique_ptr<HttpConnection>> idle;  ///< last used last
};

/// The executor, options and TLS context put together; `io` or `rejected`.
[[nodiscard]] Result<std::shared_ptr<HttpCore>> make_http_core(asio::any_io_executor executor,
                                                               HttpOptions options);

/// The idle connection used last that the server has not closed; null when there is none.
[[nodiscard]] std::unique_ptr<HttpConnection> take_idle(HttpCore& core);

/// A new connection, ready for a request. Looking a host name up is not covered by `deadline`: the
/// system's resolver cannot be interrupted.
asio::awaitable<Result<std::unique_ptr<HttpConnection>>> connect_http(
    HttpCore& core, std::chrono::steady_clock::time_point deadline);

/// What `code` means for a request: `timed_out`, `malformed`, `too_large` or `unreachable`.
[[nodiscard]] Error transport_error(const HttpCore& core, boost::system::error_code code);

}  // namespace nap
