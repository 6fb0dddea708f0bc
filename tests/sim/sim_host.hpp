#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "agent/agent_core.hpp"
#include "sim/sim_engine.hpp"
#include "sim/sim_store.hpp"

namespace nap::sim {

/// A host's own idea of the time of day; it may be set.
class SimClock final : public Clock {
  public:
    explicit SimClock(const Kernel& kernel) : kernel_(kernel) {}
    [[nodiscard]] TimePoint now() const override {
        constexpr TimePoint day_begins{std::chrono::hours(24 * 365 * 56)};
        return day_begins + (kernel_.now() - time_begins) + offset;
    }
    [[nodiscard]] MonotonicTime monotonic() const override { return kernel_.now(); }

    nanoseconds offset{};

  private:
    const Kernel& kernel_;
};

/// One run of the product's agent on a host, with an event loop of its own.
class AgentRun {
  public:
    struct Outside {
        Kernel& kernel;
        EngineState& engine;
        ConsulState& consul;
        const ConsulLink& link;
        const FaultRates& rates;
        const SimClock& clock;
        const Config& config;
    };
    AgentRun(const Outside& outside, std::shared_ptr<Run> run, std::function<void()> crash);

    void start();
    /// Begins an orderly shutdown; `stopped` says when it is over.
    void shut_down();
    [[nodiscard]] bool stopped() const { return stopped_; }
    [[nodiscard]] Run& run() { return *run_; }
    /// Something an agent may never do: an exception left it.
    [[nodiscard]] const std::string& failure() const { return failure_; }

    /// When the loop has to be polled again, if nothing is handed to it.
    [[nodiscard]] MonotonicTime due() const {
        return waits_.empty() ? MonotonicTime::max() : *waits_.begin();
    }
    /// Runs all that is due, and all that follows from it, at the present time.
    void poll();

  private:
    asio::awaitable<void> shut_down_core();

    Kernel& kernel_;
    std::shared_ptr<Run> run_;
    Metrics metrics_;
    SimStore store_;
    SimEngine engine_;
    asio::io_context io_{1};
    std::set<MonotonicTime> waits_;  ///< until when something waits, if nothing wakes it
    AgentCore core_;
    bool stopped_ = false;
    std::string failure_;
};

/// A host: its engine, its disk, its clock, its way to Consul, and its agent, if one runs.
class SimHost {
  public:
    struct Options {
        Kernel& kernel;
        ConsulState& consul;
        const FaultRates& rates;
        std::string name;
        std::string folder;  ///< its disk
        std::function<Habit(const SimHost&, const SimContainer&)> habit;
        std::function<void(const SimHost&, const Mutation&)> on_mutation;
        std::function<void(const SimHost&, const SimContainer&)> on_run;
        bool routed = false;  ///< the other hosts reach its bridges
    };
    explicit SimHost(Options options);

    void start_agent();
    /// The agent ends as by SIGKILL. From within the agent's own doing this takes effect once that
    /// has returned; see `bury`.
    void crash_agent();
    void stop_agent();
    void freeze();
    void thaw();
    void set_cut(bool cut);
    void engine_down(bool containers_live_on);
    void engine_up();
    /// Its agent and its engine have been at work for so long that nothing is late any more.
    [[nodiscard]] bool able() const;
    /// Takes down what has crashed or stopped. Not to be called from within an agent.
    void bury();

    [[nodiscard]] const NodeId& node() const { return node_; }
    [[nodiscard]] AgentRun* agent() { return agent_.get(); }
    [[nodiscard]] const std::string& data_dir() const { return config_.data_dir; }
    EngineState& engine() { return engine_; }
    [[nodiscard]] const EngineState& engine() const { return engine_; }
    SimClock& clock() { return clock_; }
    ConsulLink& link() { return link_; }
    [[nodiscard]] const ConsulLink& link() const { return link_; }

  private:
    EngineState::Options engine_options();

    Options o_;
    NodeId node_;
    SimClock clock_;
    ConsulLink link_;
    EngineState engine_;
    Config config_;
    int runs_ = 0;
    MonotonicTime impaired_{};  ///< last time that its agent or engine was away
    std::unique_ptr<AgentRun> agent_;
};

}  // namespace nap::sim
