// From a manifest in KV to running containers.

#include <fmt/format.h>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Deploy : public NapTest {};

const std::string linked_app =
    "services:\n" + sleeper("db") + sleeper("web", "    links: [\"db:database\"]\n");

TEST_F(Deploy, consul_kv_put_makes_a_linked_app_run_and_converge) {
    Agent& agent = start_agent();
    const std::string file = write_manifest(linked_app);
    run_ok(
        {"consul", "kv", "put", "-http-addr=" + consul().address(), key("apps/shop"), "@" + file});
    await_converged("shop");

    const Lives all = lives("shop");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_TRUE(all.contains("db/1"));
    const std::string web = all.at("web/1").id;
    for (const char* name : {"db", "database"}) {
        EXPECT_THAT(exec(web, {"nslookup", name}),
                    HasSubstr(address_of("shop", "db", "shop_default")));
    }

    const json document = status("shop");
    EXPECT_EQ(document.at("phase"), "converged");
    for (const char* service : {"db", "web"}) {
        const json counts = {{"desired", 1}, {"running", 1}, {"healthy", 1}};
        EXPECT_EQ(document.at("services").at(service), counts);
    }
    const Finished said = agent.nap({"status", "shop"});
    EXPECT_EQ(said.exit_code, 0);
    EXPECT_THAT(said.out, HasSubstr("converged"));
}

TEST_F(Deploy, objects_carry_the_names_and_labels_of_the_contract) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("db", "    volumes: [\"data:/data\"]\n") +
                       "volumes: {data: {}}\n");
    const json container = instance("shop", "db");
    const std::string cluster = consul().get_json(key("meta")).at("cluster");
    EXPECT_EQ(container.at("Name"), "/shop-db-1");
    EXPECT_EQ(container.at("HostConfig").at("RestartPolicy").at("Name"), "no");
    const json& labels = container.at("Config").at("Labels");
    EXPECT_EQ(labels.at("io.nap.cluster"), cluster);
    EXPECT_EQ(labels.at("io.nap.app"), "shop");
    EXPECT_EQ(labels.at("io.nap.service"), "db");
    EXPECT_EQ(labels.at("io.nap.slot"), "1");
    EXPECT_EQ(labels.at("io.nap.revision"), status("shop").at("revision"));
    EXPECT_NE(labels.at("io.nap.config-hash"), "");
    EXPECT_EQ(labels.at("com.docker.compose.project"), "shop");
    EXPECT_EQ(labels.at("com.docker.compose.service"), "db");
    EXPECT_EQ(labels.at("com.docker.compose.container-number"), "1");
    EXPECT_EQ(labels.at("com.docker.compose.oneoff"), "False");
    EXPECT_EQ(docker().networks(), std::set<std::string>{"shop_default"});
    EXPECT_EQ(docker().volumes(), std::set<std::string>{"shop_data"});
}

TEST_F(Deploy, dependencies_start_first) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("a", "    depends_on: [b]\n") +
                       sleeper("b", "    links: [c]\n") + sleeper("c"));
    const Lives all = lives("shop");
    ASSERT_EQ(all.size(), 3U);
    EXPECT_LT(all.at("c/1").started_at, all.at("b/1").started_at);
    EXPECT_LT(all.at("b/1").started_at, all.at("a/1").started_at);
}

