#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/agent.hpp"
#include "support/testbed.hpp"

namespace nap::test {

/// What must stay the same while a container is left alone.
struct Life {
    std::string id;
    std::string started_at;

    friend bool operator==(const Life&, const Life&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Life& run) {
        return out << run.id.substr(0, 12) << " started at " << run.started_at;
    }
};

/// By instance, `web/1`.
using Lives = std::map<std::string, Life>;

/// One test: its own prefix in KV and its own agent. Afterwards the engine is empty again, and on
/// failure the agent's log and all documents are shown.
class NapTest : public ::testing::Test {
  protected:
    NapTest();
    void TearDown() override;

    const Docker& docker() const { return testbed().docker(); }
    const Consul& consul() const { return testbed().consul(); }
    const std::string& prefix() const { return prefix_; }
    std::string key(const std::string& rest) const { return prefix_ + "/" + rest; }

    AgentOptions agent_options() const;
    /// Starts an agent and waits until it is ready.
    Agent& start_agent(const AgentOptions& options);
    Agent& start_agent() { return start_agent(agent_options()); }
    /// The first one started.
    Agent& agent() { return *agents_.front(); }

    void put(const std::string& app, const std::string& manifest) const;
    void unput(const std::string& app) const;
    /// Documents as the agent wrote them; null when absent.
    json status(const std::string& app) const;
    json observed(const std::string& app) const;
    /// The instance's part of `observed`; null when absent.
    json observed_instance(const std::string& app, const std::string& service, int slot = 1) const;

    /// Waits until the status answers the manifest as it is in KV now, with this phase.
    void await_phase(const std::string& app, const std::string& phase,
                     milliseconds limit = milliseconds(30'000)) const;
    void await_converged(const std::string& app) const { await_phase(app, "converged"); }
    /// Until the status answers that manifest with `degraded`, and its message has `part`.
    void await_degraded(const std::string& app, const std::string& part) const;
    /// Until the app has no status, no container and no assignment.
    void await_gone(const std::string& app) const;
    void deploy(const std::string& app, const std::string& manifest) const;

    std::vector<std::string> ids(const std::string& app) const;
    /// `docker inspect` of the only container of this instance; throws Failure otherwise.
    json instance(const std::string& app, const std::string& service, int slot = 1) const;
    std::string id_of(const std::string& app, const std::string& service, int slot = 1) const;
    std::string address_of(const std::string& app, const std::string& service,
                           const std::string& network) const;
    /// All running containers of the app. Throws Failure when an instance has two.
    Lives lives(const std::string& app) const;
    /// Waits until the instance runs, and not as before.
    Life await_new_life(const std::string& app, const std::string& instance,
                        const Life& before) const;
    /// What a command in the container prints, without the last line's end.
    std::string exec(const std::string& container, const Argv& command) const;
    std::string write_manifest(const std::string& text) const;
    const std::filesystem::path& dir() const { return dir_; }

  private:
    std::string describe() const;

    std::string prefix_;
    std::filesystem::path dir_;
    std::vector<std::unique_ptr<Agent>> agents_;
};

/// A service of busybox that runs for good and dies at once when told to stop.
std::string sleeper(const std::string& name, const std::string& more = "");

/// All objects in `document`, at any depth, that have `field`.
std::vector<json> objects_with(const json& document, const std::string& field);

}  // namespace nap::test
