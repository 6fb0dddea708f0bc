// Gives each target all files of its corpus; a finding ends the process. Usage: nap_fuzz_replay DIR
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "fuzz.hpp"

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

/// False when it takes longer than any input may, also under sanitizers.
bool replay(const nap::fuzz::Target& target, const fs::path& path) {
    const auto start = std::chrono::steady_clock::now();
    // Known before it ends the process.
    std::fprintf(stderr, "%s\n", path.c_str());
    target.check(text_of(path));
    const auto took = std::chrono::steady_clock::now() - start;
    if (took < std::chrono::seconds(5)) return true;
    std::fprintf(stderr, "took longer than 5 s\n");
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
        return 2;
    }
    bool good = true;
    std::size_t files = 0;
    for (const nap::fuzz::Target& target : nap::fuzz::targets()) {
        std::set<fs::path> paths;
        for (const auto& entry : fs::directory_iterator(fs::path(argv[1]) / target.name))
            paths.insert(entry.path());
        good = !paths.empty() && good;
        files += paths.size();
        for (const fs::path& path : paths)
            good = replay(target, path) && good;
        // What libFuzzer begins with.
        target.check("");
    }
    std::printf("%zu files, %s\n", files, good ? "no finding" : "a target without files, or slow");
    return good ? 0 : 1;
}
