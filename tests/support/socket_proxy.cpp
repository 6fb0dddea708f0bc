#include "support/socket_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>

#include "support/http.hpp"

namespace nap::test {

SocketProxy::SocketProxy(std::string path, std::string target) : target_(std::move(target)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw Failure("too long for a socket: " + path);
    path.copy(address.sun_path, path.size());
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 64) != 0) {
        throw Failure("cannot listen at " + path);
    }
    thread_ = std::thread([this] { serve(); });
}

SocketProxy::~SocketProxy() {
    over_ = true;
    thread_.join();
    close_pairs();
    ::close(listener_);
}

void SocketProxy::cut() {
    has_cut_ = false;
    is_cut_ = true;
    await("the proxy has cut", [this] { return has_cut_.load(); });
}

void SocketProxy::close_pairs() {
    for (const Pair& pair : pairs_) {
        ::close(pair.client);
        ::close(pair.server);
    }
    pairs_.clear();
}

void SocketProxy::accept_one() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = is_cut_ ? -1 : connect_to({.unix_path = target_});
    if (server < 0) {
        ::close(client);
        return;
    }
    pairs_.push_back({client, server});
    ++connections_;
}

bool SocketProxy::pass(int from, int to) {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    return ::send(to, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
}

void SocketProxy::serve() {
    while (!over_) {
        if (is_cut_) {
            close_pairs();
            has_cut_ = true;
        }
        std::vector<pollfd> waits{{listener_, POLLIN, 0}};
        for (const Pair& pair : pairs_) {
            waits.push_back({pair.client, POLLIN, 0});
            waits.push_back({pair.server, POLLIN, 0});
        }
        ::poll(waits.data(), waits.size(), 10);
        std::vector<Pair> kept;
        for (std::size_t i = 0; i < pairs_.size(); ++i) {
            const auto [client, server] = pairs_[i];
            bool open = true;
            if (waits[1 + 2 * i].revents != 0) open = pass(client, server);
            if (open && waits[2 + 2 * i].revents != 0) open = pass(server, client);
            if (open) {
                kept.push_back(pairs_[i]);
                continue;
            }
            ::close(client);
            ::close(server);
        }
        pairs_ = std::move(kept);
        if (waits.front().revents != 0) accept_one();
    }
}

}  // namespace nap::test
