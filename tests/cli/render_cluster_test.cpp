#include "cli/render_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cli_json.hpp"
#include "clients/json_codec.hpp"
#include "cluster_fixture.hpp"

namespace nap {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(NodesText, MarksTheLeaderAndWhatIsLost) {
    EXPECT_EQ(nodes_text(summarize(four_nodes()), false),
              "NODE  STATE     ROLE     ADDRESS    ENGINE    CPUS  MEMORY    INSTANCES  LABELS\n"
              "nap0  ready     leader   192.0.2.1  20.10.24  2     16.0 GiB  2          zone=a\n"
              "nap1  draining  manager  192.0.2.1  20.10.24  2     16.0 GiB  1          zone=b\n"
              "nap2  ready     worker   192.0.2.1  20.10.24  2     16.0 GiB  0          zone=c\n"
              "nap3  lost      -        -          -         -     -         1          -\n");
    ClusterView view = four_nodes();
    view.records[NodeId("nap1")].state = "engine-down";
    EXPECT_THAT(nodes_text(summarize(view), false), HasSubstr("nap1  engine-down, draining  man"));
    EXPECT_THAT(nodes_text(summarize(view), true), HasSubstr("\x1b[31mlost\x1b[0m"));
}

TEST(NodesJson, IsTheRecordAndWhatIsMadeOfIt) {
    const std::string text = cli_json(summarize(four_nodes()));
    EXPECT_THAT(text, HasSubstr(R"("state": "lost")"));
    EXPECT_THAT(text, HasSubstr(R"("role": "worker")"));
    EXPECT_THAT(text, HasSubstr(R"("leader": true)"));
    EXPECT_THAT(text, HasSubstr(R"("memory_bytes": 17179869184)"));
    EXPECT_THAT(text, HasSubstr(R"("zone": "c")"));
    EXPECT_EQ(cli_json(std::vector<NodeSummary>{}), "[]");
}

std::vector<Hold> one_hold() {
    Hold hold;
    hold.id = "removal-1";
    hold.what = "removal of 7 apps";
    hold.why = "too much \x1b[31m";
    return {hold};
}

TEST(HoldsText, SaysWhatWhyAndWhatReleasesIt) {
    EXPECT_EQ(holds_text(one_hold()),
              "held: removal of 7 apps: too much \\x1b[31m; nap approve releases it (id "
              "removal-1)\n");
    EXPECT_EQ(holds_text({}), "");
    EXPECT_EQ(released_text(one_hold()),
              "released removal-1: removal of 7 apps: too much \\x1b[31m\n");
}

TEST(HoldsJson, IsPartOfEveryStatus) {
    AppStatus status;
    status.app = AppId("shop");
    EXPECT_THAT(cli_json(status, one_hold()), HasSubstr(R"("id": "removal-1")"));
    EXPECT_THAT(cli_json(std::vector<AppStatus>{status}, {}), HasSubstr(R"("held": [])"));
    EXPECT_THAT(cli_json(one_hold()), HasSubstr(R"("what": "removal of 7 apps")"));
}

TEST(MovesText, IsATable) {
    const std::vector<MovedInstance> moves{
        {AppId("shop"), {"web", 1}, NodeId("nap0"), NodeId("nap1")}};
    EXPECT_EQ(moves_text(moves, false),
              "APP   INSTANCE  FROM  TO\n"
              "shop  web/1     nap0  nap1\n");
    EXPECT_THAT(cli_json(moves), HasSubstr(R"("to": "nap1")"));
}

Explanation shop_explained() {
    Explanation explanation;
    explanation.app = AppId("shop");
    ExplainedService web;
    web.service = "web";
    web.instances = {{{"web", 1}, NodeId("nap0"), "running", "healthy", ""},
                     {{"web", 2}, NodeId(), "no node", "", ""}};
    web.nodes = {{NodeId("nap0"), "port 80/tcp is taken"}, {NodeId("nap1"), ""}};
    ExplainedService db;
    db.service = "db";
    db.instances = {{{"db", 1}, NodeId("nap0"), "running", "none", ""}};
    db.nodes = {{NodeId("nap0"), ""}, {NodeId("nap1"), "draining"}};
    explanation.services = {db, web};
    return explanation;
}

TEST(ExplanationText, SaysWhyWhereSomethingHasNoNode) {
    EXPECT_EQ(explanation_text(shop_explained(), false, false),
              "shop: has no status yet\n"
              "INSTANCE  NODE  STATE    HEALTH   MESSAGE\n"
              "db/1      nap0  running  none     -\n"
              "web/1     nap0  running  healthy  -\n"
              "web/2     -     no node  -        -\n"
              "\n"
              "web/2 cannot be placed, because:\n"
              "NODE  ANSWER\n"
              "nap0  port 80/tcp is taken\n"
              "nap1  would take it\n");
}

TEST(ExplanationText, SaysOfEachServiceWhenAsked) {
    Explanation explanation = shop_explained();
    explanation.services.pop_back();
    explanation.status.emplace();
    explanation.status->app = AppId("shop");
    explanation.status->phase = Phase::degraded;
    explanation.status->message = "\x1b[2J";
    explanation.holds = one_hold();
    const std::string text = explanation_text(explanation, true, false);
    EXPECT_THAT(text, HasSubstr("one more instance of db:\nNODE  ANSWER\nnap0  fits\n"));
    EXPECT_THAT(text, HasSubstr("held: removal of 7 apps"));
    EXPECT_THAT(text, HasSubstr("shop: degraded, 0 of 0 running: \\x1b[2J\n"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(explanation_text(explanation, false, false), Not(HasSubstr("one more")));
}

TEST(ExplanationJson, AnswersForEveryNode) {
    const std::string text = cli_json(shop_explained());
    EXPECT_THAT(text, HasSubstr(R"("reason": "port 80/tcp is taken")"));
    EXPECT_THAT(text, HasSubstr(R"("fits": true)"));
    EXPECT_THAT(text, HasSubstr(R"("status": null)"));
}

TEST(DrainJson, SaysWhatIsLeft) {
    const std::string text =
        cli_json({NodeId("nap0"), true, {{AppId("shop"), {"db", 1}, "stays: data"}}});
    EXPECT_THAT(text, HasSubstr(R"("draining": true)"));
    EXPECT_THAT(text, HasSubstr(R"("why": "stays: data")"));
}

TEST(RebalanceDocument, GoesToJsonAndBack) {
    EXPECT_EQ(decode_rebalance(encode_rebalance("2024-02-29T12:00:00.000Z")).value(),
              "2024-02-29T12:00:00.000Z");
    EXPECT_EQ(decode_rebalance(R"({"schema": 2, "requested": "x"})").error().code, Errc::rejected);
    EXPECT_EQ(decode_rebalance(R"({"schema": 1})").error().code, Errc::malformed);
}

}  // namespace
}  // namespace nap
