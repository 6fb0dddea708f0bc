#pragma once

#include "agent/cluster_controller.hpp"
#include "agent/leadership.hpp"
#include "agent/lease.hpp"
#include "agent/presence.hpp"

namespace nap {

/// All parts of one agent, wired once in the order they need each other. Whose engine, store and
/// clock they are it does not know: the real ones, or a simulator's.
class AgentCore {
  public:
    /// What an agent is given from outside; all of it outlives the agent.
    struct Outside {
        asio::any_io_executor executor;
        Engine& engine;
        Store& store;
        const Clock& clock;
        Metrics& metrics;
        const Config& config;
    };
    AgentCore(const Outside& outside, Memory memory);

    void start();
    /// Ends everything in order; containers are left as they are. To be awaited before destroying.
    asio::awaitable<void> shut_down();

    /// What keeps this agent from doing its work, for people; empty when nothing does.
    [[nodiscard]] std::vector<std::string> not_ready() const;

  private:
    asio::awaitable<void> join_cluster();
    /// A host that knows which cluster it belongs to founds no other one, should Consul be emptied
    /// and it become the leader.
    asio::awaitable<void> learn_cluster();
    asio::awaitable<void> end_term();

    Memory memory_;
    Parts parts_;
    Assignments assignments_;
    SessionLedger sessions_;
    Lease lease_;
    HostController host_;
    Presence presence_;
    ClusterController cluster_;
    Leadership leadership_;
    TaskGroup membership_;
    Wake pause_;
    Wake learning_pause_;
    bool stopping_ = false;
};

}  // namespace nap
