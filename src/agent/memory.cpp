#include "agent/memory.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "clients/json_codec.hpp"

namespace nap {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

bool write_all(int fd, const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t wrote = ::write(fd, text.data() + done, text.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return false;
        done += static_cast<std::size_t>(wrote);
    }
    return true;
}

void replace_file(const fs::path& path, const std::string& text) {
    const fs::path fresh = path.string() + ".new";
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = fd >= 0 && write_all(fd, text);
    const int error = errno;
    if (fd >= 0) ::close(fd);
    if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
        spdlog::error("cannot write {}: {}; it will be out of date after a restart", path.string(),
                      std::strerror(written ? errno : error));
        ::unlink(fresh.c_str());
    }
}

template <class T>
T load(const fs::path& path, Result<T> (*decode)(std::string_view)) {
    const auto text = read_file(path);
    if (!text) return T{};
    auto value = decode(*text);
    if (value) return std::move(*value);
    spdlog::error("cannot use {}: {}; going on without it", path.string(), value.error().message);
    return T{};
}

Error open_error(const std::string& what) {
    return {Errc::io, what + ": " + std::strerror(errno) +
                          "; give the agent a directory it may write with --data-dir"};
}

}  // namespace

Result<Memory> Memory::open(const std::string& directory) {
    std::error_code error;
    for (const char* part : {"assigned", "attempts"}) {
        fs::create_directories(fs::path(directory) / part, error);
        if (error) {
            errno = error.value();
            return open_error("cannot make the data directory " + directory);
        }
    }
    const std::string path = directory + "/lock";
    const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return open_error("cannot open " + path);
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        ::close(lock);
        return Error{Errc::conflict, "another agent uses the data directory " + directory +
                                         "; stop it, or give this one its own with --data-dir"};
    }
    return Memory(directory, lock);
}

Memory::~Memory() {
    if (lock_ >= 0) ::close(lock_);
}

Memory::Memory(Memory&& other) noexcept
    : directory_(std::move(other.directory_)), lock_(std::exchange(other.lock_, -1)) {}

ClusterMemory Memory::load_cluster() const {
    return load(fs::path(directory_) / "cluster.json", decode_cluster_memory);
}

void Memory::save_cluster(const ClusterMemory& memory) const {
    replace_file(fs::path(directory_) / "cluster.json", encode(memory));
}

std::map<AppId, Assignment> Memory::load_assignments() const {
    std::map<AppId, Assignment> assignments;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(fs::path(directory_) / "assigned", error)) {
        if (entry.path().extension() != ".json") continue;
        Assignment assignment = load(entry.path(), decode_assignment);
        if (assignment.app.str() != entry.path().stem()) continue;
        const AppId app = assignment.app;
        assignments.emplace(app, std::move(assignment));
    }
    return assignments;
}

void Memory::save_assignment(const Assignment& assignment) const {
    replace_file(fs::path(directory_) / "assigned" / (assignment.app.str() + ".json"),
                 encode(assignment));
}

Attempts Memory::load_attempts(const AppId& app) const {
    return load(fs::path(directory_) / "attempts" / (app.str() + ".json"), decode_attempts);
}

void Memory::save_attempts(const AppId& app, const Attempts& attempts) const {
    replace_file(fs::path(directory_) / "attempts" / (app.str() + ".json"), encode(attempts));
}

void Memory::forget_app(const AppId& app) const {
    std::error_code ignored;
    fs::remove(fs::path(directory_) / "assigned" / (app.str() + ".json"), ignored);
    fs::remove(fs::path(directory_) / "attempts" / (app.str() + ".json"), ignored);
}

std::vector<SessionId> Memory::load_sessions() const {
    return load(fs::path(directory_) / "sessions.json", decode_sessions);
}

void Memory::save_sessions(const std::vector<SessionId>& sessions) const {
    replace_file(fs::path(directory_) / "sessions.json", encode(sessions));
}

}  // namespace nap
