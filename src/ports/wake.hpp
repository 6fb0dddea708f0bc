#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "ports/timer.hpp"

namespace nap {

namespace asio = boost::asio;

/// A bell that one coroutine sleeps on. Ringing while nobody sleeps is remembered, once.
class Wake {
  public:
    explicit Wake(asio::any_io_executor executor);

    void ring();
    /// Sleeps until rung or for `limit`; true when rung. Also returns when cancelled.
    asio::awaitable<bool> wait_for(std::chrono::nanoseconds limit);
    asio::awaitable<void> wait();

  private:
    LoopTimer timer_;
    bool rung_ = false;
};

/// Sleeps; returns early when cancelled.
asio::awaitable<void> sleep_for(std::chrono::nanoseconds duration);

}  // namespace nap
