#include "sim/conformance/both.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>

#include "clients/consul_store.hpp"
#include "clients/docker_engine.hpp"
#include "sim/sim_engine.hpp"
#include "sim/sim_store.hpp"
#include "support/testbed.hpp"

namespace nap::sim {

namespace {

/// A use of either seam, with nothing left to say but who serves it.
using Script = std::function<asio::awaitable<void>(Transcript&)>;

void rethrow(const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
}

void run_in_real_time(asio::io_context& io, const Script& script, Transcript& said) {
    asio::co_spawn(io, script(said), rethrow);
    io.run();
}

void run_in_virtual_time(asio::io_context& io, Kernel& kernel, const Script& script,
                         Transcript& said) {
    std::set<MonotonicTime> waits;
    kernel.collect_waits(&waits);
    bool over = false;
    asio::co_spawn(io, script(said), [&over](const std::exception_ptr& error) {
        over = true;
        rethrow(error);
    });
    while (!over) {
        waits.erase(waits.begin(), waits.upper_bound(kernel.now()));
        io.restart();
        io.poll();
        kernel.run_events();
        io.poll();
        if (over) break;
        MonotonicTime next = kernel.next_event();
        if (!waits.empty()) next = std::min(next, *waits.begin());
        if (next == MonotonicTime::max()) {
            said.emplace_back("waits for ever");
            break;
        }
        kernel.set_now(std::max(next, kernel.now()));
    }
    kernel.collect_waits(nullptr);
}

void expect_equal(const Transcript& real, const Transcript& simulated) {
    const std::size_t lines = std::max(real.size(), simulated.size());
    const auto line = [](const Transcript& of, std::size_t i) {
        return i < of.size() ? of[i] : std::string("(nothing)");
    };
    std::string text;
    bool same = true;
    for (std::size_t i = 0; i < lines; ++i) {
        const bool equal = line(real, i) == line(simulated, i);
        same = same && equal;
        text += equal ? fmt::format("  {}\n", line(real, i))
                      : fmt::format("- real:      {}\n- simulated: {}\n", line(real, i),
                                    line(simulated, i));
    }
    EXPECT_TRUE(same) << text;
    EXPECT_FALSE(real.empty());
}

/// How the containers of the scripts behave, by what stands in their environment.
Habit scripted_habit(const SimContainer& container) {
    Habit habit{.start_time = milliseconds(100), .stop_time = milliseconds(50)};
    const auto& environment = container.config.environment;
    if (environment.contains("DEAF")) habit.stop_time = nanoseconds{0};
    if (const auto code = environment.find("EXIT"); code != environment.end()) {
        habit.lives = milliseconds(300);
        habit.exit_code = std::stoi(code->second);
    }
    return habit;
}

Transcript with_real_store(const StoreUse& use) {
    Transcript said;
    asio::io_context io{1};
    const auto store =
        ConsulStore::create(io.get_executor(), {.address = test::testbed().consul().address()})
            .value();
    run_in_real_time(
        io, [&](Transcript& lines) { return use(*store, lines); }, said);
    return said;
}

Transcript with_simulated_store(const StoreUse& use) {
    Transcript said;
    Kernel kernel(1, 1000);
    ConsulState consul(kernel);
    const ConsulLink link;
    const FaultRates rates;
    asio::io_context io{1};
    auto run = std::make_shared<Run>();
    run->node = NodeId("n0");
    run->name = "n0.1";
    SimStore store(
        {.kernel = kernel, .consul = consul, .link = link, .rates = rates, .run = run, .crash = [] {
         }});
    run_in_virtual_time(
        io, kernel, [&](Transcript& lines) { return use(store, lines); }, said);
    return said;
}

Transcript with_real_engine(const EngineUse& use) {
    Transcript said;
    asio::io_context io{1};
    const auto engine =
        DockerEngine::create(io.get_executor(), {.host = test::testbed().docker().url()}).value();
    const auto now =
        std::chrono::time_point_cast<TimePoint::duration>(std::chrono::system_clock::now());
    run_in_real_time(
        io, [&](Transcript& lines) { return use(*engine, now, lines); }, said);
    test::testbed().docker().purge();
    return said;
}

Transcript with_simulated_engine(const EngineUse& use) {
    Transcript said;
    Kernel kernel(1, 1000);
    const std::string folder = test::testbed().scratch() / "simulated-engine";
    const auto now = [&kernel] {
        return TimePoint{std::chrono::hours(24 * 365 * 56)} + (kernel.now() - time_begins);
    };
    EngineState state({.kernel = kernel,
                       .host = "n0",
                       .folder = folder,
                       .wall_time = now,
                       .habit = scripted_habit,
                       .on_mutation = [](const Mutation&) {},
                       .on_run = [](const SimContainer&) {},
                       .event_faults = [] { return 0U; }});
    state.set_image("nap/busybox:1", ImageId("sha256:busybox"));
    kernel.set_now(kernel.now() + std::chrono::seconds(1));
    const FaultRates rates;
    asio::io_context io{1};
    auto run = std::make_shared<Run>();
    run->name = "n0.1";
    SimEngine engine(
        {.kernel = kernel, .state = state, .rates = rates, .run = run, .crash = [] {}});
    run_in_virtual_time(
        io, kernel, [&](Transcript& lines) { return use(engine, now(), lines); }, said);
    std::filesystem::remove_all(folder);
    return said;
}

}  // namespace

void expect_same(const StoreUse& use) {
    const Transcript real = with_real_store(use);
    expect_equal(real, with_simulated_store(use));
}

void expect_same(const EngineUse& use) {
    const Transcript real = with_real_engine(use);
    expect_equal(real, with_simulated_engine(use));
}

}  // namespace nap::sim
