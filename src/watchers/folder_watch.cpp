#include "watchers/folder_watch.hpp"

#include <sys/inotify.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace nap {

namespace {

namespace fs = std::filesystem;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t events = IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE |
                                 IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF |
                                 IN_MOVE_SELF;
constexpr std::size_t folders_max = 4'000;

}  // namespace

Result<std::unique_ptr<FolderWatch>> FolderWatch::create(asio::any_io_executor executor,
                                                         std::string path) {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) {
        return Error{Errc::io, std::string("cannot watch folders: inotify: ") +
                                   std::strerror(errno) + "; raise fs.inotify.max_user_instances"};
    }
    std::error_code ignored;
    const fs::path real = fs::canonical(path, ignored);
    if (!ignored) path = real.string();
    return std::make_unique<FolderWatch>(std::move(executor), std::move(path), fd);
}

FolderWatch::FolderWatch(asio::any_io_executor executor, std::string path, int fd)
    : path_(std::move(path)), inotify_(executor, fd), wake_(executor), tasks_(executor) {}

void FolderWatch::start() {
    tasks_.spawn(read());
}

void FolderWatch::stop() {
    tasks_.cancel();
    wake_.ring();
}

asio::awaitable<void> FolderWatch::join() {
    co_await tasks_.join();
}

void FolderWatch::watch_all() {
    const auto add = [this](const fs::path& folder) {
        const int watch =
            ::inotify_add_watch(inotify_.native_handle(), folder.c_str(), events | IN_ONLYDIR);
        if (watch >= 0) folders_[watch] = folder.string();
    };
    add(path_);
    // Not what is in it: it tells of commits, and of when git has done with the work tree.
    add(fs::path(path_) / ".git");
    std::error_code error;
    fs::recursive_directory_iterator next(path_, fs::directory_options::skip_permission_denied,
                                          error);
    for (const fs::recursive_directory_iterator end; !error && next != end; next.increment(error)) {
        std::error_code ignored;
        if (!next->is_directory(ignored) || next->is_symlink(ignored)) continue;
        const std::string name = next->path().filename().string();
        const bool is_no_app = next.depth() == 0 && name.starts_with('.');
        if (is_no_app || name == ".git" || folders_.size() > folders_max) {
            next.disable_recursion_pending();
            continue;
        }
        add(next->path());
    }
}

asio::awaitable<void> FolderWatch::wait_for(std::chrono::nanoseconds limit) {
    co_await wake_.wait_for(limit);
}

asio::awaitable<void> FolderWatch::read() {
    alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
    while (true) {
        const auto [error, size] =
            co_await inotify_.async_read_some(asio::buffer(buffer), no_throw);
        if (error) co_return;
        take(buffer.data(), size);
    }
}

void FolderWatch::take(const char* data, std::size_t size) {
    bool worth_a_look = false;
    for (std::size_t at = 0; at + sizeof(inotify_event) <= size;) {
        inotify_event event{};
        std::memcpy(&event, data + at, sizeof event);
        const char* name = event.len > 0 ? data + at + sizeof event : "";
        at += sizeof event + event.len;
        const auto folder = folders_.find(event.wd);
        if ((event.mask & IN_IGNORED) != 0) {
            if (folder != folders_.end()) folders_.erase(folder);
            continue;
        }
        if ((event.mask & IN_Q_OVERFLOW) != 0) being_written_.clear();
        const std::string path =
            folder == folders_.end() ? std::string() : folder->second + "/" + name;
        if ((event.mask & IN_MODIFY) != 0) {
            being_written_.insert(path);
            continue;
        }
        being_written_.erase(path);
        // A file just made is empty still; it is looked at once it is closed. A link has no more.
        worth_a_look = true;
    }
    if (worth_a_look) wake_.ring();
}

}  // namespace nap
