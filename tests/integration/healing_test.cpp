// Containers that end, and how nap brings them back.

#include <fmt/format.h>
#include <signal.h>

#include <sstream>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;

class Healing : public NapTest {
  protected:
    int restarts(const std::string& app, const std::string& service) const {
        const json found = observed_instance(app, service);
        return found.is_null() ? 0 : found.at("restarts").get<int>();
    }
};

/// Ends with exit code 3 as soon as /tmp/end exists; it does not when it starts.
const std::string mortal =
    "  a:\n"
    "    image: nap/busybox:1\n"
    "    stop_signal: KILL\n"
    "    command: [sh, -c, \"rm -f /tmp/end; while [ ! -e /tmp/end ]; do sleep 0.05; done;"
    " exit 3\"]\n";

TEST_F(Healing, a_killed_or_ended_instance_restarts_in_place) {
    start_agent();
    deploy("shop", "services:\n" + mortal);
    const Lives before = lives("shop");
    const pid_t pid = instance("shop", "a").at("State").at("Pid");
    ASSERT_GT(pid, 1);
    ASSERT_EQ(::kill(pid, SIGKILL), 0);
    const Life second = await_new_life("shop", "a/1", before.at("a/1"));
    EXPECT_EQ(second.id, before.at("a/1").id);

    exec(second.id, {"touch", "/tmp/end"});
    const Life third = await_new_life("shop", "a/1", second);
    EXPECT_EQ(third.id, second.id);
    await("the report says so", [&] { return restarts("shop", "a") == 2; });
    await_converged("shop");
}

TEST_F(Healing, a_removed_instance_is_created_anew_with_its_volumes) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("a", "    volumes: [\"data:/data\"]\n") + sleeper("b") +
                       "volumes: {data: {}}\n");
    const Lives before = lives("shop");
    exec(before.at("a/1").id, {"touch", "/data/kept"});
    docker().remove(before.at("a/1").id);
    const Life after = await_new_life("shop", "a/1", before.at("a/1"));
    EXPECT_NE(after.id, before.at("a/1").id);
    exec(after.id, {"test", "-e", "/data/kept"});
    await_converged("shop");
    EXPECT_EQ(lives("shop").at("b/1"), before.at("b/1"));
    EXPECT_EQ(ids("shop").size(), 2U);
}

TEST_F(Healing, a_paused_instance_is_unpaused) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("a"));
    const Lives before = lives("shop");
    docker().cli({"pause", before.at("a/1").id});
    await("it runs", [&] { return lives("shop") == before; });
}

TEST_F(Healing, a_network_that_was_removed_or_left_is_joined_again) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("a") + sleeper("b"));
    const Lives before = lives("shop");
    docker().cli({"network", "disconnect", "shop_default", before.at("a/1").id});
    await("it is on its network again", [&] {
        return instance("shop", "a").at("NetworkSettings").at("Networks").contains("shop_default");
    });
    EXPECT_EQ(lives("shop"), before);
    exec(before.at("b/1").id, {"nslookup", "a"});
}

TEST_F(Healing, running_out_of_memory_counts_as_a_death_like_any_other) {
    AgentOptions options = agent_options();
    options.backoff = "{initial: 100ms, max: 200ms, stable: 10s}";
    start_agent(options);
    put("shop",
        "services:\n  hog:\n    image: nap/busybox:1\n    mem_limit: 8m\n"
        "    stop_signal: KILL\n    command: tail /dev/zero\n");
    await("it has died for want of memory", [&] {
        const json found = observed_instance("shop", "hog");
        return !found.is_null() && found.at("oom_killed") == true;
    });
    const std::string id = id_of("shop", "hog");
    await("it is tried again", [&] { return restarts("shop", "hog") >= 2; });
    EXPECT_EQ(id_of("shop", "hog"), id);
}

/// When a container that ends at once was started, in seconds, as its own file says.
std::vector<double> start_times(const std::string& text) {
    std::vector<double> times;
    std::istringstream lines(text);
    for (std::string first, second; lines >> first >> second;)
        times.push_back(std::stod(first));
    return times;
}

