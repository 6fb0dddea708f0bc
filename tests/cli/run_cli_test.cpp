#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/cli.hpp"
#include "cli/manifest_file.hpp"
#include "temp_folder.hpp"

namespace nap {
namespace {

using testing::HasSubstr;

constexpr char good[] = "web: {image: busybox}\n";
constexpr char bad[] = "web: {imag: busybox, ports: 7}\n";

int agent_that_says_whether_it_leads(const Config& config) {
    return config.lead ? 10 : 11;
}

class RunCli : public testing::Test {
  protected:
    int run(std::vector<std::string> args) {
        const Program program{.version = "1",
                              .variables = {{"NAP_CONFIG", folder_.write("nap.yml", "")}},
                              .run_agent = agent_that_says_whether_it_leads};
        out_.str("");
        err_.str("");
        return run_cli(std::move(args), program, {out_, err_});
    }

    TempFolder folder_;
    std::ostringstream out_;
    std::ostringstream err_;
};

TEST_F(RunCli, TheAgentGetsItsConfigurationAndGivesTheExitCode) {
    EXPECT_EQ(run({"agent"}), 10);
    EXPECT_EQ(run({"agent", "--no-lead"}), 11);
    EXPECT_EQ(run({"agent", "--http-bind", "0.0.0.0:80"}), 2);
    EXPECT_THAT(err_.str(), HasSubstr("nap: --http-bind: expected a loopback address"));
}

TEST_F(RunCli, ValidateGoodManifest) {
    EXPECT_EQ(run({"validate", folder_.write("good.yml", good)}), 0);
    EXPECT_EQ(out_.str(), "");
    EXPECT_EQ(err_.str(), "nap: 1 manifest checked, no errors\n");
}

TEST_F(RunCli, ValidateSaysEveryErrorOnALineOfItsOwn) {
    const std::string file = folder_.write("bad.yml", bad);
    EXPECT_EQ(run({"validate", file}), 3);
    EXPECT_THAT(out_.str(), HasSubstr(file + ":1:7: web.imag: unknown key `imag`"));
    EXPECT_THAT(out_.str(), HasSubstr(file + ":1:29: web.ports: expected a list"));
    EXPECT_THAT(err_.str(), HasSubstr("1 manifest checked, 1 invalid, 3 errors"));
}

TEST_F(RunCli, ValidateWarnsAndSucceeds) {
    const std::string file = folder_.write("warned.yml", "web: {image: a, hostname: \"h$X\"}");
    EXPECT_EQ(run({"validate", file}), 0);
    EXPECT_THAT(out_.str(),
                HasSubstr("warning: " + file + ":1:27: web.hostname: the variable `X`"));
    EXPECT_THAT(err_.str(), HasSubstr("1 manifest checked, no errors, 1 warning"));
    EXPECT_EQ(run({"validate", "-o", "json", file}), 0);
    EXPECT_THAT(out_.str(), HasSubstr(R"("warnings": [)"));
    EXPECT_THAT(out_.str(), HasSubstr("is not set"));
}

TEST_F(RunCli, ValidateAFolderTakesTheManifestsDirectlyInIt) {
    folder_.write("d/b.yaml", good);
    folder_.write("d/a.json", R"({"web": {"image": "busybox"}})");
    folder_.write("d/notes.txt", bad);
    folder_.write("d/deeper/bad.yml", bad);
    EXPECT_EQ(run({"validate", "-o", "json", folder_.at("d")}), 0);
    EXPECT_THAT(out_.str(), HasSubstr(R"("app": "a")"));
    EXPECT_THAT(out_.str(), HasSubstr(R"("app": "b")"));
    EXPECT_THAT(err_.str(), HasSubstr("2 manifests checked"));
}

TEST_F(RunCli, ValidateMissesWhatIsNotThere) {
    const std::string file = folder_.write("good.yml", good);
    EXPECT_EQ(run({"validate", file, folder_.at("nope.yml")}), 4);
    EXPECT_THAT(err_.str(), HasSubstr("nope.yml: No such file"));
    folder_.write("empty/notes.txt", "");
    EXPECT_EQ(run({"validate", folder_.at("empty")}), 4);
    EXPECT_EQ(run({"validate", folder_.at("nope.yml"), folder_.write("bad.yml", bad)}), 3);
}

TEST_F(RunCli, ValidateTakesFoldersOfAppsAndProjectDirectories) {
    folder_.write("apps/shop.yml", good);
    folder_.write("apps/blog/compose.yml", bad);
    folder_.write("apps/blog/other.yml", bad);
    folder_.write("apps/docs/page.yml", bad);
    EXPECT_EQ(run({"validate", folder_.at("apps")}), 3);
    EXPECT_THAT(err_.str(), HasSubstr("2 manifests checked, 1 invalid"));
    folder_.write("apps/blog/compose.yml", good);
    EXPECT_EQ(run({"validate", folder_.at("apps/blog")}), 0);
    EXPECT_THAT(err_.str(), HasSubstr("1 manifest checked"));
}

TEST_F(RunCli, ValidateRefusesWhatIsTooLarge) {
    EXPECT_EQ(run({"validate", folder_.write("large.yml", std::string(600'000, '#'))}), 3);
}

TEST_F(RunCli, ABadManifestIsNotAppliedNorPlanned) {
    const std::string file = folder_.write("bad.yml", bad);
    for (const char* command : {"apply", "plan"}) {
        EXPECT_EQ(run({command, "app", "-f", file, "--consul-address", "127.0.0.1:1"}), 3);
        EXPECT_THAT(err_.str(), HasSubstr(":1:7: web.imag: unknown key"));
        EXPECT_EQ(run({command, "app", "-f", folder_.at("nope.yml")}), 4);
    }
}

TEST_F(RunCli, ConsulOutOfReachIsSaidWithAddressAndAdvice) {
    const std::string file = folder_.write("good.yml", good);
    const std::vector<std::vector<std::string>> commands = {{"status"},
                                                            {"status", "a"},
                                                            {"ps"},
                                                            {"rm", "a"},
                                                            {"plan", "a", "-f", file},
                                                            {"apply", "a", "-f", file},
                                                            {"nodes"},
                                                            {"drain", "a"},
                                                            {"undrain", "a"},
                                                            {"explain", "a"},
                                                            {"rebalance"},
                                                            {"rebalance", "--dry-run"},
                                                            {"approve"}};
    for (std::vector<std::string> command : commands) {
        command.insert(command.end(), {"--consul-address", "http://127.0.0.1:1"});
        EXPECT_EQ(run(command), 6) << command.front();
        EXPECT_THAT(err_.str(), HasSubstr("nap: Consul at http://127.0.0.1:1: "));
        EXPECT_THAT(err_.str(), HasSubstr("Set --consul-address or CONSUL_HTTP_ADDR"));
        EXPECT_EQ(out_.str(), "");
    }
    EXPECT_EQ(run({"status", "--consul-address", "ftp://x"}), 2);
}

TEST(AppOfFile, IsTheFilesNameOrForComposeTheFolders) {
    EXPECT_EQ(app_of_file("a/guestbook.yml"), "guestbook");
    EXPECT_EQ(app_of_file("guestbook"), "guestbook");
    EXPECT_EQ(app_of_file("/srv/My App.2/compose.yml"), "myapp2");
    EXPECT_EQ(app_of_file("/srv/_web/docker-compose.yaml"), "web");
    EXPECT_EQ(app_of_file("Guest.Book.yml"), "Guest.Book");
}

}  // namespace
}  // namespace nap
