// nap_sim: runs seeds of the simulator. See docs/simulator.md.

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/story.hpp"

namespace {

using nap::sim::Story;

struct Settings {
    std::uint64_t first = 1;
    std::uint64_t seeds = 100;
    std::uint64_t seconds = 0;  ///< of real time; 0: no limit
    std::size_t hosts = 0;      ///< 0: the seed decides
    bool verbose = false;
    bool twice = false;  ///< each seed again, to see that it replays
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
        } else if (flag == "--twice") {
            settings.twice = value != 0;
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
    std::vector<std::uint64_t> failed;
    double slowest = 0;  ///< recovery, virtual seconds
};

Story::Options story_of(const Settings& settings, std::uint64_t seed, bool keep_log) {
    const auto folder =
        std::filesystem::temp_directory_path() / fmt::format("nap-sim-{}-{}", getpid(), seed);
    return {.seed = seed,
            .hosts = hosts_of(settings, seed),
            .routed = seed % 2 == 0,
            .folder = folder.string(),
            .keep_log = keep_log};
}

/// Runs it once more, with all that is logged beside it: that must change nothing.
bool replays(const Settings& settings, std::uint64_t seed, std::uint64_t first) {
    Story again(story_of(settings, seed, true));
    again.run();
    const std::uint64_t digest = again.kernel().events.hash();
    if (digest == first) return true;
    fmt::print("seed {} does not replay: digest {:016x}, then {:016x}\n", seed, first, digest);
    return false;
}

void run_seed(const Settings& settings, std::uint64_t seed, Totals& totals) {
    auto story =
        std::make_unique<Story>(story_of(settings, seed, settings.verbose || settings.seeds == 1));
    const bool passed = story->run();
    ++totals.seeds;
    totals.slowest =
        std::max(totals.slowest, std::chrono::duration<double>(story->recovery()).count());
    if (!passed || settings.verbose) {
        for (const std::string& line : story->kernel().events.lines())
            fmt::print("{}\n", line);
    }
    if (settings.seeds == 1) {
        fmt::print("seed {} digest {:016x} virtual time {:.0f} s\n", seed,
                   story->kernel().events.hash(), story->kernel().seconds());
    }
    if (!passed) {
        fmt::print("seed {} FAILED {}\n", seed, story->kernel().violation());
        totals.failed.push_back(seed);
        return;
    }
    if (!settings.twice) return;
    const std::uint64_t digest = story->kernel().events.hash();
    story.reset();
    if (!replays(settings, seed, digest)) totals.failed.push_back(seed);
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    if (!parse(argc, argv, settings)) {
        fmt::print(stderr,
                   "usage: nap_sim [--seeds N] [--first S] [--seed S] [--seconds T] [--hosts H] "
                   "[--verbose 1] [--twice 1]\n");
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
               totals.seeds, passed_s, totals.failed.size(), totals.slowest);
    const std::string hosts =
        settings.hosts > 0 ? fmt::format(" --hosts {}", settings.hosts) : std::string();
    for (const std::uint64_t seed : totals.failed)
        fmt::print("again, with all that happened: nap_sim --seed {}{}\n", seed, hosts);
    return totals.failed.empty() ? 0 : 1;
}
