// The commands, against real daemons.

#include <fmt/format.h>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Commands : public NapTest {
  protected:
    static constexpr int ok = 0;
    static constexpr int differences = 1;
    static constexpr int usage = 2;
    static constexpr int invalid = 3;
    static constexpr int not_found = 4;
    static constexpr int conflict = 5;
    static constexpr int unreachable = 6;
    static constexpr int failed = 7;
    static constexpr int timed_out = 8;

    int exit_code(const Argv& arguments) { return agent().nap(arguments).exit_code; }
};

TEST_F(Commands, apply_writes_and_follows_until_converged) {
    start_agent();
    const std::string good = write_manifest("services:\n" + sleeper("a"));
    const Finished applied = agent().nap({"apply", "shop", "-f", good});
    EXPECT_EQ(applied.exit_code, ok) << applied.err;
    EXPECT_EQ(status("shop").at("phase"), "converged");
    EXPECT_EQ(lives("shop").size(), 1U);
    EXPECT_EQ(consul().get(key("apps/shop")), read_file(good));

    // Again: nothing to do, and nothing is done.
    const Lives before = lives("shop");
    EXPECT_EQ(exit_code({"apply", "shop", "-f", good}), ok);
    EXPECT_EQ(lives("shop"), before);
}

TEST_F(Commands, apply_says_by_its_exit_code_what_went_wrong) {
    AgentOptions options = agent_options();
    options.backoff = "{initial: 50ms, max: 200ms, stable: 10s}";
    start_agent(options);
    const std::string good = write_manifest("services:\n" + sleeper("a"));
    const std::string bad = write_manifest("services:\n  a: {imagee: x}\n");
    const Finished refused = agent().nap({"apply", "shop", "-f", bad});
    EXPECT_EQ(refused.exit_code, invalid);
    EXPECT_THAT(refused.out + refused.err, HasSubstr(bad + ":2:"));
    EXPECT_FALSE(consul().get(key("apps/shop")));

    EXPECT_EQ(exit_code({"apply", "shop", "-f", good, "--check-index", "0"}), ok);
    const Lives before = lives("shop");
    const std::string other = write_manifest("services:\n" + sleeper("b"));
    EXPECT_EQ(exit_code({"apply", "shop", "-f", other, "--check-index", "0"}), conflict);
    EXPECT_EQ(exit_code({"apply", "shop", "-f", other, "--check-index", "1"}), conflict);
    EXPECT_EQ(consul().get(key("apps/shop")), read_file(good));
    EXPECT_EQ(lives("shop"), before);
    const std::string index = std::to_string(consul().modify_index(key("apps/shop")));
    EXPECT_EQ(exit_code({"apply", "shop", "-f", other, "--check-index", index}), ok);
    EXPECT_TRUE(lives("shop").contains("b/1"));

    const std::string hopeless =
        write_manifest("services:\n  a:\n    image: nap/busybox:1\n    command: \"false\"\n");
    EXPECT_EQ(exit_code({"apply", "lost", "-f", hopeless, "--timeout", "3s"}), failed);
    const std::string slow = write_manifest(
        "services:\n" + sleeper("a", "    healthcheck: {test: [CMD, \"false\"], interval: 1h}\n"));
    EXPECT_EQ(exit_code({"apply", "slow", "-f", slow, "--timeout", "1500ms"}), timed_out);
    EXPECT_EQ(exit_code({"apply", "late", "-f", good, "--detach"}), ok);
    EXPECT_EQ(exit_code({"apply", "shop"}), usage);
    EXPECT_EQ(exit_code({"apply", "shop", "-f", (dir() / "absent.yml").string()}), not_found);
    EXPECT_EQ(exit_code({"apply", "Shop!", "-f", good}), usage);
    EXPECT_EQ(exit_code({"--consul-address", "http://127.0.0.1:1", "status"}), unreachable);
}

