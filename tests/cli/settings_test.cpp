#include "cli/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temp_folder.hpp"

namespace nap {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SettingsTest : public testing::Test {
  protected:
    SettingsTest() { sources_.default_file = folder_.at("nap.yml"); }

    Config load() {
        const Settings settings = load_settings(sources_);
        EXPECT_THAT(settings.problems, IsEmpty());
        return settings.config;
    }

    TempFolder folder_;
    SettingSources sources_;
};

TEST_F(SettingsTest, TheDefaultFileMayBeAbsent) {
    const Config config = load();
    EXPECT_EQ(config.consul.address, "http://127.0.0.1:8500");
    EXPECT_FALSE(config.node.name.empty());
}

TEST_F(SettingsTest, FlagBeatsOwnVariableBeatsCommonVariableBeatsFile) {
    folder_.write("nap.yml", "consul: {address: file:1}\n");
    EXPECT_EQ(load().consul.address, "file:1");
    sources_.variables["CONSUL_HTTP_ADDR"] = "common:1";
    EXPECT_EQ(load().consul.address, "common:1");
    sources_.variables["NAP_CONSUL_ADDRESS"] = "own:1";
    EXPECT_EQ(load().consul.address, "own:1");
    sources_.flags["consul-address"] = "flag:1";
    EXPECT_EQ(load().consul.address, "flag:1");
}

TEST_F(SettingsTest, StandaloneStandsInForConsul) {
    folder_.write("nap.yml", "consul: {address: file:1, prefix: p}\ndata_dir: /d\n");
    sources_.variables["CONSUL_HTTP_TOKEN"] = "secret";
    sources_.flags["standalone"] = "apps";
    Config config = load();
    EXPECT_EQ(config.standalone, "apps");
    EXPECT_EQ(config.consul.address, "unix:///d/kv.sock");
    EXPECT_EQ(config.consul.token, "");
    EXPECT_EQ(config.consul.prefix, "p");
    sources_.flags["data-dir"] = "d";
    config = load();
    EXPECT_TRUE(config.data_dir.starts_with('/')) << config.data_dir;
    EXPECT_EQ(config.consul.address, "unix://" + config.data_dir + "/kv.sock");
    sources_.variables["NAP_LEAD"] = "false";
    EXPECT_THAT(load_settings(sources_).problems, ElementsAre(HasSubstr("has to lead")));
}

TEST_F(SettingsTest, PrefixesOfManifestsAreApart) {
    const std::string config = "consul: {prefix: nap}\napps: {prefixes: ";
    folder_.write("nap.yml", config + "[team/apps, naps, team/more]}\n");
    EXPECT_EQ(load().apps.prefixes.size(), 3U);
    for (const char* list :
         {"[nap/apps]}\n", "[nap]}\n", "[a, a/b]}\n", "[a/b, a]}\n", "[a, a]}\n"}) {
        folder_.write("nap.yml", config + list);
        EXPECT_THAT(load_settings(sources_).problems, ElementsAre(HasSubstr("have to be apart")))
            << list;
    }
    folder_.write("nap.yml", config + "[a]}\nstandalone: /apps\n");
    EXPECT_THAT(load_settings(sources_).problems, ElementsAre(HasSubstr("reads its folder")));
}

TEST_F(SettingsTest, EverySettingHasAVariable) {
    sources_.variables = {{"NAP_PREFIX", "p"},
                          {"NAP_CONSUL_CA_FILE", "/ca"},
                          {"DOCKER_HOST", "tcp://192.0.2.1:2375"},
                          {"DOCKER_CERT_PATH", "/certs"},
                          {"NAP_NODE_NAME", "n1"},
                          {"NAP_ADVERTISE", "192.0.2.2"},
                          {"NAP_DATA_DIR", "/d"},
                          {"NAP_STANDALONE", ""},
                          {"NAP_HTTP_BIND", "127.0.0.1:1"},
                          {"NAP_LEAD", "false"},
                          {"NAP_LOG_LEVEL", "warn"},
                          {"NAP_LOG_FORMAT", "json"}};
    const Config config = load();
    EXPECT_EQ(config.consul.prefix, "p");
    EXPECT_EQ(config.consul.ca_file, "/ca");
    EXPECT_EQ(config.docker.host, "tcp://192.0.2.1:2375");
    EXPECT_EQ(config.docker.cert_path, "/certs");
    EXPECT_EQ(config.node.name, "n1");
    EXPECT_EQ(config.node.advertise, "192.0.2.2");
    EXPECT_EQ(config.data_dir, "/d");
    EXPECT_EQ(config.http.bind, "127.0.0.1:1");
    EXPECT_FALSE(config.lead);
    EXPECT_EQ(config.log.level, "warn");
    EXPECT_EQ(config.log.format, "json");
}

TEST_F(SettingsTest, AnEmptyVariableIsNone) {
    folder_.write("nap.yml", "docker: {host: 'unix:///file'}\n");
    sources_.variables = {{"DOCKER_HOST", ""}, {"NAP_CONFIG", ""}};
    EXPECT_EQ(load().docker.host, "unix:///file");
}

TEST_F(SettingsTest, AFileAskedForMustBeThere) {
    sources_.flags["config"] = folder_.at("other.yml");
    EXPECT_THAT(load_settings(sources_).problems,
                ElementsAre(HasSubstr("other.yml: No such file")));
    sources_.flags.clear();
    sources_.variables["NAP_CONFIG"] = folder_.at("other.yml");
    EXPECT_THAT(load_settings(sources_).problems,
                ElementsAre(HasSubstr("other.yml: No such file")));
    folder_.write("other.yml", "log: {level: debug}\n");
    EXPECT_EQ(load().log.level, "debug");
}

TEST_F(SettingsTest, ProblemsNameTheirSource) {
    folder_.write("nap.yml", "http: {bnid: x}\n");
    sources_.flags["log-level"] = "loud";
    sources_.variables["NAP_LEAD"] = "perhaps";
    EXPECT_THAT(load_settings(sources_).problems,
                ElementsAre(HasSubstr("nap.yml:1:8: http.bnid: unknown key `bnid`"),
                            HasSubstr("NAP_LEAD: expected `true`"),
                            HasSubstr("--log-level: expected one")));
}

TEST_F(SettingsTest, TheTokenComesFromAFileOrTheCommonVariable) {
    folder_.write("nap.yml", "consul: {token_file: " + folder_.write("a", " from-file\n") + "}\n");
    EXPECT_EQ(load().consul.token, "from-file");
    sources_.variables["CONSUL_HTTP_TOKEN"] = "from-variable";
    EXPECT_EQ(load().consul.token, "from-variable");
    sources_.flags["consul-token-file"] = folder_.write("b", "from-flag");
    EXPECT_EQ(load().consul.token, "from-flag");
}

TEST_F(SettingsTest, ATokenFileThatOthersMayReadIsWarnedAbout) {
    const std::string file = folder_.write("token", "secret");
    sources_.flags["consul-token-file"] = file;
    EXPECT_THAT(load_settings(sources_).warnings, IsEmpty());
    std::filesystem::permissions(file, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    EXPECT_THAT(load_settings(sources_).warnings, ElementsAre(HasSubstr("chmod 600 " + file)));
    EXPECT_THAT(load_settings(sources_).warnings, ElementsAre(testing::Not(HasSubstr("secret"))));
}

TEST_F(SettingsTest, ATokenFileWithoutATokenIsAProblem) {
    sources_.flags["consul-token-file"] = folder_.write("token", "\n");
    EXPECT_THAT(load_settings(sources_).problems, ElementsAre(HasSubstr("holds no token")));
    sources_.flags["consul-token-file"] = folder_.at("missing");
    EXPECT_THAT(load_settings(sources_).problems, ElementsAre(HasSubstr("No such file")));
}

}  // namespace
}  // namespace nap
