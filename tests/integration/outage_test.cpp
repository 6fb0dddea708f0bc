// dockerd and Consul away, emptied and back again.

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;

class Outage : public NapTest {
  protected:
    const std::string two = "services:\n" + sleeper("a", "    links: [b]\n") + sleeper("b");

    /// The agent's own view is that of after the outage.
    void expect_two_fresh_lives(const Lives& before) const {
        await("both run again", [&] {
            const Lives now = lives("shop");
            return now.size() == 2 && now.at("a/1") != before.at("a/1") &&
                   now.at("b/1") != before.at("b/1");
        });
        await_converged("shop");
        for (const auto& [name, life] : lives("shop"))
            EXPECT_EQ(life.id, before.at(name).id);
        EXPECT_EQ(ids("shop").size(), 2U);
    }
};

TEST_F(Outage, dockerd_stopped_and_started_converges) {
    Agent& agent = start_agent();
    deploy("shop", two);
    const Lives before = lives("shop");
    testbed().stop_docker();
    await("it is not ready without Docker", [&] { return agent.get("/readyz").status == 503; });
    EXPECT_EQ(agent.get("/livez").status, 200);
    put("new", "services:\n" + sleeper("c"));
    testbed().start_docker({});
    expect_two_fresh_lives(before);
    await_converged("new");
    await("it is ready again", [&] { return agent.get("/readyz").status == 200; });
}

TEST_F(Outage, dockerd_killed_and_started_converges) {
    start_agent();
    deploy("shop", two);
    testbed().stop_docker(true);
    testbed().start_docker({});
    await("both run", [&] { return lives("shop").size() == 2; });
    await_converged("shop");
    EXPECT_EQ(ids("shop").size(), 2U);
    docker().signal(id_of("shop", "a"));
    await("it is watched as before", [&] {
        const json a = observed_instance("shop", "a");
        return a.at("restarts") >= 1 && a.at("state") == "running";
    });
}

TEST_F(Outage, with_live_restore_no_container_restarts) {
    testbed().stop_docker();
    testbed().start_docker({.live_restore = true});
    Agent& agent = start_agent();
    deploy("shop", two);
    const Lives before = lives("shop");
    testbed().stop_docker();
    await("it is not ready without Docker", [&] { return agent.get("/readyz").status == 503; });
    testbed().start_docker({.live_restore = true});
    await("it is ready again", [&] { return agent.get("/readyz").status == 200; });
    await_converged("shop");
    EXPECT_EQ(lives("shop"), before);
    put("new", "services:\n" + sleeper("c"));
    await_converged("new");
    EXPECT_EQ(lives("shop"), before);
    docker().signal(before.at("b/1").id);
    EXPECT_EQ(await_new_life("shop", "b/1", before.at("b/1")).id, before.at("b/1").id);
}

TEST_F(Outage, without_consul_nothing_stops_and_the_dead_are_healed) {
    Agent& agent = start_agent();
    deploy("shop", two);
    deploy("gone", "services:\n" + sleeper("c"));
    const Lives before = lives("shop");
    testbed().stop_consul();
    docker().signal(before.at("a/1").id);
    const Life killed = await_new_life("shop", "a/1", before.at("a/1"));
    EXPECT_EQ(killed.id, before.at("a/1").id);
    docker().remove(before.at("b/1").id);
    const Life removed = await_new_life("shop", "b/1", before.at("b/1"));
    EXPECT_EQ(lives("gone").size(), 1U);
    EXPECT_TRUE(agent.running());

    // Also one that starts only now.
    agent.kill();
    docker().signal(killed.id);
    agent.start();
    const Life again = await_new_life("shop", "a/1", killed);
    EXPECT_EQ(again.id, killed.id);
    EXPECT_EQ(lives("shop").at("b/1"), removed);
    EXPECT_EQ(lives("gone").size(), 1U);

    testbed().start_consul();
    put("shop",
        "services:\n" + sleeper("a", "    links: [b]\n") + sleeper("b", "    hostname: changed\n"));
    unput("gone");
    await_converged("shop");
    await_gone("gone");
    EXPECT_EQ(lives("shop").at("a/1"), again);
    EXPECT_NE(lives("shop").at("b/1").id, removed.id);
    EXPECT_EQ(ids("shop").size(), 2U);
    EXPECT_EQ(observed_instance("shop", "a").at("state"), "running");
}