TEST_F(Healing, a_crash_loop_backs_off_shows_in_status_and_survives_an_agent_restart) {
    AgentOptions options = agent_options();
    options.backoff = "{initial: 500ms, max: 60s, stable: 10s}";
    Agent& agent = start_agent(options);
    // /proc/uptime tells when, on a clock that nothing sets.
    put("shop",
        "services:\n  crash:\n    image: nap/busybox:1\n    stop_signal: KILL\n"
        "    volumes: [\"log:/log\"]\n"
        "    command: [sh, -c, \"cat /proc/uptime >> /log/starts; exit 7\"]\n" +
            sleeper("well") + "volumes: {log: {}}\n");
    await("five starts", [&] { return restarts("shop", "crash") >= 5; });
    await_phase("shop", "degraded");
    const json document = status("shop");
    EXPECT_THAT(document.at("message"), HasSubstr("crash loop"));
    EXPECT_THAT(agent.nap({"status", "shop"}).out, HasSubstr("crash loop"));
    EXPECT_EQ(document.at("services").at("well").at("running"), 1);
    await("its exit code is published",
          [&] { return observed_instance("shop", "crash").at("exit_code") == 7; });

    // The next wait is over 7 s in all; a fresh agent must not start the container at once.
    const json before = instance("shop", "crash");
    agent.kill();
    agent.start();
    agent.await_ready();
    hold(
        "the wait goes on",
        [&] { return instance("shop", "crash").at("State") == before.at("State"); },
        milliseconds(1'500));
    EXPECT_EQ(id_of("shop", "crash"), before.at("Id"));

    const std::string log =
        docker().cli({"run", "--rm", "-v", "shop_log:/log", "nap/busybox:1", "cat", "/log/starts"});
    const std::vector<double> times = start_times(log);
    ASSERT_GE(times.size(), 5U);
    EXPECT_LT(times[1] - times[0], 1.0) << "the first restart comes at once";
    for (std::size_t i = 2; i < 5; ++i) {
        const double wait = 0.5 * static_cast<double>(1U << (i - 2));
        EXPECT_GE(times[i] - times[i - 1], 0.9 * wait) << log;
        EXPECT_LT(times[i] - times[i - 1], wait + 1.0) << log;
    }
}

TEST_F(Healing, a_new_manifest_ends_the_wait_of_a_crash_loop) {
    AgentOptions options = agent_options();
    options.backoff = "{initial: 20s, max: 60s, stable: 10s}";
    start_agent(options);
    put("shop", "services:\n  a:\n    image: nap/busybox:1\n    command: \"false\"\n");
    await("it waits", [&] { return restarts("shop", "a") == 2; });
    put("shop", "services:\n" + sleeper("a"));
    await_phase("shop", "converged", milliseconds(10'000));
}

TEST_F(Healing, restart_policies_are_obeyed) {
    AgentOptions options = agent_options();
    options.backoff = "{initial: 50ms, max: 100ms, stable: 10s}";
    start_agent(options);
    const auto ending = [](const char* name, const char* policy, int code) {
        return fmt::format(
            "  {}:\n    image: nap/busybox:1\n    restart: \"{}\"\n"
            "    command: [sh, -c, \"exit {}\"]\n",
            name, policy, code);
    };
    put("shop", "services:\n" + ending("never", "no", 1) + ending("done", "on-failure", 0) +
                    ending("thrice", "on-failure:2", 4) + ending("again", "always", 0));
    await("one that always runs has run often", [&] { return restarts("shop", "again") >= 5; });
    await("one with two tries has used them", [&] { return restarts("shop", "thrice") == 3; });
    EXPECT_EQ(restarts("shop", "never"), 1);
    EXPECT_EQ(restarts("shop", "done"), 1);
    EXPECT_EQ(restarts("shop", "thrice"), 3);
    EXPECT_EQ(observed_instance("shop", "never").at("state"), "exited");
    EXPECT_EQ(observed_instance("shop", "thrice").at("exit_code"), 4);
    EXPECT_EQ(instance("shop", "never").at("State").at("Status"), "exited");
}

const std::string checked =
    "  a:\n"
    "    image: nap/busybox:1\n"
    "    stop_signal: KILL\n"
    "    command: [sh, -c, \"touch /tmp/ok; exec sleep 100000\"]\n"
    "    healthcheck: {test: [CMD, ls, /tmp/ok], interval: 300ms, timeout: 5s, retries: 2}\n";

TEST_F(Healing, an_unhealthy_instance_is_restarted_in_place) {
    start_agent();
    deploy("shop", "services:\n" + checked);
    const json first = observed_instance("shop", "a");
    EXPECT_EQ(first.at("health"), "healthy");
    EXPECT_EQ(first.at("state"), "running");
    const Life before = lives("shop").at("a/1");
    exec(before.id, {"rm", "/tmp/ok"});
    const Life after = await_new_life("shop", "a/1", before);
    EXPECT_EQ(after.id, before.id);
    await("it is healthy again", [&] {
        const json now = observed_instance("shop", "a");
        return now.at("health") == "healthy" && now.at("since") != first.at("since");
    });
    await_converged("shop");
}

TEST_F(Healing, an_app_that_does_not_want_it_keeps_its_unhealthy_instance) {
    start_agent();
    deploy("shop", "services:\n" + checked + "    x-nap: {restart_unhealthy: false}\n");
    const Lives before = lives("shop");
    exec(before.at("a/1").id, {"rm", "/tmp/ok"});
    await_degraded("shop", "unhealthy");
    EXPECT_EQ(observed_instance("shop", "a").at("health"), "unhealthy");
    EXPECT_EQ(status("shop").at("services").at("a").at("healthy"), 0);
    hold(
        "it is left alone", [&] { return lives("shop") == before; }, milliseconds(500));
}

TEST_F(Healing, states_exits_addresses_and_ports_are_published_on_change_only) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("a", "    ports: [\"18081:80\"]\n") +
                       "  once:\n    image: nap/busybox:1\n    restart: \"no\"\n"
                       "    command: [sh, -c, \"exit 5\"]\n");
    const json a = observed_instance("shop", "a");
    const json truth = instance("shop", "a");
    EXPECT_EQ(a.at("container"), truth.at("Id"));
    EXPECT_EQ(a.at("image_id"), truth.at("Image"));
    EXPECT_EQ(a.at("addresses").at("shop_default"), address_of("shop", "a", "shop_default"));
    ASSERT_FALSE(a.at("ports").empty());
    EXPECT_EQ(a.at("ports").at(0).at("published"), 18081);
    EXPECT_EQ(a.at("ports").at(0).at("target"), 80);
    await("the end of the other is published",
          [&] { return observed_instance("shop", "once").at("state") == "exited"; });
    EXPECT_EQ(observed_instance("shop", "once").at("exit_code"), 5);

    await_quiet(
        "nothing is written while nothing happens",
        [&] { return std::pair(consul().dump(key("observed/")), consul().dump(key("status/"))); },
        milliseconds(1'000));
    docker().signal(a.at("container"));
    await("the restart is published", [&] {
        const json now = observed_instance("shop", "a");
        return now.at("restarts") == 1 && now.at("state") == "running" &&
               now.at("since") != a.at("since");
    });
}

}  // namespace
}  // namespace nap::test
