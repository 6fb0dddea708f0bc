#include "cli/git.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace nap {

namespace {

constexpr std::size_t output_bytes_max = 64 * 1024;

/// Without what a hook of git has set: it would point to another repository.
std::vector<char*> environment() {
    std::vector<char*> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (std::strncmp(*entry, "GIT_", 4) != 0) variables.push_back(*entry);
    }
    variables.push_back(nullptr);
    return variables;
}

std::string read_to_end(int fd) {
    std::string text;
    char buffer[4096];
    while (text.size() < output_bytes_max) {
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
}

/// What git prints; nullopt when it fails or is not there.
std::optional<std::string> git(const std::string& folder, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"git", "--no-optional-locks", "-C", folder});
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::vector<char*> variables = environment();
    pid_t pid = -1;
    const int failed =
        ::posix_spawnp(&pid, "git", &actions, nullptr, argv.data(), variables.data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::string output = failed == 0 ? read_to_end(ends[0]) : std::string();
    ::close(ends[0]);
    if (failed != 0) return std::nullopt;
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
    return output;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace

std::optional<GitHead> read_git_head(const std::string& folder) {
    const auto log = git(folder, {"log", "-1", "--format=%H%n%an <%ae>"});
    if (!log || log->find('\n') == std::string::npos) return std::nullopt;
    GitHead head;
    head.commit = first_line(*log);
    head.author = first_line(log->substr(head.commit.size() + 1));
    const auto status = git(folder, {"status", "--porcelain", "--", "."});
    head.modified = !status || !status->empty();
    const auto lock =
        git(folder, {"rev-parse", "--path-format=absolute", "--git-path", "index.lock"});
    std::error_code ignored;
    head.busy = lock && std::filesystem::exists(first_line(*lock), ignored);
    return head;
}

}  // namespace nap
