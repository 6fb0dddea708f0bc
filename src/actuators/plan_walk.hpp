#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "actuators/perform.hpp"
#include "ports/task_group.hpp"

namespace nap {

/// One step has ended, or was given up because a step before it failed.
struct StepEnd {
    const Step& step;
    const Result<void>& result;
    double seconds = 0;
    std::optional<ContainerId> container;  ///< the one it worked on or created
    bool skipped = false;
};

/// Walks one plan: each step as soon as the steps it comes after have succeeded, side by side where
/// the plan allows, but never two on one object. It decides nothing: a failed step only ends the
/// steps that need it.
class PlanWalk {
  public:
    struct Options {
        Owner owner;
        HostPolicy policy;
        std::size_t parallel_max = 16;
        std::function<void(const StepEnd&)> on_end;
    };

    PlanWalk(asio::any_io_executor executor, Engine& engine, Plan plan, Options options);

    /// Returns when nothing is in flight and nothing more can be begun.
    asio::awaitable<void> run();
    /// Begins no further step; those under way finish within their deadlines.
    void stop() { stopping_ = true; }
    /// Adds the objects of steps that are not over.
    void add_busy(std::set<std::string>& objects) const;
    [[nodiscard]] bool finished() const { return finished_; }

  private:
    enum class Progress { pending, in_flight, succeeded, failed };

    void begin_ready_steps();
    bool ready(std::size_t index) const;
    void skip_unreachable_steps();
    asio::awaitable<void> run_step(std::size_t index);
    std::optional<ContainerId> container_of(const Action& action) const;

    Engine& engine_;
    Plan plan_;
    Options options_;
    std::vector<std::string> objects_;  ///< what each step works on
    std::vector<Progress> progress_;
    CreatedContainers created_;
    TaskGroup steps_;
    bool stopping_ = false;
    bool finished_ = false;
};

}  // namespace nap
