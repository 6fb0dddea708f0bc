#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "model/error.hpp"
#include "model/ids.hpp"
#include "ports/wake.hpp"

namespace nap::sim {

/// One run of an agent, from its start to its crash or stop, as the simulated services see it.
struct Run {
    NodeId node;
    std::string name;       ///< `n0.2`: the second run on n0
    bool alive = true;      ///< false: it is never polled again, and what it sends has no effect
    bool frozen = false;    ///< stopped by SIGSTOP: what is sent to it waits
    bool has_mail = false;  ///< something was handed to it since it was polled last
    std::deque<std::function<void()>> inbox;

    /// Hands something to the agent, now or once it is thawed.
    void deliver(std::function<void()> message) {
        if (!alive) return;
        if (frozen) {
            inbox.push_back(std::move(message));
        } else {
            has_mail = true;
            message();
        }
    }
};

/// The caller's end of one request that a simulated service is to answer.
template <class T>
struct Pending {
    std::optional<Result<T>> answer;
    Wake* caller = nullptr;  ///< null once nobody waits any more

    void reply(Result<T> result) {
        if (answer || caller == nullptr) return;
        answer.emplace(std::move(result));
        caller->ring();
    }
};

template <class T>
using Reply = std::function<void(Result<T>)>;

/// Waits for the answer for at most `deadline`, then says `timed_out`.
template <class T>
asio::awaitable<Result<T>> await_answer(std::shared_ptr<Pending<T>> pending, std::string what,
                                        nanoseconds deadline) {
    struct Leave {
        Pending<T>& pending;
        ~Leave() { pending.caller = nullptr; }
    };
    Wake wake(co_await asio::this_coro::executor);
    pending->caller = &wake;
    const Leave leave{*pending};
    if (!pending->answer) co_await wake.wait_for(deadline);
    if (pending->answer) co_return std::move(*pending->answer);
    co_return Error{Errc::timed_out, what + ": no answer in time"};
}

}  // namespace nap::sim
