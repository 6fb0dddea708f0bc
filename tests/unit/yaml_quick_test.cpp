#include "manifest/yaml_quick.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "fuzz.hpp"

namespace nap {
namespace {

using fuzz::written;

/// True when the quick reader reads it; then it must read what the library does.
bool same_as_library(const std::string& text) {
    YamlBudget budget;
    YamlBuilder builder(0, budget);
    if (!read_quickly(0, text, builder)) return false;
    YamlBudget library_budget;
    const YamlStream library = read_yaml_by_library(0, text, library_budget);
    EXPECT_EQ(written(builder.stream, budget), written(library, library_budget)) << text;
    return true;
}

std::string file_text(const std::filesystem::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

const char typical[] = R"(# a shop
x-common: &common
  restart: unless-stopped
  logging: {driver: json-file, options: {max-size: "10m"}}
services:
  web:
    <<: *common
    image: registry.example:5000/shop/web:1.2
    command: ["sh", "-c", "echo \"hi\" && sleep 1"]
    environment:
      - A=1
      - "B=x # y"   # why
      - C=it's
    ports:
    - "80:80"
    - target: 53
      protocol: udp
    -
      target: 54
    healthcheck: {test: [CMD, curl, 'http://x'], interval: 1m30s, retries: 3,}
    labels:
      a.b: Host(`x`) && Path(`/`)
      'c d': ~
      e:
    networks: [front, &back back, *back]
  db:
    image: &img redis
    entrypoint: |
      a

        b: c
      # no comment
    command: |-
      x

    deploy: {replicas: 2, resources: {limits: {memory: 64m}}}
    working_dir: >-
      /a
      b

      c
    user: >
      x
    tmpfs:

      - /a
      -
      - - x
        - y
networks:
  front: {}
volumes: {
  "data": null, other: ,
  third: [1, 2,
    3]
}
)";

TEST(yaml_quick, reads_what_manifests_are_written_in) {
    EXPECT_TRUE(same_as_library(typical));
    EXPECT_TRUE(same_as_library("---\na: 1\n"));
    EXPECT_TRUE(same_as_library("# c\n---\n- a\n- b: c\n  d: e\n"));
    EXPECT_TRUE(same_as_library("{\n  \"a\": [\n    1, true, null, \"x\"\n  ],\n  \"b\": {}\n}\n"));
    EXPECT_TRUE(same_as_library("a:\n  b: 1\n  b: 2\n"));
}

TEST(yaml_quick, reads_the_manifests_of_this_project) {
    int read = 0;
    int seen = 0;
    for (const char* folder : {"/tests/golden", "/manifests"}) {
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(NAP_SOURCE_DIR + std::string(folder))) {
            const std::string ending = entry.path().extension();
            if (ending != ".yaml" && ending != ".yml") continue;
            ++seen;
            read += same_as_library(file_text(entry.path())) ? 1 : 0;
        }
    }
    EXPECT_GT(seen, 20);
    EXPECT_GT(read * 10, seen * 9) << read << " of " << seen;
}

TEST(yaml_quick, line_ends_of_other_systems_are_read_alike) {
    std::string text = "\xEF\xBB\xBF";
    for (const char c : std::string(typical))
        text += c == '\n' ? "\r\n" : std::string(1, c);
    YamlBudget budget;
    YamlBudget library_budget;
    const YamlStream read = read_yaml_stream(0, text, text.size(), budget);
    EXPECT_EQ(written(read, budget),
              written(read_yaml_by_library(0, text, library_budget), library_budget));
}

TEST(yaml_quick, leaves_the_rest_to_the_library) {
    for (const char* text : {"",
                             "a",
                             "a: b\n c",
                             "a: b\n  c: d",
                             "? a\n: b",
                             "a: !!str 1",
                             "a: >\n  b\n   c\n",
                             "- &a |\n  b\n",
                             "a: b: c",
                             "a: |+\n  b\n\n",
                             "a: |2\n  b\n",
                             "a\n",
                             "a: 'x\n  y'",
                             "a: \"x\\\n  y\"",
                             "a: 1\n---\nb: 2",
                             "a: 1\n...\n",
                             "a: [x",
                             "a: {b}",
                             "a: [b: c]",
                             "a:\tb",
                             "a: 1\r\n",
                             "%YAML 1.2\n---\na: 1",
                             "a: *x",
                             "a: @x",
                             "a: `x`",
                             "- a\nb: c",
                             "a:\n- b\n c",
                             "a: \"\\x41\"",
                             "a: 1\nb",
                             "a: [1]x",
                             "a: 'b'c",
                             "\xEF\xBB\xBF"
                             "a: 1",
                             "a: [b?c]",
                             "a: [1, 2\n]"}) {
        EXPECT_FALSE(same_as_library(text)) << text;
    }
}

TEST(yaml_quick, agrees_with_the_library_on_whatever_it_reads) {
    const std::string good = typical;
    int read = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        read += same_as_library(good.substr(0, i)) ? 1 : 0;
        read += same_as_library(good.substr(0, i) + good.substr(i + 1)) ? 1 : 0;
        for (const char c : {':', '\n', '[', ']', '{', '}', '"', '\'', '&', '*', '-', '#',
                             '|', ' ',  ',', '?', '!', '>', '~', '%',  '.', '=', '\\'}) {
            std::string text = good;
            text[i] = c;
            read += same_as_library(text) ? 1 : 0;
            text = good;
            text.insert(i, 1, c);
            read += same_as_library(text) ? 1 : 0;
        }
        if (HasFailure()) return;
    }
    EXPECT_GT(read, 10'000);
}

TEST(yaml_quick, agrees_on_random_texts) {
    // Other texts with --gtest_random_seed.
    std::mt19937 random(20260401U +
                        static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed()));
    const std::string pieces[] = {"{",      "}",       "[",      "]",    ": ",   "- ",     "\n",
                                  "\n  ",   "\n    ",  "&a ",    "*a",   "<<: ", "'",      "\"",
                                  "|\n",    "|-\n",    ">\n",    ">-\n", "#",    " # c\n", "---",
                                  "...",    ",",       "~",      "a",    "b: ",  "a:",     "\n- ",
                                  "x y",    "null",    "\n\n",   "-",    "?",    "!",      "\\n",
                                  "\n  - ", "\nk: ",   "\nk:\n", "''",   "\"\"", ", ",     ":",
                                  " ",      "\xC3\xA9"};
    int read = 0;
    for (int round = 0; round < 60'000; ++round) {
        std::string text = round % 2 == 0 ? "k: " : "";
        for (std::size_t count = 1 + random() % 14; count > 0; --count)
            text += pieces[random() % std::size(pieces)];
        read += same_as_library(text) ? 1 : 0;
        if (HasFailure()) return;
    }
    EXPECT_GT(read, 1'000);
}

}  // namespace
}  // namespace nap
