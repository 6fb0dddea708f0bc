#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <utility>

#include "ports/task_group.hpp"
#include "ports/wake.hpp"

namespace nap {

/// Serves connections until cancelled, each by a task of `tasks`, at most 64 at once: what comes
/// beyond is closed. `acceptor` and `tasks` outlive it.
template <class Protocol>
asio::awaitable<void> accept_into(
    TaskGroup& tasks, asio::basic_socket_acceptor<Protocol>& acceptor,
    std::function<asio::awaitable<void>(typename Protocol::socket)> serve) {
    constexpr std::size_t connections_max = 64;
    constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
    while (true) {
        auto [error, socket] = co_await acceptor.async_accept(no_throw);
        if (error) {
            // Most likely out of descriptors; accepting again at once would spin.
            co_await sleep_for(std::chrono::milliseconds(100));
            continue;
        }
        // This loop is one of the tasks.
        if (tasks.size() <= connections_max) tasks.spawn(serve(std::move(socket)));
    }
}

}  // namespace nap
