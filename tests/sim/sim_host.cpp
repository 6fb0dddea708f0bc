#include "sim/sim_host.hpp"

#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <filesystem>

namespace nap::sim {

AgentRun::AgentRun(const Outside& outside, std::shared_ptr<Run> run, std::function<void()> crash)
    : kernel_(outside.kernel),
      run_(std::move(run)),
      store_({.kernel = outside.kernel,
              .consul = outside.consul,
              .link = outside.link,
              .rates = outside.rates,
              .run = run_,
              .crash = crash}),
      engine_({.kernel = outside.kernel,
               .state = outside.engine,
               .rates = outside.rates,
               .run = run_,
               .crash = crash}),
      core_({.executor = io_.get_executor(),
             .engine = engine_,
             .store = store_,
             .clock = outside.clock,
             .metrics = metrics_,
             .config = outside.config},
            Memory::open(outside.config.data_dir).value()) {}

void AgentRun::start() {
    core_.start();
    poll();
}

asio::awaitable<void> AgentRun::shut_down_core() {
    co_await core_.shut_down();
    stopped_ = true;
}

void AgentRun::shut_down() {
    asio::co_spawn(io_, shut_down_core(), [this](const std::exception_ptr& error) {
        if (error && failure_.empty()) failure_ = "shutting down failed";
    });
    poll();
}

void AgentRun::poll() {
    kernel_.collect_waits(&waits_);
    run_->has_mail = false;
    waits_.erase(waits_.begin(), waits_.upper_bound(kernel_.now()));
    try {
        io_.restart();
        // One by one: after a crash nothing more may run.
        while (run_->alive && failure_.empty() && io_.poll_one() > 0) {
        }
    } catch (const std::exception& error) {
        failure_ = error.what();
    }
    kernel_.collect_waits(nullptr);
}

SimHost::SimHost(Options options)
    : o_(std::move(options)), node_(o_.name), clock_(o_.kernel), engine_(engine_options()) {
    config_.node.name = o_.name;
    config_.data_dir = o_.folder + "/data";
    config_.network.routed = o_.routed;
    std::filesystem::create_directories(config_.data_dir);
}

EngineState::Options SimHost::engine_options() {
    return {.kernel = o_.kernel,
            .host = o_.name,
            .folder = o_.folder + "/engine",
            .wall_time = [this] { return clock_.now(); },
            .habit = [this](const SimContainer& container) { return o_.habit(*this, container); },
            .on_mutation =
                [this](const Mutation& mutation) {
                    o_.kernel.log(fmt::format("{} by {}: {} {}", o_.name, mutation.by, mutation.op,
                                              mutation.object));
                    o_.on_mutation(*this, mutation);
                },
            .on_run = [this](const SimContainer& container) { o_.on_run(*this, container); },
            .event_faults = [this] { return o_.rates.event; }};
}

void SimHost::start_agent() {
    if (agent_) return;
    auto run = std::make_shared<Run>();
    run->node = node_;
    run->name = fmt::format("{}.{}", o_.name, ++runs_);
    o_.kernel.log(run->name + " starts");
    impaired_ = o_.kernel.now();
    const AgentRun::Outside outside{.kernel = o_.kernel,
                                    .engine = engine_,
                                    .consul = o_.consul,
                                    .link = link_,
                                    .rates = o_.rates,
                                    .clock = clock_,
                                    .config = config_};
    agent_ = std::make_unique<AgentRun>(outside, std::move(run), [this] { crash_agent(); });
    agent_->start();
}

void SimHost::crash_agent() {
    if (!agent_ || !agent_->run().alive) return;
    o_.kernel.log(agent_->run().name + " crashes");
    agent_->run().alive = false;
    agent_->run().inbox.clear();  // what was to be handed to it refers to the run
}

void SimHost::stop_agent() {
    if (!agent_ || !agent_->run().alive) return;
    o_.kernel.log(agent_->run().name + " is told to stop");
    agent_->shut_down();
    // The process does not wait longer than this for what is under way.
    o_.kernel.after(std::chrono::seconds(15), [this, name = agent_->run().name] {
        if (agent_ && agent_->run().name == name) crash_agent();
    });
}

void SimHost::freeze() {
    if (!agent_ || !agent_->run().alive) return;
    o_.kernel.log(agent_->run().name + " freezes");
    agent_->run().frozen = true;
    impaired_ = o_.kernel.now();
}

void SimHost::thaw() {
    if (!agent_ || !agent_->run().alive || !agent_->run().frozen) return;
    o_.kernel.log(agent_->run().name + " thaws");
    Run& run = agent_->run();
    run.frozen = false;
    impaired_ = o_.kernel.now();
    auto inbox = std::exchange(run.inbox, {});
    for (const auto& message : inbox)
        message();
    agent_->poll();
}

void SimHost::set_cut(bool cut) {
    if (link_.cut == cut) return;
    o_.kernel.log(o_.name + (cut ? " is cut off" : " is joined again"));
    link_.cut = cut;
    o_.consul.set_reachable(node_, !cut);
    engine_.set_swarm_silent(cut && o_.kernel.random.chance(500));
}

void SimHost::engine_down(bool containers_live_on) {
    o_.kernel.log(o_.name + " engine goes down");
    impaired_ = o_.kernel.now();
    engine_.crash(containers_live_on);
}

void SimHost::engine_up() {
    if (engine_.up()) return;
    o_.kernel.log(o_.name + " engine comes up");
    impaired_ = o_.kernel.now();
    engine_.boot();
}

bool SimHost::able() const {
    constexpr nanoseconds recovered_after = std::chrono::seconds(20);
    const bool at_work = agent_ && agent_->run().alive && !agent_->run().frozen && engine_.up();
    return at_work && o_.kernel.now() - impaired_ > recovered_after;
}

void SimHost::bury() {
    if (!agent_) return;
    if (!agent_->failure().empty()) {
        o_.kernel.violate(agent_->run().name + " failed: " + agent_->failure());
        agent_->run().alive = false;
    }
    if (agent_->stopped()) {
        o_.kernel.log(agent_->run().name + " has stopped");
        agent_->run().alive = false;
    }
    if (!agent_->run().alive) agent_.reset();
}

}  // namespace nap::sim
