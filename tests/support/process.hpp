#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/wait.hpp"

namespace nap::test {

using Argv = std::vector<std::string>;

struct RunOptions {
    std::string input;
    std::map<std::string, std::string> env;  ///< on top of the test's own
    milliseconds limit{30'000};
};

struct Finished {
    int exit_code = -1;  ///< 128 + signal when a signal ended it
    std::string out;
    std::string err;
};

/// Runs a command to its end. Throws Failure when it cannot be started or takes too long.
Finished run(const Argv& argv, const RunOptions& options = {});

/// As `run`; throws Failure unless it exits with 0. Returns what it wrote to stdout.
std::string run_ok(const Argv& argv, const RunOptions& options = {});

/// A command in the background, stdout and stderr appended to a file. The kernel kills it when the
/// test program dies; the destructor kills it otherwise.
class Process {
  public:
    Process(const Argv& argv, const std::filesystem::path& log,
            const std::map<std::string, std::string>& env = {});
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] bool running();
    void signal(int number);
    /// The exit code as in Finished; nullopt while it still runs after `limit`.
    std::optional<int> wait(milliseconds limit);
    void kill();

  private:
    pid_t pid_ = -1;
    std::optional<int> exit_code_;
};

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);

/// The last `count` lines of a file.
std::string tail(const std::filesystem::path& path, std::size_t count);

}  // namespace nap::test
