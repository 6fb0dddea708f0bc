// Manifests from several prefixes of KV.

#include <fmt/format.h>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Prefixes : public NapTest {
  protected:
    void TearDown() override {
        NapTest::TearDown();
        consul().remove_tree(team_);
    }

    AgentOptions with_team() const {
        AgentOptions options = agent_options();
        options.more = fmt::format("apps: {{prefixes: [{}apps, {}more]}}\n", team_, team_);
        return options;
    }
    std::string team(const std::string& name) const { return team_ + "apps/" + name; }
    std::string sentinel() const { return team(".sentinel"); }
    void await_message(const std::string& app, const std::string& phase, const std::string& part) {
        await(fmt::format("{} is {}: {}", app, phase, part), [&] {
            const json document = status(app);
            return !document.is_null() && document.at("phase") == phase &&
                   document.dump().find(part) != std::string::npos;
        });
    }
    void await_without_errors(const std::string& app) {
        await(app + " is as wanted", [&] {
            const json document = status(app);
            return !document.is_null() && document.at("phase") == "converged" &&
                   document.at("errors").empty();
        });
    }

  private:
    std::string team_ = "team-of-" + prefix() + "/";
};

const std::string manifest = "services:\n" + sleeper("a");

TEST_F(Prefixes, apps_come_from_each_and_go_one_by_one) {
    start_agent(with_team());
    put("here", manifest);
    consul().put(team("there.yml"), manifest);
    consul().put(team("shop/compose.yml"), manifest + "    env_file: a.env\n");
    consul().put(team("shop/a.env"), "A=1\n");
    for (const char* app : {"here", "there", "shop"})
        await_without_errors(app);
    const Lives here = lives("here");
    const Lives shop = lives("shop");

    consul().put(team("there.yml"), "services: {a: {imgae: x}}\n");
    await_message("there", "invalid", "did you mean");
    EXPECT_EQ(status("there").at("errors").at(0).at("file"), team("there.yml"));
    EXPECT_EQ(lives("there").size(), 1U);

    consul().remove(team("there.yml"));
    await_gone("there");
    EXPECT_EQ(lives("here"), here);
    EXPECT_EQ(lives("shop"), shop);
    const std::string config = (agent().dir() / "nap.yml").string();
    EXPECT_EQ(agent().nap({"--config", config, "rm", "shop"}).exit_code, 0);
    EXPECT_FALSE(consul().get(team("shop/compose.yml")));
    await_gone("shop");
    EXPECT_EQ(lives("here"), here);
}

TEST_F(Prefixes, one_that_is_lost_as_a_whole_removes_nothing) {
    start_agent(with_team());
    put("here", manifest);
    consul().put(team("there"), manifest);
    await_without_errors("here");
    await_without_errors("there");
    const Lives there = lives("there");

    consul().remove_tree(team(""));
    await_message("there", "held", sentinel());
    // Nor does anything else, as long as it is not known whether keys can be read.
    unput("here");
    await_message("here", "held", sentinel());
    EXPECT_EQ(lives("there"), there);
    consul().put(team("there"), manifest);
    await_without_errors("there");
    EXPECT_EQ(lives("there"), there);

    EXPECT_EQ(agent().nap({"approve"}).exit_code, 0);
    await_gone("here");
    EXPECT_TRUE(consul().get(sentinel()));
    EXPECT_EQ(lives("there"), there);
    consul().remove(team("there"));
    await_gone("there");
}

TEST_F(Prefixes, an_app_in_two_of_them_stays_as_it_was) {
    start_agent(with_team());
    consul().put(team("shop"), manifest);
    await_without_errors("shop");
    const Lives before = lives("shop");
    put("shop", "services:\n" + sleeper("b"));
    await_message("shop", "invalid", "delete those below one of them");
    EXPECT_THAT(status("shop").dump(), AllOf(HasSubstr(key("apps/")), HasSubstr(team(""))));
    EXPECT_EQ(lives("shop"), before);
    unput("shop");
    await_without_errors("shop");
    EXPECT_EQ(lives("shop"), before);
}

TEST_F(Prefixes, a_leader_that_does_not_read_one_keeps_its_apps) {
    Agent& agent = start_agent(with_team());
    put("here", manifest);
    consul().put(team("there"), manifest);
    await_without_errors("here");
    await_without_errors("there");
    const Lives there = lives("there");
    agent.terminate();

    start_agent();
    await_message("there", "invalid", "apps.prefixes");
    unput("here");
    await_gone("here");
    EXPECT_EQ(lives("there"), there);
    docker().signal(there.at("a/1").id);
    await_new_life("there", "a/1", there.at("a/1"));
    // Where it is read the manifest counts.
    put("there", "services:\n" + sleeper("a") + sleeper("b"));
    await_without_errors("there");
    EXPECT_EQ(lives("there").size(), 2U);
}

}  // namespace
}  // namespace nap::test
