#include "system/agent_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <fstream>

#include "system/docker.hpp"

namespace nap::bench {

AgentProcess::AgentProcess(const AgentPlaces& places) {
    const std::string config = places.dir + "/nap.yml";
    std::ofstream(config) << "node: {name: bench}\n"
                          << "consul: {address: \"" << places.consul << "\"}\n"
                          << "docker: {host: \"" << places.docker << "\"}\n"
                          << "http: {bind: \"" << places.http << "\"}\n"
                          << "data_dir: " << places.dir << "/data\n";
    const std::string log = places.dir + "/agent.log";
    pid_ = ::fork();
    if (pid_ < 0) fail("cannot fork");
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execl(places.nap.c_str(), "nap", "agent", "--config", config.c_str(), nullptr);
    ::_exit(127);
}

AgentProcess::~AgentProcess() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
}

std::chrono::nanoseconds AgentProcess::cpu() const {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
        fail("the agent has ended");
    }
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

ResidentMemory AgentProcess::resident() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    ResidentMemory memory;
    for (std::string word; status >> word;) {
        if (word == "VmRSS:") status >> memory.all;
        if (word == "RssAnon:") status >> memory.anonymous;
        if (word == "RssFile:") status >> memory.file;
    }
    return memory;
}

}  // namespace nap::bench
