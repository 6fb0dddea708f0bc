#include "ports/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

namespace nap {

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

bool says_cancelled(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor)
    : executor_(executor), changed_(executor, LoopTimer::time_point::max()) {}

void TaskGroup::spawn(asio::awaitable<void> task) {
    if (cancelling_) return;
    const auto entry = tasks_.emplace(tasks_.end());
    auto done = [this, entry](std::exception_ptr error) { finished(entry, std::move(error)); };
    asio::co_spawn(executor_, std::move(task),
                   asio::bind_cancellation_slot(entry->slot(), std::move(done)));
}

void TaskGroup::cancel() {
    cancelling_ = true;
    // A cancelled task may end at once and take itself off the list.
    for (auto next = tasks_.begin(); next != tasks_.end();) {
        (next++)->emit(asio::cancellation_type::terminal);
    }
}

asio::awaitable<void> TaskGroup::join() {
    while (!tasks_.empty())
        co_await changed_.async_wait(no_throw);
    cancelling_ = false;
    ended_ = false;
    if (first_error_) std::rethrow_exception(std::exchange(first_error_, nullptr));
}

asio::awaitable<void> TaskGroup::wait_one() {
    while (!ended_ && !tasks_.empty())
        co_await changed_.async_wait(no_throw);
    ended_ = false;
}

void TaskGroup::finished(std::list<asio::cancellation_signal>::iterator task,
                         std::exception_ptr error) {
    if (error && !first_error_ && !(cancelling_ && says_cancelled(error))) first_error_ = error;
    tasks_.erase(task);
    ended_ = true;
    changed_.cancel();
}

}  // namespace nap
