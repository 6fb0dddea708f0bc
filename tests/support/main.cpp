// Tests against real daemons; needs root. Starts one private dockerd and one Consul for the whole
// run and leaves nothing behind, however it ends.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <thread>

#include "support/testbed.hpp"

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

std::string leftovers(const fs::path& scratch, const std::string& netns) {
    std::string found;
    const std::string name = scratch.string();
    if (fs::exists(scratch)) found += name + " still exists\n";
    if (fs::exists("/run/netns/" + netns)) found += "network namespace " + netns + "\n";
    if (read_file("/proc/self/mountinfo").find(name + "/") != std::string::npos) {
        found += "mounts below " + name + "\n";
    }
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string pid = entry.path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        const std::string words = read_file(entry.path() / "cmdline");
        if (words.find(name + "/") != std::string::npos) found += "process " + pid + "\n";
    }
    return found;
}

class Daemons final : public ::testing::Environment {
  public:
    void SetUp() override {
        std::array<char, 32> name{"/tmp/nap-it.XXXXXX"};
        if (::mkdtemp(name.data()) == nullptr) throw Failure("no scratch folder");
        scratch_ = name.data();
        janitor_.emplace(scratch_);
        clean_up_on_signals();
        bed_ = std::make_unique<Testbed>(scratch_);
        set_testbed(bed_.get());
        try {
            bed_->start();
        } catch (const std::exception& error) {
            // Without daemons no test says anything: this must not look like a row of bugs.
            fmt::print(stderr, "the private daemons do not start: {}\n", error.what());
            janitor_->clean_up();
            std::_Exit(1);
        }
    }

    void TearDown() override {
        janitor_->clean_up();
        EXPECT_EQ(leftovers(scratch_, "nap-it-" + std::to_string(::getpid())), "");
    }

  private:
    void clean_up_on_signals() {
        sigset_t signals;
        ::sigemptyset(&signals);
        for (const int number : {SIGINT, SIGTERM, SIGHUP})
            ::sigaddset(&signals, number);
        ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        std::thread([this, signals] {
            int number = 0;
            ::sigwait(&signals, &number);
            kill_children();
            janitor_->clean_up();
            std::_Exit(128 + number);
        }).detach();
    }

    fs::path scratch_;
    std::optional<Janitor> janitor_;
    std::unique_ptr<Testbed> bed_;
};

}  // namespace

}  // namespace nap::test

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    ::testing::AddGlobalTestEnvironment(new nap::test::Daemons);
    return RUN_ALL_TESTS();
}
