#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace nap::bench {

/// Where an agent finds things, and where it keeps its own.
struct AgentPlaces {
    std::string nap;     ///< the executable
    std::string dir;     ///< for its config file, log and data
    std::string docker;  ///< `unix://…`
    std::string consul;  ///< `http://…`
    std::string http;    ///< `127.0.0.1:7627`
};

/// Sizes in KiB, as the kernel tells them.
struct ResidentMemory {
    long all = 0;
    long anonymous = 0;
    long file = 0;
};

/// `nap agent`, for as long as this object lives. Its containers stay.
class AgentProcess {
  public:
    explicit AgentProcess(const AgentPlaces& places);
    ~AgentProcess();
    AgentProcess(const AgentProcess&) = delete;
    AgentProcess& operator=(const AgentProcess&) = delete;

    /// Processor time of all its threads since it began.
    [[nodiscard]] std::chrono::nanoseconds cpu() const;
    [[nodiscard]] ResidentMemory resident() const;

  private:
    pid_t pid_ = -1;
};

}  // namespace nap::bench