TEST_F(Deploy, settings_reach_the_container_and_its_port_answers) {
    start_agent();
    deploy("shop", R"(
services:
  web:
    image: nap/busybox:1
    entrypoint: [/bin/sh, -c]
    command: ["mkdir www && echo \"$$GREETING from $$(hostname)\" > www/index.html &&
      exec httpd -f -p 8000 -h www"]
    environment: {GREETING: hello}
    ports: ["18080:8000"]
    hostname: front
    user: "0:0"
    working_dir: /tmp
    container_name: the-front
    extra_hosts: ["elsewhere:192.0.2.7"]
    stop_signal: KILL
    mem_limit: 64m
    cpus: 0.5
    labels: {team: shop}
)");
    const json container = docker().inspect("the-front");
    ASSERT_FALSE(container.is_null());
    const json& host = container.at("HostConfig");
    EXPECT_EQ(host.at("Memory"), 64 * 1024 * 1024);
    EXPECT_EQ(host.at("NanoCpus"), 500'000'000);
    EXPECT_EQ(container.at("Config").at("Labels").at("team"), "shop");
    std::string page;
    await("the port answers", [&] {
        page = testbed().try_curl("http://127.0.0.1:18080/").out;
        return !page.empty();
    });
    EXPECT_EQ(page, "hello from front\n");
    EXPECT_THAT(exec("the-front", {"cat", "/etc/hosts"}), HasSubstr("192.0.2.7"));
}

TEST_F(Deploy, binds_of_system_paths_need_the_hosts_consent) {
    AgentOptions options = agent_options();
    options.more = "policy: {allow: [\"bind:/etc/hostname\"]}\n";
    start_agent(options);
    deploy("open", "services:\n" + sleeper("a", "    volumes: [\"/etc/hostname:/h:ro\"]\n"));
    EXPECT_NE(exec(id_of("open", "a"), {"cat", "/h"}), "");

    put("shut", "services:\n" + sleeper("a", "    volumes: [\"/etc/passwd:/h:ro\"]\n"));
    await_degraded("shut", "/etc/passwd");
    EXPECT_TRUE(ids("shut").empty());
    put("socket", "services:\n" +
                      sleeper("a", fmt::format("    volumes: [\"{}:/s\"]\n", "/run/docker.sock")));
    await_phase("socket", "degraded");
    EXPECT_TRUE(ids("socket").empty());
}

TEST_F(Deploy, a_missing_image_is_a_stable_error_until_it_is_there) {
    AgentOptions options = agent_options();
    options.backoff = "{initial: 100ms, max: 500ms, stable: 10s}";
    start_agent(options);
    put("shop",
        "services:\n  web:\n    image: nap/later:1\n    command: sleep 1000\n"
        "    stop_signal: KILL\n");
    await_degraded("shop", "nap/later:1");
    docker().tag("nap/busybox:1", "nap/later");
    await_converged("shop");
    docker().cli({"rmi", "nap/later:1", "--no-prune"});
}

TEST_F(Deploy, agents_with_other_prefixes_and_apps_with_similar_names_stay_apart) {
    Agent& first = start_agent();
    AgentOptions options = agent_options();
    options.prefix = prefix() + "x";
    Agent& second = start_agent(options);
    deploy("app1", "services:\n" + sleeper("a"));
    deploy("app10", "services:\n" + sleeper("a"));
    const std::string other = "services:\n" + sleeper("b");
    consul().put(options.prefix + "/apps/other", other);
    const auto phase_of_other = [&] {
        const json document = consul().get_json(options.prefix + "/status/other");
        return document.is_null() ? "" : document.at("phase").get<std::string>();
    };
    await("the other agent's app runs", [&] { return phase_of_other() == "converged"; });
    const Lives app10 = lives("app10");
    const Lives others = lives("other");
    EXPECT_EQ(others.size(), 1U);

    unput("app1");
    await_gone("app1");
    EXPECT_EQ(lives("app10"), app10);
    EXPECT_EQ(lives("other"), others);
    EXPECT_TRUE(first.running());
    EXPECT_TRUE(second.running());
    EXPECT_EQ(phase_of_other(), "converged");
    consul().remove_tree(options.prefix + "/");
}

TEST_F(Deploy, the_same_app_under_two_prefixes_is_a_stable_error_for_the_later_one) {
    start_agent();
    AgentOptions options = agent_options();
    options.prefix = prefix() + "x";
    start_agent(options);
    deploy("shop", "services:\n" + sleeper("a"));
    const Lives before = lives("shop");
    consul().put(options.prefix + "/apps/shop", "services:\n" + sleeper("a"));
    await("the later one is degraded", [&] {
        const json document = consul().get_json(options.prefix + "/status/shop");
        return !document.is_null() && document.at("phase") == "degraded";
    });
    // The removal of what it could never create must not remove what others made.
    consul().remove(options.prefix + "/apps/shop");
    await("the later one is gone",
          [&] { return consul().get_json(options.prefix + "/status/shop").is_null(); });
    EXPECT_EQ(lives("shop"), before);
    EXPECT_EQ(status("shop").at("phase"), "converged");
    consul().remove_tree(options.prefix + "/");
}

TEST_F(Deploy, keys_with_an_extension_name_the_same_app_and_two_for_one_app_are_an_error) {
    start_agent();
    consul().put(key("apps/shop.yml"), "services:\n" + sleeper("a"));
    await("it runs", [&] {
        const json document = status("shop");
        return !document.is_null() && document.at("phase") == "converged";
    });
    const Lives before = lives("shop");
    ASSERT_EQ(before.size(), 1U);
    put("shop", "services:\n" + sleeper("b"));
    await("two manifests are an error", [&] { return status("shop").at("phase") == "invalid"; });
    EXPECT_EQ(lives("shop"), before);
    unput("shop");
    await("it is well again", [&] { return status("shop").at("phase") == "converged"; });
    EXPECT_EQ(lives("shop"), before);
}

}  // namespace
}  // namespace nap::test