TEST_F(Commands, plan_tells_what_would_change_and_changes_nothing) {
    start_agent();
    const std::string first = write_manifest("services:\n" + sleeper("a"));
    const std::string second = write_manifest("services:\n" + sleeper("a") + sleeper("b"));
    deploy("shop", read_file(first));
    const json world = docker().world();
    const json kv = consul().dump(prefix() + "/");

    const Finished same = agent().nap({"plan", "shop", "-f", first});
    EXPECT_EQ(same.exit_code, ok) << same.out << same.err;
    const Finished more = agent().nap({"plan", "shop", "-f", second});
    EXPECT_EQ(more.exit_code, differences) << more.err;
    EXPECT_THAT(more.out, HasSubstr("create-container b/1"));
    const Finished machine = agent().nap({"plan", "shop", "-f", second, "-o", "json"});
    EXPECT_EQ(machine.exit_code, differences);
    EXPECT_TRUE(json::accept(machine.out)) << machine.out;
    const Finished fresh = agent().nap({"plan", "never", "-f", first});
    EXPECT_EQ(fresh.exit_code, differences);
    EXPECT_EQ(exit_code({"plan", "shop", "-f", write_manifest("services: 1\n")}), invalid);

    EXPECT_EQ(docker().world(), world);
    EXPECT_EQ(consul().dump(prefix() + "/"), kv);
}

TEST_F(Commands, status_and_ps_print_what_is_and_valid_json) {
    start_agent();
    EXPECT_EQ(exit_code({"status"}), ok);
    EXPECT_EQ(exit_code({"status", "shop"}), not_found);
    EXPECT_EQ(exit_code({"ps", "shop"}), not_found);
    deploy("shop", "services:\n" + sleeper("a"));
    deploy("other", "services:\n" + sleeper("b"));

    const Finished one = agent().nap({"status", "shop", "-o", "json"});
    ASSERT_TRUE(json::accept(one.out)) << one.out;
    const auto shown = objects_with(json::parse(one.out), "phase");
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0].at("phase"), "converged");
    EXPECT_EQ(shown[0].at("services"), status("shop").at("services"));
    const Finished all = agent().nap({"status", "-o", "json"});
    ASSERT_TRUE(json::accept(all.out)) << all.out;
    EXPECT_EQ(objects_with(json::parse(all.out), "phase").size(), 2U);

    const Finished ps = agent().nap({"ps", "shop", "-o", "json"});
    ASSERT_TRUE(json::accept(ps.out)) << ps.out;
    const auto instances = objects_with(json::parse(ps.out), "container");
    ASSERT_EQ(instances.size(), 1U);
    EXPECT_EQ(instances[0].at("container"), id_of("shop", "a"));
    EXPECT_THAT(agent().nap({"ps"}).out, HasSubstr("b/1"));
    EXPECT_THAT(agent().nap({"ps"}).out, HasSubstr(id_of("shop", "a").substr(0, 12)));
}

TEST_F(Commands, rm_removes_the_app_and_waits_until_it_is_gone) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("a", "    volumes: [\"data:/data\"]\n") +
                       "volumes: {data: {}}\n");
    deploy("shop2", "services:\n" + sleeper("a"));
    const Lives other = lives("shop2");
    const Finished removed = agent().nap({"rm", "shop"});
    EXPECT_EQ(removed.exit_code, ok) << removed.err;
    EXPECT_TRUE(ids("shop").empty());
    EXPECT_FALSE(consul().get(key("apps/shop")));
    EXPECT_TRUE(status("shop").is_null());
    EXPECT_EQ(docker().volumes(), std::set<std::string>{"shop_data"});
    EXPECT_EQ(lives("shop2"), other);
    EXPECT_EQ(exit_code({"rm", "shop"}), not_found);
    EXPECT_EQ(exit_code({"rm", "shop?"}), usage);
    EXPECT_EQ(exit_code({"rm"}), usage);
    EXPECT_EQ(lives("shop2"), other);
}

TEST_F(Commands, wrong_settings_of_an_agent_are_told_at_once) {
    const auto exit_of = [&](const AgentOptions& options) {
        Agent agent(dir() / "wrong", options);
        agent.start();
        const int code = agent.await_end();
        EXPECT_NE(tail(agent.log(), 5), "");
        return code;
    };
    AgentOptions options = agent_options();
    options.more = "polcy: {}\n";
    EXPECT_EQ(exit_of(options), usage);
    options = agent_options();
    options.node = "\"a b\"";
    EXPECT_EQ(exit_of(options), usage);
}

}  // namespace
}  // namespace nap::test
