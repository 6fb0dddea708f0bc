#include "cluster/shards.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "support/process.hpp"

namespace nap::test {

namespace {

struct Shard {
    int number;
    std::filesystem::path log;
    std::size_t told = 0;
    std::unique_ptr<Process> process;

    /// What it has said since, as far as the lines are whole.
    void pass_on() {
        const std::string text = read_file(log);
        for (std::size_t end = 0; (end = text.find('\n', told)) != std::string::npos;
             told = end + 1) {
            fmt::print("{}| {}\n", number, text.substr(told, end - told));
        }
        std::fflush(stdout);
    }
};

}  // namespace

int run_shards(const std::string& program, int count) {
    std::string folder = "/tmp/nap-cs.XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) throw Failure("no folder for logs");
    std::vector<Shard> shards;
    for (int i = 0; i < count; ++i) {
        Shard shard{.number = i + 1, .log = folder + "/" + std::to_string(i + 1), .process = {}};
        shard.process = std::make_unique<Process>(
            Argv{program}, shard.log,
            std::map<std::string, std::string>{{"GTEST_TOTAL_SHARDS", std::to_string(count)},
                                               {"GTEST_SHARD_INDEX", std::to_string(i)}});
        shards.push_back(std::move(shard));
    }
    int result = 0;
    for (bool running = true; running;) {
        running = false;
        for (Shard& shard : shards) {
            const auto code = shard.process->wait(milliseconds(100));
            shard.pass_on();
            if (!code) running = true;
            if (code && *code != 0) result = *code;
        }
    }
    std::filesystem::remove_all(folder);
    return result;
}

}  // namespace nap::test
