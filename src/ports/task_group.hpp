#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <cstddef>
#include <exception>
#include <list>

#include "ports/timer.hpp"

namespace nap {

namespace asio = boost::asio;

/// Owns coroutines that run side by side on one thread: whoever holds the group can end and join
/// them, so none is left running when what it refers to goes. Join before destroying.
class TaskGroup {
  public:
    explicit TaskGroup(asio::any_io_executor executor);
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Starts `task`; between `cancel` and `join` nothing new is started.
    void spawn(asio::awaitable<void> task);
    /// Asks every task to end: what it waits for is cancelled, and its next co_await throws.
    void cancel();
    /// Returns once no task is left; rethrows the first exception one of them let out.
    asio::awaitable<void> join();
    /// Returns once a task has ended since the last call, at once when there is none.
    asio::awaitable<void> wait_one();

    [[nodiscard]] std::size_t size() const { return tasks_.size(); }

  private:
    void finished(std::list<asio::cancellation_signal>::iterator task, std::exception_ptr error);

    asio::any_io_executor executor_;
    LoopTimer changed_;
    std::list<asio::cancellation_signal> tasks_;
    std::exception_ptr first_error_;
    bool ended_ = false;
    bool cancelling_ = false;
};

}  // namespace nap
