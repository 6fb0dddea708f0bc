#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "model/error.hpp"
#include "ports/task_group.hpp"
#include "ports/wake.hpp"

namespace nap {

/// Notices changes in a folder and the folders in it, by inotify. What it tells is only that it is
/// worth looking again, and which files somebody has begun to write and not closed yet.
class FolderWatch {
  public:
    static Result<std::unique_ptr<FolderWatch>> create(asio::any_io_executor executor,
                                                       std::string path);
    FolderWatch(asio::any_io_executor executor, std::string path, int fd);

    void start();
    void stop();
    asio::awaitable<void> join();

    /// Watches every folder there is now. To be called before each look, as folders come and go.
    void watch_all();
    /// Returns once something has changed since the last call, or after `limit`.
    asio::awaitable<void> wait_for(std::chrono::nanoseconds limit);

    [[nodiscard]] const std::set<std::string>& being_written() const { return being_written_; }

  private:
    asio::awaitable<void> read();
    void take(const char* data, std::size_t size);

    std::string path_;
    asio::posix::stream_descriptor inotify_;
    std::map<int, std::string> folders_;  ///< by watch descriptor
    std::set<std::string> being_written_;
    Wake wake_;
    TaskGroup tasks_;
};

}  // namespace nap