TEST_F(Outage, consul_killed_and_started_is_noticed) {
    start_agent();
    deploy("shop", two);
    const Lives before = lives("shop");
    testbed().stop_consul(true);
    testbed().start_consul();
    put("new", "services:\n" + sleeper("c"));
    await_converged("new");
    EXPECT_EQ(lives("shop"), before);
    EXPECT_EQ(status("shop").at("phase"), "converged");
}

TEST_F(Outage, keys_wiped_from_consul_stop_nothing) {
    start_agent();
    deploy("shop", two);
    deploy("other", "services:\n" + sleeper("c"));
    const Lives before = lives("shop");
    const Lives other = lives("other");
    run_ok(
        {"consul", "kv", "delete", "-http-addr=" + consul().address(), "-recurse", prefix() + "/"});
    hold(
        "nothing stops", [&] { return lives("shop") == before && lives("other") == other; },
        milliseconds(3'000));
    docker().signal(before.at("a/1").id);
    const Life healed = await_new_life("shop", "a/1", before.at("a/1"));

    put("shop", two);
    put("other", "services:\n" + sleeper("c"));
    await_converged("shop");
    await_converged("other");
    EXPECT_EQ(lives("shop").at("a/1"), healed);
    EXPECT_EQ(lives("shop").at("b/1"), before.at("b/1"));
    EXPECT_EQ(lives("other"), other);
    EXPECT_EQ(ids("shop").size(), 2U);
}

TEST_F(Outage, manifests_lost_together_with_the_cluster_record_are_not_taken_for_deleted) {
    Agent& agent = start_agent();
    deploy("shop", two);
    const Lives before = lives("shop");
    agent.kill();
    consul().remove_tree(key("apps/"));
    consul().remove(key("meta"));
    agent.start();
    await("the status says why", [&] {
        const json document = status("shop");
        return !document.is_null() && document.at("phase") == "held";
    });
    EXPECT_FALSE(consul().get(key("apps/.sentinel")));
    hold(
        "nothing stops", [&] { return lives("shop") == before; }, milliseconds(1'000));
    put("shop", two);
    await_converged("shop");
    EXPECT_EQ(lives("shop"), before);
}

TEST_F(Outage, lost_assignments_and_manifests_behind_a_lost_sentinel_stop_nothing) {
    Agent& agent = start_agent();
    deploy("shop", two);
    const Lives before = lives("shop");
    consul().remove_tree(key("assigned/"));
    consul().remove_tree(key("observed/"));
    consul().remove_tree(key("status/"));
    agent.kill();
    agent.start();
    await_converged("shop");
    EXPECT_EQ(lives("shop"), before);

    consul().remove_tree(key("apps/"));
    hold(
        "nothing stops", [&] { return lives("shop") == before; }, milliseconds(1'500));
    await("the status says why", [&] {
        const json document = status("shop");
        return !document.is_null() && document.at("phase") == "held";
    });
    EXPECT_THAT(agent.nap({"status", "shop"}).out, HasSubstr("held"));
    agent.kill();
    agent.start();
    agent.await_ready();
    hold(
        "nothing stops", [&] { return lives("shop") == before; }, milliseconds(1'000));
    put("shop", two);
    await_converged("shop");
    EXPECT_EQ(lives("shop"), before);
}

TEST_F(Outage, an_agent_that_has_never_met_consul_waits_for_it) {
    testbed().stop_consul();
    AgentOptions options = agent_options();
    Agent agent(dir() / "waiting", options);
    agent.start();
    await("it lives", [&] { return agent.get("/livez").status == 200; });
    EXPECT_EQ(agent.get("/readyz").status, 503);
    testbed().start_consul();
    put("shop", two);
    await_converged("shop");
    EXPECT_EQ(agent.get("/readyz").status, 200);
}

}  // namespace
}  // namespace nap::test
