#include "cli/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace nap {

namespace {

Error failed(const std::string& path) {
    const Errc code = errno == ENOENT || errno == ENOTDIR ? Errc::not_found : Errc::io;
    return {code, "cannot read " + path + ": " + std::strerror(errno)};
}

Result<std::string> read_from(int fd, const std::string& path, std::size_t bytes_max) {
    std::string text;
    char buffer[16 * 1024];
    while (text.size() <= bytes_max) {
        const std::size_t room = std::min(sizeof buffer, bytes_max + 1 - text.size());
        const ssize_t got = ::read(fd, buffer, room);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(path);
        if (got == 0) break;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return failed(path);
    auto text = read_from(fd, path, bytes_max);
    ::close(fd);
    return text;
}

bool readable_by_others(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

}  // namespace nap
