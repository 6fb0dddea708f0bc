#include "manifest/config_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nap {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

ParsedConfig parse(const std::string& text) {
    return parse_config("nap.yml", text);
}

std::vector<std::string> errors_of(const std::string& text) {
    std::vector<std::string> lines;
    for (const ManifestError& error : parse(text).errors)
        lines.push_back(to_string(error));
    return lines;
}

TEST(ConfigFile, ReadsEveryKey) {
    const ParsedConfig parsed = parse(R"(
node: {name: nap0, labels: {zone: a, rack: 7}, advertise: 192.0.2.10}
consul: {address: "http://192.0.2.1:8500,192.0.2.3:8500", token_file: /etc/nap/token,
         ca_file: /ca, prefix: n/p}
docker: {host: "https://192.0.2.2:2376", cert_path: /certs}
http: {bind: "127.0.0.1:0"}
data_dir: /srv/nap
lead: false
failover: {grace: 1m5s, lease: 7s}
network: {routed: true}
standalone: /srv/apps
apps: {settle: 1s, prefixes: [team/apps, git]}
policy: {allow: [privileged, "bind:/dev/net/tun"]}
backoff: {initial: 200ms, max: 1m30s, stable: 5s}
log: {level: debug, format: json}
)");
    EXPECT_THAT(parsed.errors, IsEmpty());
    const Config& config = parsed.config;
    EXPECT_EQ(config.node.name, "nap0");
    EXPECT_THAT(config.node.labels, ElementsAre(Pair("rack", "7"), Pair("zone", "a")));
    EXPECT_EQ(config.node.advertise, "192.0.2.10");
    EXPECT_EQ(config.consul.address, "http://192.0.2.1:8500,192.0.2.3:8500");
    EXPECT_EQ(config.consul.token_file, "/etc/nap/token");
    EXPECT_EQ(config.consul.ca_file, "/ca");
    EXPECT_EQ(config.consul.prefix, "n/p");
    EXPECT_EQ(config.docker.host, "https://192.0.2.2:2376");
    EXPECT_EQ(config.docker.cert_path, "/certs");
    EXPECT_EQ(config.standalone, "/srv/apps");
    EXPECT_EQ(config.apps.settle, milliseconds(1'000));
    EXPECT_THAT(config.apps.prefixes, ElementsAre("team/apps", "git"));
    EXPECT_EQ(config.http.bind, "127.0.0.1:0");
    EXPECT_EQ(config.data_dir, "/srv/nap");
    EXPECT_FALSE(config.lead);
    EXPECT_EQ(config.failover.grace, milliseconds(65'000));
    EXPECT_EQ(config.failover.lease, milliseconds(7'000));
    EXPECT_TRUE(config.network.routed);
    EXPECT_THAT(config.policy.allow, ElementsAre("privileged", "bind:/dev/net/tun"));
    EXPECT_EQ(config.backoff.initial, milliseconds(200));
    EXPECT_EQ(config.backoff.max, milliseconds(90'000));
    EXPECT_EQ(config.backoff.stable_run, milliseconds(5'000));
    EXPECT_EQ(config.log.level, "debug");
    EXPECT_EQ(config.log.format, "json");
}

TEST(ConfigFile, AFileThatSaysNothingLeavesTheDefaults) {
    for (const char* text : {"", "\n\n", "# only\n  # comments", "node:\nconsul: ~\n"}) {
        const ParsedConfig parsed = parse(text);
        EXPECT_THAT(parsed.errors, IsEmpty()) << text;
        EXPECT_EQ(parsed.config.consul.prefix, "nap");
        EXPECT_TRUE(parsed.config.lead);
        EXPECT_EQ(parsed.config.failover.grace, milliseconds(1'000));
        EXPECT_FALSE(parsed.config.network.routed);
    }
}

TEST(ConfigFile, UnknownKeysAreLocatedAndGetASuggestion) {
    EXPECT_THAT(errors_of("consul:\n  adress: x\nlaed: true\n"),
                ElementsAre("nap.yml:2:3: consul.adress: unknown key `adress`; did you mean "
                            "`address`?",
                            "nap.yml:3:1: laed: unknown key `laed`; did you mean `lead`?"));
}

TEST(ConfigFile, MistypedValuesAreAllReported) {
    EXPECT_THAT(errors_of(R"(node: [a]
consul: {address: 5, prefix: "a//b"}
http: {bind: "0.0.0.0:80"}
lead: maybe
policy: {allow: [bind:etc, "bind:/etc"]}
backoff: {initial: soon, max: 0s}
log: {level: inf}
apps: {prefixes: [team, "/"]}
)"),
                ElementsAre(HasSubstr("nap.yml:1:7: node: expected a mapping, found a list"),
                            HasSubstr("nap.yml:2:19: consul.address: expected a string"),
                            HasSubstr("nap.yml:2:30: consul.prefix: `a//b` cannot be"),
                            HasSubstr("nap.yml:3:14: http.bind: expected a loopback address"),
                            HasSubstr("nap.yml:4:7: lead: expected `true` or `false`"),
                            HasSubstr("nap.yml:5:18: policy.allow[0]: expected `privileged`, "),
                            HasSubstr("nap.yml:6:20: backoff.initial: expected a duration"),
                            HasSubstr("nap.yml:6:31: backoff.max: expected a duration above 0"),
                            HasSubstr("nap.yml:7:14: log.level: expected one of debug, info"),
                            HasSubstr("nap.yml:8:25: apps.prefixes[1]: `/` cannot be a prefix")));
    EXPECT_THAT(errors_of("apps: {prefixes: [a, b, c, d, e]}\n"),
                ElementsAre(HasSubstr("expected at most 4 prefixes")));
}

TEST(ConfigFile, FailoverAndNetwork) {
    EXPECT_EQ(parse("failover: {grace: 0s}\n").config.failover.grace, milliseconds(0));
    EXPECT_THAT(errors_of("failover: {grace: 5, garce: 1s, lease: 9ms}\nnetwork: {routed: ja}\n"),
                ElementsAre(HasSubstr("nap.yml:1:19: failover.grace: expected a duration with a"),
                            HasSubstr("nap.yml:1:22: failover.garce: unknown key `garce`; did"),
                            HasSubstr("nap.yml:1:40: failover.lease: expected at least 1000 ms"),
                            HasSubstr("nap.yml:2:19: network.routed: expected `true` or")));
    EXPECT_THAT(errors_of("failover: 1s\nnetwork: routed\n"),
                ElementsAre(HasSubstr("failover: expected a mapping"),
                            HasSubstr("network: expected a mapping")));
}

TEST(ConfigFile, ABackoffMustGrow) {
    EXPECT_THAT(errors_of("apps: {settle: 3s}\n"), ElementsAre(HasSubstr("at most 2s")));
    EXPECT_THAT(errors_of("backoff: {initial: 2m}\n"),
                ElementsAre(HasSubstr("`max` is shorter than `initial`")));
}

TEST(ConfigFile, BrokenYamlIsAnErrorNotAnEmptyConfiguration) {
    EXPECT_THAT(errors_of("node: {name: a\n"), testing::SizeIs(1));
    EXPECT_THAT(errors_of("- a\n"), ElementsAre(HasSubstr("expected a mapping, found a list")));
    EXPECT_THAT(errors_of(std::string(config_bytes_max + 1, '#') + "\nlead: x"),
                testing::SizeIs(1));
}

TEST(SetConfigValue, AppliesTheSameRulesAsTheFile) {
    Config config;
    EXPECT_EQ(set_config_value(config, "lead", "false"), std::nullopt);
    EXPECT_FALSE(config.lead);
    EXPECT_EQ(set_config_value(config, "consul.prefix", "site/nap/"), std::nullopt);
    EXPECT_EQ(config.consul.prefix, "site/nap");
    EXPECT_EQ(set_config_value(config, "http.bind", "[::1]:7627"), std::nullopt);
    for (const auto& [key, value] : StringMap{{"consul.prefix", "/"},
                                              {"data_dir", ""},
                                              {"docker.host", "a\nb"},
                                              {"http.bind", "127.0.0.1"},
                                              {"lead", "yes"},
                                              {"log.format", "xml"},
                                              {"node.advertise", "here"},
                                              {"node.name", "a/b"},
                                              {"policy", "x"}}) {
        Config untouched;
        EXPECT_NE(set_config_value(untouched, key, value), std::nullopt) << key;
    }
}

}  // namespace
}  // namespace nap
