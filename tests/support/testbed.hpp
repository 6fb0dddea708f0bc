#pragma once

#include <filesystem>
#include <memory>

#include "support/consul.hpp"
#include "support/docker.hpp"

namespace nap::test {

/// Ends and removes everything in the scratch folder once this program is over, however it ends: a
/// process of its own that waits for our end of a socket to close.
class Janitor {
  public:
    explicit Janitor(std::filesystem::path scratch);
    Janitor(const Janitor&) = delete;
    Janitor& operator=(const Janitor&) = delete;

    /// Returns once everything is gone.
    void clean_up();

  private:
    int socket_ = -1;
};

/// The private daemons that all tests share, run by scripts/testbed.
class Testbed {
  public:
    explicit Testbed(std::filesystem::path scratch);

    [[nodiscard]] const std::filesystem::path& scratch() const { return scratch_; }
    [[nodiscard]] const Docker& docker() const { return *docker_; }
    [[nodiscard]] const Consul& consul() const { return *consul_; }
    /// `curl` of an address inside the engine's network; throws Failure without an answer.
    [[nodiscard]] std::string curl(const std::string& url) const;
    [[nodiscard]] Finished try_curl(const std::string& url) const;

    struct DockerStart {
        bool live_restore = false;
    };
    void start();
    void start_docker(DockerStart options);
    void stop_docker(bool kill = false);
    void start_consul();
    void stop_consul(bool kill = false);
    /// Brings back what a test has left stopped.
    void repair();

  private:
    void script(const std::vector<std::string>& arguments) const;

    std::filesystem::path scratch_;
    std::string netns_;
    std::unique_ptr<Docker> docker_;
    std::unique_ptr<Consul> consul_;
    bool docker_changed_ = false;
    bool consul_changed_ = false;
};

/// The one of this run; set by main before the first test.
Testbed& testbed();
void set_testbed(Testbed* bed);

}  // namespace nap::test
