#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/error.hpp"
#include "model/time.hpp"

namespace nap {

namespace asio = boost::asio;

struct HttpCore;
struct HttpExchange;

/// Where a server listens: a unix socket when `socket_path` is set, otherwise TCP.
struct HttpEndpoint {
    std::string socket_path;
    std::string host;
    std::uint16_t port = 0;
    bool tls = false;
};

/// Reads `unix:///path`, `http://host:port`, `tcp://host:port`, `https://host:port` or
/// `host:port`. `rejected` says what is wrong with the address.
[[nodiscard]] Result<HttpEndpoint> parse_endpoint(std::string_view address,
                                                  std::uint16_t default_port);

/// PEM files; empty names are not used. Without a CA file the system's are.
struct TlsFiles {
    std::string ca;
    std::string certificate;
    std::string key;
};

/// Called once a request: its name, the status or error class, and how long it took. Streams are
/// timed up to their header.
using HttpObserver =
    std::function<void(std::string_view op, std::string_view code, double seconds)>;

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// The first header of that name, in any case; empty when there is none.
[[nodiscard]] std::string_view find_header(const HttpHeaders& headers, std::string_view name);

struct HttpOptions {
    HttpEndpoint endpoint;
    TlsFiles tls;
    HttpHeaders headers;  ///< sent with every request
    HttpObserver observer;
    std::size_t body_bytes_max = 64u << 20;
    std::size_t idle_max = 4;  ///< connections kept open between requests
};

struct HttpRequest {
    std::string_view op;  ///< a literal: the request's name in metrics and messages
    std::string_view method = "GET";
    std::string target;              ///< percent-encoded path and query
    std::string body;                ///< JSON
    bool idempotent = false;         ///< may be sent again when a kept connection turns out dead
    bool on_new_connection = false;  ///< only while the server still accepts connections
    milliseconds deadline{10'000};
};

struct HttpResponse {
    int status = 0;
    HttpHeaders headers;
    std::string body;
};

/// An answer whose body is read as it arrives. Dropping it closes the connection.
class HttpStream {
  public:
    explicit HttpStream(std::unique_ptr<HttpExchange> exchange);
    ~HttpStream();
    HttpStream(HttpStream&&) noexcept;
    HttpStream& operator=(HttpStream&&) noexcept;

    [[nodiscard]] int status() const;

    /// The next decoded bytes, at least one; empty at the end of the body. `idle` is how long to
    /// wait for them; zero waits without limit.
    asio::awaitable<Result<std::string>> next(milliseconds idle);

  private:
    std::unique_ptr<HttpExchange> exchange_;
};

/// HTTP/1.1 to one endpoint. Requests run side by side, each on a connection of its own; idle
/// connections are kept for the next. A cancelled request closes its connection.
class HttpClient {
  public:
    /// `io` or `rejected` when the TLS files cannot be used; nothing is connected yet.
    static Result<HttpClient> create(asio::any_io_executor executor, HttpOptions options);

    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;

    /// Any status is a success here. `unreachable`, `timed_out`, `malformed`, `too_large`.
    asio::awaitable<Result<HttpResponse>> request(HttpRequest request);
    /// As `request`, returning after the header; the deadline covers that much.
    asio::awaitable<Result<HttpStream>> open(HttpRequest request);

  private:
    explicit HttpClient(std::shared_ptr<HttpCore> core);

    std::shared_ptr<HttpCore> core_;
};

/// Percent-encodes all but unreserved characters; `keep` names further ones left as they are.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view keep = {});

}  // namespace nap
