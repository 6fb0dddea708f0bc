#include "cli/render.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/console.hpp"
#include "clients/cli_json.hpp"
#include "clients/cli_json_cluster.hpp"

namespace nap {
namespace {

using testing::HasSubstr;
using testing::Not;

AppStatus guestbook() {
    AppStatus status;
    status.app = AppId("guestbook");
    status.phase = Phase::converged;
    status.revision = RevisionId("0123456789abcdef0123456789abcdef");
    status.modify_index = 42;
    status.services = {{"db", {1, 1, 1}}, {"web", {2, 1, 1}}};
    return status;
}

HostReport report_of_web() {
    HostReport report;
    report.node = NodeId("nap0");
    report.app = AppId("guestbook");
    InstanceReport web;
    web.instance = {"web", 1};
    web.container = ContainerId("7a5f45f572229f76c1bb498f81853651");
    web.state = "running";
    web.health = "healthy";
    web.restarts = 3;
    web.addresses = {{"bridge", "172.17.0.2"}};
    web.ports = {{.target = 80, .published = 8080, .host_ip = "::", .protocol = "tcp"}};
    web.since = "2024-02-29T12:00:00.000Z";
    InstanceReport db;
    db.instance = {"db", 1};
    db.state = "exited";
    db.health = "none";
    db.exit_code = 137;
    db.oom_killed = true;
    db.message = "crash loop";
    report.instances = {db, web};
    return report;
}

TEST(Printable, LetsTextThroughAndEscapesWhatCommandsATerminal) {
    EXPECT_EQ(printable("web/1 läuft – 日本"), "web/1 läuft – 日本");
    EXPECT_EQ(printable("a\x1b[2Jb\nc\x7f"), "a\\x1b[2Jb\\x0ac\\x7f");
    EXPECT_EQ(printable("a\xc2\x9b"
                        "31m"),
              "a\\xc2\\x9b31m");
    EXPECT_EQ(printable("a\x9b\xff\xe2\x82"), "a\\x9b\\xff\\xe2\\x82");
    EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
}

TEST(StatusText, IsATableAndItsErrors) {
    AppStatus broken = guestbook();
    broken.app = AppId("b");
    broken.phase = Phase::invalid;
    broken.revision = RevisionId();
    broken.services.clear();
    broken.message = "the manifest has errors";
    broken.errors = {{"b.yml", 3, 5, "services.web", "unknown key `imag`"}};
    EXPECT_EQ(status_text({guestbook(), broken}, false),
              "APP        PHASE      REVISION      INSTANCES  MESSAGE\n"
              "guestbook  converged  0123456789ab  2/3        -\n"
              "b          invalid    -             0/0        the manifest has errors\n"
              "b.yml:3:5: services.web: unknown key `imag`\n");
}

TEST(StatusText, ColoursThePhaseOnlyWhenAsked) {
    EXPECT_THAT(status_text({guestbook()}, true), HasSubstr("\x1b[32mconverged\x1b[0m  0123"));
    EXPECT_THAT(status_text({guestbook()}, false), Not(HasSubstr("\x1b")));
}

TEST(StatusText, CannotCommandATerminal) {
    AppStatus status = guestbook();
    status.message = "\x1b]0;owned\x07\nAPP fake";
    const std::string text = status_text({status}, false);
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, HasSubstr("\\x1b]0;owned\\x07\\x0aAPP fake"));
}

TEST(InstancesText, ShowsEachInstance) {
    EXPECT_EQ(instances_text({report_of_web()}, false),
              "APP        INSTANCE  NODE  STATE                       HEALTH   RESTARTS  CONTAINER "
              "    SINCE                     ADDRESS     PORTS              MESSAGE\n"
              "guestbook  db/1      nap0  exited (137) out of memory  none     0         -         "
              "    -                         -           -                  crash loop\n"
              "guestbook  web/1     nap0  running                     healthy  3         "
              "7a5f45f57222  2024-02-29T12:00:00.000Z  172.17.0.2  [::]:8080->80/tcp  -\n");
}

Plan two_steps() {
    Plan plan;
    plan.steps = {{RemoveNetwork{NetworkId("1"), "old"}, {}, "left over"},
                  {StartContainer{{"web", 1}, std::nullopt}, {0}, "it \x1b[1mdied"}};
    plan.blocked = {{"db/1", "no image", true}};
    return plan;
}

TEST(PlanText, IsThePlansOwnMadePrintable) {
    EXPECT_EQ(plan_text(two_steps()),
              "1. remove-network network old: left over\n"
              "2. start-container web/1 (the new one): it \\x1b[1mdied, after 1\n"
              "blocked db/1: no image\n");
}

TEST(ProgressLine, SaysPhaseCountsAndMessage) {
    AppStatus status = guestbook();
    status.phase = Phase::degraded;
    status.message = "web/2: crash loop";
    EXPECT_EQ(progress_line(status), "guestbook: degraded, 2 of 3 running: web/2: crash loop");
}

TEST(Verdict, WaitsForTheManifestThatWasWritten) {
    AppStatus status = guestbook();
    EXPECT_FALSE(verdict_on(status, 43));
    EXPECT_EQ(verdict_on(status, 42)->code, Exit::ok);
    EXPECT_EQ(verdict_on(status, 41)->code, Exit::ok);
    status.phase = Phase::invalid;
    EXPECT_EQ(verdict_on(status, 42)->code, Exit::invalid);
    for (const Phase phase : {Phase::converging, Phase::degraded, Phase::held}) {
        status.phase = phase;
        EXPECT_FALSE(verdict_on(status, 42));
    }
}

TEST(CliJson, StatusIsTheDocumentInKv) {
    const std::string text = cli_json(guestbook(), {});
    EXPECT_THAT(text, HasSubstr(R"("app": "guestbook")"));
    EXPECT_THAT(text, HasSubstr(R"("phase": "converged")"));
    EXPECT_THAT(text, HasSubstr(R"("modify_index": 42)"));
    EXPECT_EQ(cli_json(std::vector<AppStatus>{}, {}), "[]");
    EXPECT_EQ(cli_json(std::vector<AppStatus>{guestbook()}, {}).front(), '[');
}

TEST(CliJson, InstancesCarryNodeAndApp) {
    const std::string text = cli_json(std::vector<HostReport>{report_of_web()});
    EXPECT_THAT(text, HasSubstr(R"("app": "guestbook")"));
    EXPECT_THAT(text, HasSubstr(R"("node": "nap0")"));
    EXPECT_THAT(text, HasSubstr(R"("exit_code": 137)"));
}

TEST(CliJson, PlanStepsAreNumberedAsInTheText) {
    const std::string text = cli_json(two_steps(), {});
    EXPECT_THAT(text, HasSubstr(R"("text": "remove-network network old: left over")"));
    EXPECT_THAT(text, HasSubstr("\"after\": [\n        1\n      ]"));
    EXPECT_THAT(text, HasSubstr(R"("number": 2)"));
    EXPECT_THAT(text, HasSubstr(R"("reason": "no image")"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_EQ(cli_json(Plan{}, {}),
              "{\n  \"blocked\": [],\n  \"other_nodes\": [],\n  \"steps\": []\n}");
}

TEST(CliJson, EscapesAllButAscii) {
    AppStatus status = guestbook();
    status.message =
        "\xc2\x9b"
        "31m \x7f";
    EXPECT_THAT(cli_json(status, {}), HasSubstr("\\u009b31m \\u007f"));
}

}  // namespace
}  // namespace nap
