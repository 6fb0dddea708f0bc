// The agent killed at any moment, and events it could not see.

#include <fmt/format.h>

#include "support/nap_test.hpp"
#include "support/socket_proxy.hpp"

namespace nap::test {
namespace {

class Crash : public NapTest {
  protected:
    /// Kills the agent as soon as the engine has told `count` of the things that happen to this
    /// test's objects. False when there were fewer.
    bool kill_after(HttpExchange& events, int count, const std::function<bool()>& over) {
        int seen = 0;
        while (seen < count) {
            if (events.read_line(milliseconds(20))) {
                ++seen;
            } else if (over()) {
                return false;
            }
        }
        agent().kill();
        return true;
    }

    void restart_agent() {
        agent().kill();
        agent().start();
        agent().await_ready();
    }

    /// Those that ran before still do, as they did.
    static void expect_kept(const Lives& before, const Lives& after) {
        for (const auto& [name, life] : before) {
            ASSERT_TRUE(after.contains(name)) << name;
            EXPECT_EQ(after.at(name), life) << name;
        }
    }
};

const std::string deployed = "services:\n" + sleeper("db", "    volumes: [\"data:/data\"]\n") +
                             sleeper("web", "    links: [db]\n    networks: [default, back]\n") +
                             "volumes: {data: {}}\nnetworks: {back: {}}\n";
const std::string changed =
    "services:\n" + sleeper("db", "    volumes: [\"data:/data\"]\n    hostname: changed\n") +
    sleeper("web", "    links: [db]\n    networks: [default, back]\n") +
    "volumes: {data: {}}\nnetworks: {back: {}}\n";

TEST_F(Crash, killed_at_any_moment_of_a_deploy_it_goes_on_without_a_trace) {
    start_agent();
    bool swept = false;
    for (int count = 1; count <= 40 && !swept; count += count < 6 ? 1 : 3) {
        SCOPED_TRACE(fmt::format("killed after event {}", count));
        const std::string app = fmt::format("app{}", count);
        const auto events = docker().events();
        put(app, deployed);
        swept = !kill_after(*events, count, [&] { return lives(app).size() == 2; });
        const Lives before = lives(app);
        restart_agent();
        await_converged(app);
        const Lives after = lives(app);
        EXPECT_EQ(after.size(), 2U);
        EXPECT_EQ(ids(app).size(), 2U);
        expect_kept(before, after);
        const std::set<std::string> networks{app + "_back", app + "_default"};
        EXPECT_EQ(docker().networks(), networks);
        EXPECT_EQ(docker().volumes(), std::set<std::string>{app + "_data"});
        docker().signal(after.at("web/1").id);
        const std::string id = await_new_life(app, "web/1", after.at("web/1")).id;
        EXPECT_EQ(id, after.at("web/1").id);
        unput(app);
        await_gone(app);
        docker().purge();
    }
    EXPECT_TRUE(swept) << "the deploy has more moments than were tried";
}

TEST_F(Crash, killed_at_any_moment_of_a_replacement_it_goes_on_without_a_trace) {
    start_agent();
    deploy("shop", deployed);
    bool swept = false;
    bool is_changed = false;
    for (int count = 1; count <= 30 && !swept; count += count < 6 ? 1 : 2) {
        SCOPED_TRACE(fmt::format("killed after event {}", count));
        const Lives old = lives("shop");
        const auto events = docker().events();
        is_changed = !is_changed;
        put("shop", is_changed ? changed : deployed);
        const auto over = [&] {
            const json document = status("shop");
            return document.at("phase") == "converged" &&
                   document.at("modify_index") == consul().modify_index(key("apps/shop"));
        };
        swept = !kill_after(*events, count, over);
        restart_agent();
        await_converged("shop");
        const Lives after = lives("shop");
        EXPECT_EQ(ids("shop").size(), 2U);
        EXPECT_EQ(after.at("web/1"), old.at("web/1"));
        EXPECT_NE(after.at("db/1").id, old.at("db/1").id);
        EXPECT_EQ(instance("shop", "db").at("Name"), "/shop-db-1");
    }
    EXPECT_TRUE(swept) << "the replacement has more moments than were tried";
}

TEST_F(Crash, killed_while_removing_it_leaves_no_orphan) {
    start_agent();
    bool swept = false;
    for (int count = 1; count <= 30 && !swept; count += 4) {
        SCOPED_TRACE(fmt::format("killed after event {}", count));
        deploy("shop", deployed);
        const auto events = docker().events();
        unput("shop");
        swept = !kill_after(*events, count, [&] { return status("shop").is_null(); });
        restart_agent();
        await_gone("shop");
        EXPECT_TRUE(docker().networks().empty());
        EXPECT_EQ(docker().volumes(), std::set<std::string>{"shop_data"});
    }
    EXPECT_TRUE(swept);
}

TEST_F(Crash, an_agent_that_is_told_to_end_or_started_twice_disturbs_nothing) {
    Agent& agent = start_agent();
    deploy("shop", deployed);
    const Lives before = lives("shop");
    EXPECT_EQ(agent.terminate(), 0);
    EXPECT_EQ(lives("shop"), before);
    docker().signal(before.at("db/1").id);
    agent.start();
    agent.await_ready();
    const Life healed = await_new_life("shop", "db/1", before.at("db/1"));
    EXPECT_EQ(healed.id, before.at("db/1").id);
    await_converged("shop");
    EXPECT_EQ(lives("shop").at("web/1"), before.at("web/1"));
    EXPECT_EQ(ids("shop").size(), 2U);
}

TEST_F(Crash, changes_made_while_it_was_away_are_caught_up_with) {
    Agent& agent = start_agent();
    deploy("shop", deployed);
    deploy("gone", "services:\n" + sleeper("a"));
    const Lives before = lives("shop");
    agent.kill();
    put("shop", changed);
    unput("gone");
    put("new", "services:\n" + sleeper("a"));
    agent.start();
    await_converged("shop");
    await_converged("new");
    await_gone("gone");
    EXPECT_EQ(lives("shop").at("web/1"), before.at("web/1"));
    EXPECT_NE(lives("shop").at("db/1").id, before.at("db/1").id);
}

TEST_F(Crash, more_events_than_the_engine_keeps_while_the_stream_is_cut) {
    SocketProxy proxy(dir() / "proxy.sock", docker().socket());
    AgentOptions options = agent_options();
    options.docker_socket = dir() / "proxy.sock";
    start_agent(options);
    deploy("shop", "services:\n" + sleeper("killed") + sleeper("removed") + sleeper("left"));
    const Lives before = lives("shop");
    ASSERT_GT(proxy.connections(), 0);
    proxy.cut();
    docker().signal(before.at("killed/1").id);
    docker().remove(before.at("removed/1").id);
    for (int i = 0; i < 300; ++i)
        docker().tag("nap/busybox:1", "nap/noise");
    put("new", "services:\n" + sleeper("a"));
    const json cut_off = agent().get("/readyz").status;
    EXPECT_EQ(cut_off, 503);
    EXPECT_EQ(agent().get("/livez").status, 200);
    proxy.mend();
    EXPECT_EQ(await_new_life("shop", "killed/1", before.at("killed/1")).id,
              before.at("killed/1").id);
    EXPECT_NE(await_new_life("shop", "removed/1", before.at("removed/1")).id,
              before.at("removed/1").id);
    await_converged("shop");
    await_converged("new");
    EXPECT_EQ(lives("shop").at("left/1"), before.at("left/1"));
    EXPECT_EQ(ids("shop").size(), 3U);
    agent().kill();
}

TEST_F(Crash, a_frozen_agent_misses_nothing_when_it_thaws) {
    Agent& agent = start_agent();
    deploy("shop", "services:\n" + sleeper("a") + sleeper("b"));
    const Lives before = lives("shop");
    agent.pause();
    for (int i = 0; i < 300; ++i)
        docker().tag("nap/busybox:1", "nap/noise");
    docker().signal(before.at("a/1").id);
    docker().remove(before.at("b/1").id);
    agent.resume();
    EXPECT_EQ(await_new_life("shop", "a/1", before.at("a/1")).id, before.at("a/1").id);
    await_new_life("shop", "b/1", before.at("b/1"));
    await_converged("shop");
    EXPECT_EQ(ids("shop").size(), 2U);
}

}  // namespace
}  // namespace nap::test
