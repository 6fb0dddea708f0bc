#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "fuzz.hpp"
#include "manifest_tree.hpp"

namespace nap {
namespace {

const char main_text[] = R"(include: [{path: [sub/a.yml, sub/b.yml], env_file: e.env}]
services:
  web:
    extends: {file: base.yml, service: web}
    env_file: [e.env, {path: sub/e.env, required: false, format: raw}]
    label_file: e.env
    image: a:${TAG:-1}
    environment: [A, "B=$X"]
    volumes: [./d:/d]
  db: {image: "${DB:?give it}", ports: !override ["${PORT-80}:80"]}
configs: {c: {file: e.env}}
secrets: {s: {environment: TAG}}
---
services: {web: {command: !reset null, environment: {B: c}}}
)";

Files files() {
    return {{".env", "TAG=1\nDB=redis # c\nX=\"y\\n${TAG}\"\n"},
            {"e.env", "export A=1\nB='x'\nC: d\n"},
            {"sub/e.env", "A=$B\n"},
            {"base.yml", "web: {image: b, extends: {file: sub/a.yml, service: a}, dns: d}"},
            {"sub/a.yml", "services: {a: {image: x, volumes: [../d:/e], env_file: ../e.env}}"},
            {"sub/b.yml", "services: {a: {ports: [80]}}\nnetworks: {n: }"},
            {"compose.override.yml", "services: {db: {ports: ['81:80'], depends_on: [web]}}"}};
}

TEST(manifest_files_fuzz, good_files_are_read) {
    const std::string read = read_as_text(main_text, files());
    EXPECT_EQ(read.find("services:{web:{image:a:1"), 1U) << read;
    EXPECT_EQ(read.find("apps/"), std::string::npos) << read;
}

TEST(manifest_files_fuzz, random_edits_of_all_files_come_to_an_end) {
    // Other texts with --gtest_random_seed.
    std::mt19937 random(20260614U +
                        static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed()));
    const std::string pieces[] = {
        "${",  "}",       "$$", ":-",      "..",    "/",    "!reset ",
        "---", "\n",      "{",  "[",       "*a",    "&a ",  "extends: web",
        "'",   "\"",      "\\", "sub/",    "a.yml", "<<: ", "e.env",
        "=",   "export ", "# ", "include", ".env",  "web",  "null"};
    const auto below = [&](std::size_t limit) { return random() % limit; };
    const auto edit = [&](std::string& text) {
        const std::size_t at = below(text.size() + 1);
        const std::string& piece = pieces[below(std::size(pieces))];
        if (below(2) == 0) {
            text.insert(at, piece);
        } else {
            text.replace(at, below(6), piece);
        }
    };
    for (int round = 0; round < 4'000; ++round) {
        std::string text = main_text;
        Files all = files();
        for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
            auto file = all.begin();
            std::advance(file, below(all.size()));
            edit(below(2) == 0 ? text : file->second);
        }
        const auto start = std::chrono::steady_clock::now();
        for (const auto& [name, file] : all)
            text += "\n=== " + name + "\n" + file;
        fuzz::manifest(text);
        ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2)) << text;
    }
}

}  // namespace
}  // namespace nap
