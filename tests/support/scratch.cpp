#include "support/scratch.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <thread>

namespace nap::test {

namespace {

namespace fs = std::filesystem;

/// Agents first, or they would write while their folders are being removed.
void kill_children() {
    for (const auto& task : fs::directory_iterator("/proc/self/task")) {
        std::istringstream pids(read_file(task.path() / "children"));
        for (pid_t pid = 0; pids >> pid;)
            ::kill(pid, SIGKILL);
    }
}

std::string processes_of(const std::string& folder) {
    std::string found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string pid = entry.path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        const std::string words = read_file(entry.path() / "cmdline");
        if (words.find(folder + "/") != std::string::npos) found += "process " + pid + "\n";
    }
    return found;
}

}  // namespace

Scratch::Scratch(const std::string& prefix) {
    std::string name = prefix + ".XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw Failure("no scratch folder");
    path_ = name;
    janitor_.emplace(path_);
    clean_up_on_signals();
}

void Scratch::clean_up_on_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
        ::sigaddset(&signals, number);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::thread([this, signals] {
        int number = 0;
        ::sigwait(&signals, &number);
        kill_children();
        clean_up();
        std::_Exit(128 + number);
    }).detach();
}

std::string Scratch::leftovers(const std::string& netns_prefix) const {
    std::string found;
    if (fs::exists(path_)) found += path_.string() + " still exists\n";
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/run/netns", none)) {
        const std::string name = entry.path().filename();
        if (name.starts_with(netns_prefix)) found += "network namespace " + name + "\n";
    }
    if (read_file("/proc/self/mountinfo").find(path_.string() + "/") != std::string::npos) {
        found += "mounts below " + path_.string() + "\n";
    }
    return found + processes_of(path_);
}

}  // namespace nap::test
