// Commands that are run in containers, and volumes that one container has of another.

#include <fmt/format.h>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;

class Hooks : public NapTest {
  protected:
    std::string log_of(const std::string& name) const {
        return exec(id_of("shop", "keeper"), {"sh", "-c", "cat /log/" + name + " 2>/dev/null; :"});
    }
    /// `keeper` shows what the hooks of `web` have written to a volume of both.
    static std::string with_hooks(const std::string& hooks, const std::string& more = "") {
        return "services:\n" + sleeper("keeper", "    volumes: [\"log:/log\"]\n") +
               sleeper("web", "    volumes: [\"log:/log\"]\n" + hooks) + more +
               "volumes: {log: }\n";
    }
};

TEST_F(Hooks, run_after_each_start_and_before_each_stop) {
    start_agent();
    const auto text = [](const char* mark) {
        return with_hooks(fmt::format(R"(    environment: {{MARK: "{}"}}
    post_start:
      - {{command: [sh, -c, "echo $$MARK $$X $$(id -u) $$(pwd) >> /log/start"],
         user: "0", working_dir: /log, environment: {{X: x}}}}
      - {{command: echo second}}
    pre_stop: [{{command: [sh, -c, "echo bye $$MARK >> /log/stop"]}}]
)",
                                      mark));
    };
    deploy("shop", text("one"));
    EXPECT_EQ(log_of("start"), "one x 0 /log");
    const Life first = lives("shop").at("web/1");
    docker().signal(first.id);
    await("the hooks run again", [&] { return log_of("start") == "one x 0 /log\none x 0 /log"; });
    await_converged("shop");
    EXPECT_EQ(log_of("stop"), "") << "it ended by itself";
    // Neither a look nor an agent that is started anew runs them again.
    agent().terminate();
    agent().start();
    agent().await_ready();
    const Lives before = lives("shop");
    deploy("shop", text("two"));
    EXPECT_EQ(log_of("start"), "one x 0 /log\none x 0 /log\ntwo x 0 /log");
    EXPECT_EQ(log_of("stop"), "bye one");
    EXPECT_EQ(lives("shop").at("keeper/1"), before.at("keeper/1"));
    // Those of a service that is no longer in the manifest too.
    deploy("shop", "services:\n" + sleeper("keeper", "    volumes: [\"log:/log\"]\n") +
                       "volumes: {log: }\n");
    await("web is gone", [&] { return lives("shop").size() == 1U; });
    EXPECT_EQ(log_of("stop"), "bye one\nbye two");
}

TEST_F(Hooks, one_that_fails_stops_the_container_and_is_shown) {
    start_agent();
    put("shop", with_hooks("    restart: \"no\"\n    post_start:\n"
                           "      - {command: [sh, -c, \"echo it is broken; exit 3\"]}\n"));
    await_degraded("shop", "post_start hook `sh` failed: exit code 3: it is broken");
    await("it is stopped", [&] {
        const json found = docker().inspect("shop-web-1");
        return !found.is_null() && found.at("State").at("Status") == "exited";
    });
    // Started again, with longer and longer pauses, where the manifest wants that.
    put("shop", with_hooks("    post_start:\n"
                           "      - {command: [sh, -c, \"echo x >> /log/tries; exit 1\"]}\n"));
    await("it is tried three times", [&] { return log_of("tries").size() >= 5U; });
    await_degraded("shop", "post_start hook `sh` failed: exit code 1");
    put("shop", with_hooks("    post_start: [{command: \"true\"}]\n"));
    await_converged("shop");
    put("shop", with_hooks("    post_start: [{command: /no/such/command}]\n"));
    await_degraded("shop", "post_start hook `/no/such/command` failed");
}

TEST_F(Hooks, a_privileged_one_needs_the_hosts_consent) {
    start_agent();
    put("shop", with_hooks("    pre_stop: [{command: a, privileged: true}]\n"));
    await_degraded("shop", "add `privileged` to `policy.allow`");
    // What comes up later would be in the way of the next test.
    await("keeper runs", [&] { return lives("shop").size() == 1U; });
}

TEST_F(Hooks, plan_is_silent_about_them) {
    Agent& agent = start_agent();
    const std::string text = with_hooks("    post_start: [{command: \"true\"}]\n");
    deploy("shop", text);
    const Finished planned = agent.nap({"plan", "shop", "-f", write_manifest(text)});
    EXPECT_EQ(planned.exit_code, 0) << planned.out << planned.err;
}

class VolumesFrom : public NapTest {};

TEST_F(VolumesFrom, are_those_of_the_other_and_follow_it) {
    start_agent();
    const auto text = [](const std::string& more) {
        return R"(services:
  data:
    image: nap/busybox:1
    command: ["true"]
    restart: "no"
    volumes: [/unnamed, "named:/named"]
)" + more + sleeper("web", "    volumes_from: [data]\n") +
               sleeper("reader", "    volumes_from: [\"data:ro\"]\n") + sleeper("other") +
               "volumes: {named: }\n";
    };
    deploy("shop", text(""));
    const Lives before = lives("shop");
    const std::string data = docker().inspect("shop-data-1").at("Id");
    EXPECT_EQ(instance("shop", "web").at("HostConfig").at("VolumesFrom"), json::array({data}));
    EXPECT_EQ(instance("shop", "reader").at("HostConfig").at("VolumesFrom"),
              json::array({data + ":ro"}));
    exec(before.at("web/1").id, {"touch", "/unnamed/a", "/named/a"});
    const std::string reader = before.at("reader/1").id;
    EXPECT_EQ(exec(reader, {"ls", "/unnamed", "/named"}), "/named:\na\n\n/unnamed:\na");
    EXPECT_EQ(exec(reader, {"sh", "-c", "touch /unnamed/b 2>/dev/null || echo no"}), "no");

    deploy("shop", text("    labels: {v: \"2\"}\n"));
    await("both follow", [&] {
        const json now = docker().inspect("shop-data-1");
        const Lives all = lives("shop");
        if (now.is_null() || now.at("Id") == data || all.size() != 3U) return false;
        const std::string id = now.at("Id");
        return instance("shop", "web").at("HostConfig").at("VolumesFrom") == json::array({id}) &&
               instance("shop", "reader").at("HostConfig").at("VolumesFrom") ==
                   json::array({id + ":ro"});
    });
    await_converged("shop");
    EXPECT_EQ(exec(id_of("shop", "reader"), {"ls", "/unnamed"}), "a");
    EXPECT_EQ(lives("shop").at("other/1"), before.at("other/1"));
}

}  // namespace
}  // namespace nap::test
