#include "actuators/hosts_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "model/hosts_block.hpp"

namespace nap {

namespace {

constexpr std::size_t hosts_bytes_max = 1 << 20;

class File {
  public:
    // O_NOFOLLOW: the engine makes plain files here; a link in their place is somebody's trick.
    File(const std::string& path, int flags)
        : fd_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW)) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    [[nodiscard]] int fd() const { return fd_; }

  private:
    int fd_;
};

Error failed(const char* what, const std::string& path) {
    return {Errc::io, std::string(what) + " " + path + ": " + std::strerror(errno)};
}

Result<std::string> read_all(int fd, const std::string& path) {
    std::string text;
    char buffer[4096];
    while (true) {
        const ssize_t got = ::pread(fd, buffer, sizeof buffer, static_cast<off_t>(text.size()));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("cannot read", path);
        if (got == 0) return text;
        text.append(buffer, static_cast<std::size_t>(got));
        if (text.size() > hosts_bytes_max) return Error{Errc::too_large, path + " is over 1 MB"};
    }
}

}  // namespace

Result<std::string> read_hosts_block(const std::string& path) {
    const File file(path, O_RDONLY);
    if (file.fd() < 0) return failed("cannot open", path);
    const auto text = read_all(file.fd(), path);
    if (!text) return text.error();
    return extract_hosts_block(*text);
}

Result<void> write_hosts_block(const std::string& path, const std::string& block) {
    const File file(path, O_RDWR);
    if (file.fd() < 0) return failed("cannot open", path);
    const auto text = read_all(file.fd(), path);
    if (!text) return text.error();
    const std::string changed = replace_hosts_block(*text, block);
    if (changed == *text) return {};
    const ssize_t wrote = ::pwrite(file.fd(), changed.data(), changed.size(), 0);
    if (wrote != static_cast<ssize_t>(changed.size())) return failed("cannot write", path);
    if (::ftruncate(file.fd(), static_cast<off_t>(changed.size())) != 0) {
        return failed("cannot cut", path);
    }
    return {};
}

}  // namespace nap
