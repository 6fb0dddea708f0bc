#include "manifest/values.hpp"

#include <gtest/gtest.h>

#include "model/app_spec.hpp"
#include "model/manifest_error.hpp"

namespace nap {
namespace {

using Words = std::vector<std::string>;

TEST(manifest_values, durations) {
    const std::pair<const char*, std::int64_t> good[] = {
        {"0s", 0},         {"10us", 1},       {"500ms", 500}, {"1s", 1000},  {"1.5s", 1500},
        {"1m30s", 90'000}, {"1h", 3'600'000}, {".5s", 500},   {"1.s", 1000}, {"1s1ms", 1001},
        {"1500us", 2},     {"0.0000001s", 0}, {"2µs", 1},
    };
    for (const auto& [text, ms] : good) {
        const auto duration = parse_duration(text);
        ASSERT_TRUE(duration) << text;
        EXPECT_EQ(duration->count(), ms) << text;
    }
    for (const char* bad : {"", "10", "1.5", "s", "-1s", "+1s", "1x", "1d", "1 s", "1s ", "1s2",
                            ".s", "1..5s", "99999999999999999999s", "9999999999h", "0x1s", "1e3s",
                            "9223372036s1h", "9223372036854775807ns"}) {
        EXPECT_FALSE(parse_duration(bad)) << bad;
    }
    EXPECT_NE(parse_duration("10").error().message.find("add the unit"), std::string::npos);
}

TEST(manifest_values, bytes) {
    const std::pair<const char*, std::int64_t> good[] = {
        {"0", 0},
        {"100", 100},
        {"100b", 100},
        {"1k", 1024},
        {"1KB", 1024},
        {"512m", 536870912},
        {"1g", 1073741824},
        {"1Gb", 1073741824},
        {"1.5m", 1572864},
        {"0.5g", 536870912},
        {"8000000000g", 8000000000LL << 30},
    };
    for (const auto& [text, bytes] : good) {
        const auto value = parse_bytes(text);
        ASSERT_TRUE(value) << text;
        EXPECT_EQ(*value, bytes) << text;
    }
    for (const char* bad : {"", "m", "-1", "1  m", "1i", "1ib", "1e9", "0x10", "9999999999g",
                            "99999999999999999999", "9223372036854775808"}) {
        EXPECT_FALSE(parse_bytes(bad)) << bad;
    }
}

TEST(manifest_values, cpus) {
    EXPECT_EQ(parse_nano_cpus("0.5").value(), 500'000'000);
    EXPECT_EQ(parse_nano_cpus("2").value(), 2'000'000'000);
    EXPECT_EQ(parse_nano_cpus(".25").value(), 250'000'000);
    EXPECT_EQ(parse_nano_cpus("0.000001").value(), 1000);
    for (const char* bad : {"", "-1", "1c", "1e3", "1.2.3", "99999999999", ".inf", "half"}) {
        EXPECT_FALSE(parse_nano_cpus(bad)) << bad;
    }
}

TEST(manifest_values, commands_split_as_a_shell_splits) {
    const std::pair<const char*, Words> good[] = {
        {"", {}},
        {"  ", {}},
        {"a b", {"a", "b"}},
        {" a\t\n b ", {"a", "b"}},
        {"sh -c 'echo \"x\" $y'", {"sh", "-c", "echo \"x\" $y"}},
        {"a \"b \\\" \\\\ \\n\" c", {"a", "b \" \\ \\n", "c"}},
        {"a\\ b", {"a b"}},
        {"'' \"\"", {"", ""}},
        {"a'b'\"c\"d", {"abcd"}},
        {"'a\\'", {"a\\"}},
        {"a\\\nb", {"ab"}},
        {"a # b", {"a", "#", "b"}},
    };
    for (const auto& [text, words] : good) {
        const auto split = split_command(text);
        ASSERT_TRUE(split) << text;
        EXPECT_EQ(*split, words) << text;
    }
    for (const char* bad : {"'", "\"", "a 'b", "a \"b", "a\\", "\"\\"}) {
        EXPECT_FALSE(split_command(bad)) << bad;
    }
}

TEST(manifest_values, whole_numbers) {
    EXPECT_EQ(parse_whole("80", 1, 65535), 80);
    EXPECT_EQ(parse_whole("080", 1, 65535), 80);
    for (const char* bad : {"", "0", "65536", "-1", "+1", " 1", "1 ", "1x", "99999999999999"}) {
        EXPECT_FALSE(parse_whole(bad, 1, 65535)) << bad;
    }
}

TEST(manifest_values, signals_and_addresses) {
    for (const char* good : {"HUP", "SIGTERM", "9", "64", "RTMIN+3", "SIGRTMAX-1", "SIGRTMIN"}) {
        EXPECT_TRUE(is_signal(good)) << good;
    }
    for (const char* bad : {"", "SIG", "hup", "0", "65", "FOO", "RTMIN+16", "RTMIN-1", "-9"}) {
        EXPECT_FALSE(is_signal(bad)) << bad;
    }
    for (const char* good : {"127.0.0.1", "::1", "2001:db8::1"})
        EXPECT_TRUE(is_address(good));
    for (const char* bad : {"", "localhost", "127.1", "1.2.3.4.5", "[::1]", "256.0.0.1"}) {
        EXPECT_FALSE(is_address(bad)) << bad;
    }
}

TEST(manifest_values, errors_as_text) {
    EXPECT_EQ(to_string(ManifestError{"f.yml", 3, 5, "web.ports[0]", "bad"}),
              "f.yml:3:5: web.ports[0]: bad");
    EXPECT_EQ(to_string(ManifestError{"f.yml", 0, 0, "", "bad"}), "f.yml: bad");
}

TEST(manifest_values, dependencies_are_links_then_depends_on_without_repeats) {
    ServiceSpec service;
    service.links = {{"db", "db"}, {"cache", "c"}, {"db", "store"}};
    service.depends_on = {"queue", "cache"};
    EXPECT_EQ(dependencies_of(service), (Words{"db", "cache", "queue"}));
    EXPECT_TRUE(dependencies_of(ServiceSpec{}).empty());
}

}  // namespace
}  // namespace nap
