#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clients/http.hpp"

namespace nap::test {

/// What the server answers to one request: its parts in order, `pause` between them.
struct Reply {
    std::vector<std::string> parts;
    bool close = false;
    milliseconds pause{0};
};

inline std::string http_answer(int status, const std::string& body,
                               const std::string& headers = {}) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" +
           body;
}

inline Reply reply(int status, const std::string& body = {}, const std::string& headers = {}) {
    return {{http_answer(status, body, headers)}};
}

/// Answers requests with `replies`, in the order they arrive on any connection. Without a reply
/// left it says nothing. It lives on the client's io_context: tests need no threads.
class LoopbackServer {
  public:
    using Socket = asio::generic::stream_protocol::socket;

    explicit LoopbackServer(asio::io_context& io)
        : tcp_(io, {asio::ip::address_v4::loopback(), 0}) {
        asio::co_spawn(io, accept(tcp_), asio::detached);
    }
    LoopbackServer(asio::io_context& io, const std::string& path)
        : tcp_(io), unix_(std::in_place, io, asio::local::stream_protocol::endpoint(path)) {
        asio::co_spawn(io, accept(*unix_), asio::detached);
    }

    [[nodiscard]] std::string address() const {
        return "http://127.0.0.1:" + std::to_string(tcp_.local_endpoint().port());
    }

    std::deque<Reply> replies;
    std::vector<std::string> requests;
    int connections = 0;
    int ended = 0;  ///< connections the client closed

  private:
    template <class Acceptor>
    asio::awaitable<void> accept(Acceptor& acceptor) {
        for (;;) {
            auto [failed, socket] =
                co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
            if (failed) co_return;
            ++connections;
            boost::system::error_code ignored;
            socket.set_option(asio::ip::tcp::no_delay(true), ignored);
            asio::co_spawn(acceptor.get_executor(), serve(Socket(std::move(socket))),
                           asio::detached);
        }
    }

    static std::size_t body_size(const std::string& head) {
        const auto at = head.find("Content-Length: ");
        return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
    }

    asio::awaitable<void> serve(Socket socket) {
        std::string input;
        asio::steady_timer timer(socket.get_executor());
        const auto token = asio::as_tuple(asio::use_awaitable);
        for (;;) {
            auto [ended_early, head] = co_await asio::async_read_until(
                socket, asio::dynamic_buffer(input), "\r\n\r\n", token);
            if (ended_early) {
                ++ended;
                co_return;
            }
            const auto whole = head + body_size(input.substr(0, head));
            while (input.size() < whole) {
                char more[4096];
                auto [broken, got] = co_await socket.async_read_some(asio::buffer(more), token);
                if (broken) co_return;
                input.append(more, got);
            }
            requests.push_back(input.substr(0, whole));
            input.erase(0, whole);
            if (replies.empty()) continue;
            const Reply answer = std::move(replies.front());
            replies.pop_front();
            for (const auto& part : answer.parts) {
                auto [broken, sent] = co_await asio::async_write(socket, asio::buffer(part), token);
                if (broken) co_return;
                if (answer.pause.count() == 0) continue;
                timer.expires_after(answer.pause);
                co_await timer.async_wait(token);
            }
            if (answer.close) co_return;
        }
    }

    asio::ip::tcp::acceptor tcp_;
    std::optional<asio::local::stream_protocol::acceptor> unix_;
};

template <class T>
asio::awaitable<void> capture(asio::awaitable<T> work, std::optional<T>& result) {
    result.emplace(co_await std::move(work));
}

/// Runs `io` until `work` has ended and hands out its result.
template <class T>
T run(asio::io_context& io, asio::awaitable<T> work) {
    std::optional<T> result;
    std::exception_ptr thrown;
    asio::co_spawn(io, capture(std::move(work), result),
                   [&](std::exception_ptr failed) { thrown = failed; });
    io.restart();
    while (!result && !thrown && io.run_one() > 0) {
    }
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
}

/// Lets `io` work for `time`.
inline void run_for(asio::io_context& io, milliseconds time) {
    io.restart();
    io.run_for(time);
}

}  // namespace nap::test
