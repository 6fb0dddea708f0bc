#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "support/wait.hpp"

namespace nap::test {

/// Where to connect: a unix socket, or a port on 127.0.0.1, of the network namespace named.
struct Endpoint {
    std::string unix_path;
    std::uint16_t port = 0;
    std::string netns;
};

struct HttpRequest {
    std::string method = "GET";
    std::string path;
    std::string body;
    milliseconds limit{30'000};
};

struct HttpResponse {
    int status = 0;  ///< 0: no answer
    std::string body;
};

/// One request on a connection of its own, HTTP/1.0, so that the body is never chunked. Written
/// here, since a process for each look would take most of the machine while polling.
class HttpExchange {
  public:
    HttpExchange(const Endpoint& endpoint, const HttpRequest& request);
    ~HttpExchange();
    HttpExchange(const HttpExchange&) = delete;
    HttpExchange& operator=(const HttpExchange&) = delete;

    /// 0: no answer.
    [[nodiscard]] int status() const { return status_; }
    /// The next line of the body, without its end; nullopt at the end or after `limit`.
    std::optional<std::string> read_line(milliseconds limit);
    std::string read_rest(milliseconds limit);

  private:
    bool fill(Steady::time_point deadline);
    void read_head(milliseconds limit);

    int fd_ = -1;
    int status_ = 0;
    std::string buffer_;
};

HttpResponse http(const Endpoint& endpoint, const HttpRequest& request);

/// -1 when nobody listens there.
int connect_to(const Endpoint& endpoint);

/// A port nobody listens on, below those the kernel gives to outgoing connections.
std::uint16_t free_port();

}  // namespace nap::test
