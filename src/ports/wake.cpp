#include "ports/wake.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace nap {

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

}  // namespace

Wake::Wake(asio::any_io_executor executor) : timer_(executor) {}

void Wake::ring() {
    rung_ = true;
    timer_.cancel();
}

asio::awaitable<bool> Wake::wait_for(std::chrono::nanoseconds limit) {
    if (!rung_) {
        set_timer(timer_, limit);
        co_await timer_.async_wait(no_throw);
    }
    const bool was_rung = rung_;
    rung_ = false;
    co_return was_rung;
}

asio::awaitable<void> Wake::wait() {
    co_await wait_for(std::chrono::hours(24 * 365));
}

asio::awaitable<void> sleep_for(std::chrono::nanoseconds duration) {
    const auto executor = co_await asio::this_coro::executor;
    LoopTimer timer(executor);
    set_timer(timer, duration);
    co_await timer.async_wait(no_throw);
}

}  // namespace nap
