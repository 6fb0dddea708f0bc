#include "support/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>

extern char** environ;

namespace nap::test {

namespace {

struct Pipe {
    int read = -1;
    int write = -1;

    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Failure("no pipe");
        read = ends[0];
        write = ends[1];
    }
    ~Pipe() {
        close_read();
        close_write();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    void close_read() {
        if (read >= 0) ::close(read);
        read = -1;
    }
    void close_write() {
        if (write >= 0) ::close(write);
        write = -1;
    }
};

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (std::string& text : strings)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> environment(const std::map<std::string, std::string>& extra) {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string line = *entry;
        if (!extra.contains(line.substr(0, line.find('=')))) result.push_back(line);
    }
    for (const auto& [name, value] : extra)
        result.push_back(name + "=" + value);
    return result;
}

struct Streams {
    int in;
    int out;
    int err;
};

/// Between fork and exec only what is safe in a process with threads.
pid_t spawn(const Argv& argv, const std::map<std::string, std::string>& env, Streams streams) {
    std::vector<std::string> words = argv;
    std::vector<std::string> variables = environment(env);
    const std::vector<char*> word_pointers = pointers(words);
    const std::vector<char*> variable_pointers = pointers(variables);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) throw Failure("cannot fork");
    if (pid > 0) return pid;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(streams.in, 0);
    ::dup2(streams.out, 1);
    ::dup2(streams.err, 2);
    ::execvpe(word_pointers[0], word_pointers.data(), variable_pointers.data());
    ::_exit(127);
}

int exit_code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// False at the end of the stream.
bool read_some(int fd, std::string& text) {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && errno == EINTR);
}

void write_some(Pipe& in, std::string_view& rest) {
    const ssize_t wrote = ::write(in.write, rest.data(), rest.size());
    if (wrote > 0) rest.remove_prefix(static_cast<std::size_t>(wrote));
    if (rest.empty() || (wrote < 0 && errno != EAGAIN)) in.close_write();
}

/// False when the time is over.
bool exchange(Pipe& in, Pipe& out, Pipe& err, const RunOptions& options, Finished& finished) {
    const auto deadline = Steady::now() + options.limit;
    std::string_view rest = options.input;
    if (rest.empty()) in.close_write();
    if (in.write >= 0) ::fcntl(in.write, F_SETFL, O_NONBLOCK);
    while (out.read >= 0 || err.read >= 0) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - Steady::now());
        if (left.count() <= 0) return false;
        std::array<pollfd, 3> waits{
            {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}, {in.write, POLLOUT, 0}}};
        ::poll(waits.data(), waits.size(), static_cast<int>(left.count()));
        if (waits[0].revents != 0 && !read_some(out.read, finished.out)) out.close_read();
        if (waits[1].revents != 0 && !read_some(err.read, finished.err)) err.close_read();
        if (waits[2].revents != 0) write_some(in, rest);
    }
    return true;
}

std::string joined(const Argv& argv) {
    return fmt::format("{}", fmt::join(argv, " "));
}

}  // namespace

Finished run(const Argv& argv, const RunOptions& options) {
    Pipe in;
    Pipe out;
    Pipe err;
    const pid_t pid = spawn(argv, options.env, {in.read, out.write, err.write});
    in.close_read();
    out.close_write();
    err.close_write();
    Finished finished;
    const bool ended = exchange(in, out, err, options, finished);
    if (!ended) ::kill(pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ended) {
        throw Failure(fmt::format("took more than {} ms: {}\n{}{}", options.limit.count(),
                                  joined(argv), finished.out, finished.err));
    }
    finished.exit_code = exit_code_of(status);
    return finished;
}

std::string run_ok(const Argv& argv, const RunOptions& options) {
    const Finished finished = run(argv, options);
    if (finished.exit_code != 0) {
        throw Failure(fmt::format("exit code {}: {}\n{}{}", finished.exit_code, joined(argv),
                                  finished.out, finished.err));
    }
    return finished.out;
}

Process::Process(const Argv& argv, const std::filesystem::path& log,
                 const std::map<std::string, std::string>& env) {
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) throw Failure("cannot write " + log.string());
    pid_ = spawn(argv, env, {null, file, file});
    ::close(null);
    ::close(file);
}

Process::~Process() {
    kill();
}

bool Process::running() {
    return !wait(milliseconds(0));
}

void Process::signal(int number) {
    if (running()) ::kill(pid_, number);
}

std::optional<int> Process::wait(milliseconds limit) {
    eventually(
        [this] {
            int status = 0;
            if (!exit_code_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
                exit_code_ = exit_code_of(status);
            }
            return exit_code_.has_value();
        },
        {.limit = limit, .interval = milliseconds(2)});
    return exit_code_;
}

void Process::kill() {
    signal(SIGKILL);
    wait(milliseconds(10'000));
}

std::string read_file(const std::filesystem::path& path) {
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    return text.str();
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.flush();
    if (!file) throw Failure("cannot write " + path.string());
}

std::string tail(const std::filesystem::path& path, std::size_t count) {
    const std::string text = read_file(path);
    std::size_t begin = text.size();
    for (std::size_t lines = 0; lines <= count; ++lines) {
        if (begin == 0) return text;
        begin = text.rfind('\n', begin - 1);
        if (begin == std::string::npos) return text;
    }
    return text.substr(begin + 1);
}

}  // namespace nap::test
