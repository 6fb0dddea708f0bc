#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "fuzz.hpp"
#include "manifest/parse.hpp"

namespace nap {
namespace {

const char good_manifest[] =
    R"(x-common: &common {restart: on-failure:3, environment: &env {A: "1", B: 'x $$ y'}}
services:
  web:
    <<: [*common]
    image: registry.example:5000/shop/web:1.2
    command: sh -c "echo 'hi' && sleep 1"
    environment: {<<: *env, C: ""}
    ports: ["80:80", "[::1]:8080-8081:90-91/udp", {target: 53, protocol: udp}]
    links: ["db:store"]
    volumes: ["data:/data:ro", /srv/x:/y, {type: volume, target: /z}]
    networks: {front: {aliases: [www]}}
    healthcheck: {test: [CMD, curl, x], interval: 1m30s, retries: 3}
    x-nap: {relink: hosts, on_relink: "signal:HUP"}
  db:
    image: redis
    mem_limit: 64m
    cpus: 0.5
    extra_hosts: ["a=::1", b:10.0.0.1]
    stop_grace_period: 1.5s
    deploy: {replicas: 2}
    labels: |
      k: v
networks: {front: {driver: bridge}}
volumes:
  data:
)";

/// Parsing must come back in time, and with what the fuzz target asks of it, or the process ends.
void expect_sound(const std::string& text) {
    const auto start = std::chrono::steady_clock::now();
    fuzz::manifest(text);
    ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << text;
}

TEST(manifest_fuzz, every_truncation) {
    const std::string good = good_manifest;
    for (std::size_t size = 0; size <= good.size(); ++size)
        expect_sound(good.substr(0, size));
}

TEST(manifest_fuzz, every_byte_gone_or_replaced) {
    const std::string good = good_manifest;
    for (std::size_t i = 0; i < good.size(); ++i) {
        expect_sound(good.substr(0, i) + good.substr(i + 1));
        for (const char c :
             {'\0', '\xFF', ':', '\n', '[', '{', '"', '$', '&', '*', '-', '9', '\t'}) {
            std::string text = good;
            text[i] = c;
            expect_sound(text);
        }
    }
}

TEST(manifest_fuzz, random_edits) {
    std::mt19937 random(20240521);
    const std::string pieces[] = {
        "{",           "}",    "[",    "]",  ": ",    "- ", "\n", "\n  ",   "&common ",
        "*env",        "<<: ", "'",    "\"", "|\n",   "$",  "$$", "!!str ", "? ",
        "99999999999", "-1",   "\xC3", "#",  "---\n", ",",  "~",  "x-",     "image: "};
    const auto below = [&](std::size_t limit) { return random() % limit; };
    for (int round = 0; round < 3'000; ++round) {
        std::string text = good_manifest;
        for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
            const std::size_t at = below(text.size());
            const std::size_t length = below(6);
            switch (below(3)) {
                case 0:
                    text.replace(at, length, pieces[below(std::size(pieces))]);
                    break;
                case 1:
                    text.insert(at, text.substr(below(text.size()), below(40)));
                    break;
                default:
                    text[at] = static_cast<char>(random());
            }
        }
        expect_sound(text);
        if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(manifest_fuzz, hostile_shapes) {
    constexpr std::size_t size = manifest_bytes_max - 1;
    for (const std::string unit : {"[", "{",     "- ",   "? ",   "\"", "'",    "&a ",
                                   "!", "!a ",   "a: ",  "a:\n", "#",  " ",    "\n",
                                   "%", "---\n", "a",    "\\",   "[a", "{a: ", "*a ",
                                   "|", "-\n",   "- - ", "a: [", "'a", ",",    "\xEF\xBB\xBF"}) {
        std::string text;
        while (text.size() + unit.size() <= size)
            text += unit;
        expect_sound(text);
        expect_sound("web: " + text.substr(0, size - 10));
    }
}

}  // namespace
}  // namespace nap
