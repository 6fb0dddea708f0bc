// nap_sim: runs seeds of the simulator. See docs/simulator.md.

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "sim/story.hpp"

namespace {

using nap::sim::Story;

struct Settings {
    std::uint64_t first = 1;
    std::uint64_t seeds = 100;
    std::uint64_t seconds = 0;  ///< of real time; 0: no limit
    std::size_t hosts = 0;      ///< 0: the seed decides
    bool verbose = false;
};

bool parse(int argc, char** argv, Settings& settings) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string flag = argv[i];
        const std::uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
        if (flag == "--seed") {
            settings.first = value;
            settings.seeds = 1;
        } else if (flag == "--first") {
            settings.first = value;
        } else if (flag == "--seeds") {
            settings.seeds = value;
        } else if (flag == "--seconds") {
            settings.seconds = value;
        } else if (flag == "--hosts") {
            settings.hosts = value;
        } else if (flag == "--verbose") {
            settings.verbose = value != 0;
        } else {
            return false;
        }
    }
    return argc % 2 == 1;
}

std::size_t hosts_of(const Settings& settings, std::uint64_t seed) {
    if (settings.hosts > 0) return settings.hosts;
    return seed % 3 == 0 ? 1 : 1 + seed / 3 % 5;
}

struct Totals {
    std::uint64_t seeds = 0;
    std::uint64_t failed = 0;
    double slowest = 0;  ///< recovery, virtual seconds
};

void run_seed(const Settings& settings, std::uint64_t seed, Totals& totals) {
    const auto folder =
        std::filesystem::temp_directory_path() / fmt::format("nap-sim-{}-{}", getpid(), seed);
    Story story({.seed = seed,
                 .hosts = hosts_of(settings, seed),
                 .routed = seed % 2 == 0,
                 .folder = folder.string(),
                 .keep_log = settings.verbose || settings.seeds == 1});
    const bool passed = story.run();
    ++totals.seeds;
    totals.slowest =
        std::max(totals.slowest, std::chrono::duration<double>(story.recovery()).count());
    if (!passed || settings.verbose) {
        for (const std::string& line : story.kernel().events.lines())
            fmt::print("{}\n", line);
    }
    if (settings.seeds == 1) {
        fmt::print("seed {} digest {:016x} virtual time {:.0f} s\n", seed,
                   story.kernel().events.hash(), story.kernel().seconds());
    }
    if (passed) return;
    ++totals.failed;
    fmt::print("seed {} FAILED {}\n  again: make sim SEED={}\n", seed, story.kernel().violation(),
               seed);
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    if (!parse(argc, argv, settings)) {
        fmt::print(stderr,
                   "usage: nap_sim [--seeds N] [--first S] [--seed S] [--seconds T] [--hosts H] "
                   "[--verbose 1]\n");
        return 2;
    }
    const auto began = std::chrono::steady_clock::now();
    Totals totals;
    double passed_s = 0;
    for (std::uint64_t seed = settings.first; seed < settings.first + settings.seeds; ++seed) {
        run_seed(settings, seed, totals);
        passed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        if (settings.seconds > 0 && passed_s >= static_cast<double>(settings.seconds)) break;
    }
    fmt::print("{} seeds in {:.1f} s, {} failed; slowest recovery {:.1f} s of virtual time\n",
               totals.seeds, passed_s, totals.failed, totals.slowest);
    return totals.failed == 0 ? 0 : 1;
}
