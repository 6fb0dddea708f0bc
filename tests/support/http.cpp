#include "support/http.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <random>

namespace nap::test {

namespace {

int connect_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw Failure("too long for a socket: " + path);
    path.copy(address.sun_path, path.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int connect_tcp(std::uint16_t port) {
    sockaddr_in address = loopback(port);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
}

/// A socket belongs for good to the network namespace its thread was in when it was made.
int connect_tcp_in(const std::string& netns, std::uint16_t port) {
    const int home = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    const int away = ::open(("/run/netns/" + netns).c_str(), O_RDONLY | O_CLOEXEC);
    int fd = -1;
    if (home >= 0 && away >= 0 && ::setns(away, CLONE_NEWNET) == 0) {
        fd = connect_tcp(port);
        if (::setns(home, CLONE_NEWNET) != 0) std::abort();
    }
    if (home >= 0) ::close(home);
    if (away >= 0) ::close(away);
    return fd;
}

bool send_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

}  // namespace

int connect_to(const Endpoint& endpoint) {
    if (!endpoint.unix_path.empty()) return connect_unix(endpoint.unix_path);
    if (!endpoint.netns.empty()) return connect_tcp_in(endpoint.netns, endpoint.port);
    return connect_tcp(endpoint.port);
}

HttpExchange::HttpExchange(const Endpoint& endpoint, const HttpRequest& request)
    : fd_(connect_to(endpoint)) {
    if (fd_ < 0) return;
    const char* type = request.body.empty() ? "" : "Content-Type: application/json\r\n";
    const std::string head =
        fmt::format("{} {} HTTP/1.0\r\nHost: test\r\n{}Content-Length: {}\r\n\r\n", request.method,
                    request.path, type, request.body.size());
    if (send_all(fd_, head + request.body)) read_head(request.limit);
}

HttpExchange::~HttpExchange() {
    if (fd_ >= 0) ::close(fd_);
}

bool HttpExchange::fill(Steady::time_point deadline) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Steady::now());
    pollfd wait{fd_, POLLIN, 0};
    if (left.count() < 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) return false;
    std::array<char, 65536> buffer{};
    const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got > 0) buffer_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
}

void HttpExchange::read_head(milliseconds limit) {
    const auto deadline = Steady::now() + limit;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill(deadline)) return;
    }
    const std::size_t space = buffer_.find(' ');
    status_ = std::atoi(buffer_.c_str() + space + 1);
    buffer_.erase(0, end + 4);
}

std::optional<std::string> HttpExchange::read_line(milliseconds limit) {
    const auto deadline = Steady::now() + limit;
    std::size_t end = 0;
    while ((end = buffer_.find('\n')) == std::string::npos) {
        if (!fill(deadline)) return std::nullopt;
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return line;
}

std::string HttpExchange::read_rest(milliseconds limit) {
    const auto deadline = Steady::now() + limit;
    while (fill(deadline)) {
    }
    return std::move(buffer_);
}

HttpResponse http(const Endpoint& endpoint, const HttpRequest& request) {
    HttpExchange exchange(endpoint, request);
    if (exchange.status() == 0) return {};
    return {.status = exchange.status(), .body = exchange.read_rest(request.limit)};
}

std::uint16_t free_port() {
    static std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution<int> range(10'000, 19'999);
    for (int tries = 0; tries < 100; ++tries) {
        const auto port = static_cast<std::uint16_t>(range(random));
        sockaddr_in address = loopback(port);
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int yes = 1;
        ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        const int bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
        ::close(fd);
        if (bound == 0) return port;
    }
    throw Failure("no free port");
}

}  // namespace nap::test
