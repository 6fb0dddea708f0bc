#include "system/recorder.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace nap::bench {

namespace {

/// The body's length as the head says; nap's requests are never chunked.
std::size_t content_length(const std::string& head) {
    const std::string name = "\r\nContent-Length: ";
    const std::size_t found = head.find(name);
    return found == std::string::npos ? 0 : std::stoul(head.substr(found + name.size()));
}

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string_view receive(int socket, std::array<char, 65'536>& buffer) {
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

bool pass_answer(int server, int client) {
    std::array<char, 65'536> buffer;
    const std::string_view bytes = receive(server, buffer);
    return !bytes.empty() && send_all(client, bytes);
}

sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    return address;
}

sockaddr_in loopback_address(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

template <class Address>
const sockaddr* as_sockaddr(const Address& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

template <class Address>
int listen_at(int family, const Address& address) {
    const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return -1;
    if (::bind(socket, as_sockaddr(address), sizeof(address)) == 0 && ::listen(socket, 64) == 0) {
        return socket;
    }
    ::close(socket);
    return -1;
}

template <class Address>
int dial_at(int family, const Address& address) {
    const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return -1;
    if (::connect(socket, as_sockaddr(address), sizeof(address)) == 0) return socket;
    ::close(socket);
    return -1;
}

}  // namespace

void RequestScanner::add(std::string_view bytes, Instant at, std::vector<SeenRequest>& seen) {
    while (!bytes.empty()) {
        if (body_left_ > 0) {
            const std::size_t skipped = std::min(body_left_, bytes.size());
            body_left_ -= skipped;
            bytes.remove_prefix(skipped);
            continue;
        }
        if (head_.empty()) began_ = at;
        head_ += bytes.front();
        bytes.remove_prefix(1);
        if (!head_.ends_with("\r\n\r\n")) continue;
        const std::size_t method_end = head_.find(' ');
        const std::size_t target_end = head_.find(' ', method_end + 1);
        seen.push_back({.at = began_,
                        .method = head_.substr(0, method_end),
                        .target = head_.substr(method_end + 1, target_end - method_end - 1)});
        body_left_ = content_length(head_);
        head_.clear();
    }
}

Recorder::Recorder(int listener, std::function<int()> dial)
    : listener_(listener), dial_(std::move(dial)), thread_([this] { run(); }) {}

Recorder::~Recorder() {
    stopping_ = true;
    thread_.join();
    for (const Link& link : links_) {
        ::close(link.client);
        ::close(link.server);
    }
    ::close(listener_);
}

std::vector<SeenRequest> Recorder::since(Instant from) const {
    const std::scoped_lock lock(mutex_);
    std::vector<SeenRequest> requests;
    std::copy_if(seen_.begin(), seen_.end(), std::back_inserter(requests),
                 [&](const SeenRequest& request) { return request.at >= from; });
    return requests;
}

void Recorder::run() {
    while (!stopping_) {
        std::vector<pollfd> sockets{{.fd = listener_, .events = POLLIN, .revents = 0}};
        for (const Link& link : links_) {
            sockets.push_back({.fd = link.client, .events = POLLIN, .revents = 0});
            sockets.push_back({.fd = link.server, .events = POLLIN, .revents = 0});
        }
        if (::poll(sockets.data(), sockets.size(), 100) <= 0) continue;
        std::size_t next = 1;
        for (auto link = links_.begin(); link != links_.end(); next += 2) {
            const bool asked = sockets[next].revents != 0;
            const bool answered = sockets[next + 1].revents != 0;
            const bool open = (!asked || pass_request(*link)) &&
                              (!answered || pass_answer(link->server, link->client));
            if (open) {
                ++link;
                continue;
            }
            ::close(link->client);
            ::close(link->server);
            link = links_.erase(link);
        }
        if (sockets[0].revents != 0) take_client();
    }
}

void Recorder::take_client() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = dial_();
    if (server < 0) {
        ::close(client);
        return;
    }
    const int on = 1;  // fails on unix sockets, which need it not
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    links_.push_back({.client = client, .server = server, .scanner = {}});
}

bool Recorder::pass_request(Link& link) {
    std::array<char, 65'536> buffer;
    const std::string_view bytes = receive(link.client, buffer);
    const Instant now = std::chrono::steady_clock::now();
    if (bytes.empty() || !send_all(link.server, bytes)) return false;
    const std::scoped_lock lock(mutex_);
    link.scanner.add(bytes, now, seen_);
    return true;
}

int listen_unix(const std::string& path) {
    ::unlink(path.c_str());
    return listen_at(AF_UNIX, unix_address(path));
}

int dial_unix(const std::string& path) {
    return dial_at(AF_UNIX, unix_address(path));
}

int listen_loopback() {
    return listen_at(AF_INET, loopback_address(0));
}

int dial_loopback(int port) {
    return dial_at(AF_INET, loopback_address(port));
}

int port_of(int socket) {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

}  // namespace nap::bench
