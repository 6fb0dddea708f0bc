#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "support/http.hpp"
#include "support/process.hpp"

namespace nap::test {

struct AgentOptions {
    std::string prefix = "nap";
    std::string node = "nap0";
    std::string docker_socket;
    std::string consul_address;
    std::string backoff = "{initial: 100ms, max: 60s, stable: 1s}";
    std::string more;  ///< further lines of the configuration file
};

/// `nap agent` with a folder of its own, which keeps its data over restarts.
class Agent {
  public:
    Agent(std::filesystem::path dir, const AgentOptions& options);

    void start();
    /// Throws Failure when it does not become ready.
    void await_ready();
    [[nodiscard]] bool running() { return process_ && process_->running(); }
    /// SIGKILL.
    void kill();
    /// SIGTERM; the exit code.
    int terminate();
    /// The exit code of one that ends by itself. Throws Failure when it does not.
    int await_end();
    void pause();
    void resume();

    [[nodiscard]] Endpoint endpoint() const { return {.unix_path = "", .port = port_}; }
    [[nodiscard]] HttpResponse get(const std::string& path) const;
    [[nodiscard]] std::string url() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] const std::filesystem::path& log() const { return log_; }
    [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
    /// For the other commands of nap, to talk of the same cluster.
    [[nodiscard]] const std::map<std::string, std::string>& env() const { return env_; }
    /// Any other command of nap, against the same daemons and prefix.
    [[nodiscard]] Finished nap(Argv arguments, milliseconds limit = milliseconds(30'000)) const;

  private:
    std::filesystem::path dir_;
    std::filesystem::path log_;
    std::uint16_t port_;
    std::map<std::string, std::string> env_;
    std::unique_ptr<Process> process_;
};

}  // namespace nap::test
