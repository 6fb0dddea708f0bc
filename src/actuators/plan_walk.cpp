#include "actuators/plan_walk.hpp"

#include <algorithm>
#include <chrono>

#include "ports/timer.hpp"

namespace nap {

PlanWalk::PlanWalk(asio::any_io_executor executor, Engine& engine, Plan plan, Options options)
    : engine_(engine),
      plan_(std::move(plan)),
      options_(std::move(options)),
      progress_(plan_.steps.size(), Progress::pending),
      steps_(executor) {
    for (const Step& step : plan_.steps)
        objects_.push_back(object_of(step.action));
}

asio::awaitable<void> PlanWalk::run() {
    begin_ready_steps();
    while (steps_.size() > 0) {
        co_await steps_.wait_one();
        begin_ready_steps();
    }
    finished_ = true;
}

void PlanWalk::begin_ready_steps() {
    skip_unreachable_steps();
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
        if (stopping_ || steps_.size() >= options_.parallel_max) return;
        if (!ready(i)) continue;
        progress_[i] = Progress::in_flight;
        steps_.spawn(run_step(i));
    }
}

bool PlanWalk::ready(std::size_t index) const {
    if (progress_[index] != Progress::pending) return false;
    const auto& after = plan_.steps[index].after;
    const bool reached = std::all_of(after.begin(), after.end(), [&](std::size_t i) {
        return progress_[i] == Progress::succeeded;
    });
    if (!reached) return false;
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        if (progress_[i] == Progress::in_flight && objects_[i] == objects_[index]) return false;
    }
    return true;
}

void PlanWalk::skip_unreachable_steps() {
    // Steps only ever come after earlier ones, so one pass reaches all.
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
        const Step& step = plan_.steps[i];
        const bool cut_off =
            std::any_of(step.after.begin(), step.after.end(),
                        [&](std::size_t before) { return progress_[before] == Progress::failed; });
        if (progress_[i] != Progress::pending || !cut_off) continue;
        progress_[i] = Progress::failed;
        const Result<void> result = Error{Errc::rejected, "a step before it failed"};
        options_.on_end({.step = step, .result = result, .skipped = true});
    }
}

asio::awaitable<void> PlanWalk::run_step(std::size_t index) {
    const Step& step = plan_.steps[index];
    const auto began = LoopClock::now();
    const ActionContext context{engine_, options_.owner, options_.policy, created_};
    const Result<void> result = co_await perform(context, step.action);
    const std::chrono::duration<double> took = LoopClock::now() - began;
    progress_[index] = result ? Progress::succeeded : Progress::failed;
    options_.on_end({.step = step,
                     .result = result,
                     .seconds = took.count(),
                     .container = container_of(step.action)});
}

std::optional<ContainerId> PlanWalk::container_of(const Action& action) const {
    return std::visit(
        [&](const auto& a) -> std::optional<ContainerId> {
            if constexpr (requires { a.instance; }) {
                if constexpr (requires { a.id.has_value(); }) {
                    if (a.id) return a.id;
                } else if constexpr (requires { a.id; }) {
                    return a.id;
                }
                const auto made = created_.find(a.instance);
                if (made != created_.end()) return made->second;
            }
            return std::nullopt;
        },
        action);
}

void PlanWalk::add_busy(std::set<std::string>& objects) const {
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
        const bool pending = progress_[i] == Progress::pending && !stopping_;
        if (pending || progress_[i] == Progress::in_flight) {
            objects.insert(objects_[i]);
        }
    }
}

}  // namespace nap
