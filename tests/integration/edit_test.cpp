// Manifests that change and go.

#include <fmt/format.h>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;

class Edit : public NapTest {};

std::string three_services(const std::string& of_b) {
    return "services:\n" + sleeper("a", "    links: [b]\n") + sleeper("b", of_b) + sleeper("c") +
           "volumes: {data: {}}\n";
}

TEST_F(Edit, changing_one_service_recreates_that_service_only) {
    start_agent();
    deploy("shop", three_services(""));
    const Lives before = lives("shop");
    deploy("shop", three_services("    environment: {X: \"1\"}\n"));
    Lives after = lives("shop");
    EXPECT_EQ(after.at("a/1"), before.at("a/1"));
    EXPECT_EQ(after.at("c/1"), before.at("c/1"));
    EXPECT_NE(after.at("b/1").id, before.at("b/1").id);
    EXPECT_EQ(ids("shop").size(), 3U);
    EXPECT_EQ(instance("shop", "b").at("Name"), "/shop-b-1");
    EXPECT_THAT(exec(after.at("b/1").id, {"env"}), HasSubstr("X=1"));

    // The same meaning in other words: a comment, another order, quotes.
    put("shop", "# the shop\nservices:\n" + sleeper("c") +
                    sleeper("b", "    environment: [\"X=1\"]\n") +
                    sleeper("a", "    links: [\"b\"]\n") + "volumes: {data: {}}\n");
    await_converged("shop");
    EXPECT_EQ(lives("shop"), after);
}

TEST_F(Edit, scaling_touches_only_what_it_must) {
    start_agent();
    const auto scaled = [](int replicas) {
        return "services:\n" +
               sleeper("web", fmt::format("    deploy: {{replicas: {}}}\n", replicas)) +
               sleeper("db");
    };
    deploy("shop", scaled(1));
    const Lives one = lives("shop");
    deploy("shop", scaled(4));
    const Lives four = lives("shop");
    EXPECT_EQ(four.size(), 5U);
    for (const auto& [name, life] : one)
        EXPECT_EQ(four.at(name), life) << name;
    EXPECT_EQ(status("shop").at("services").at("web").at("running"), 4);

    deploy("shop", scaled(2));
    const Lives two = lives("shop");
    EXPECT_EQ(two.size(), 3U);
    for (const auto& [name, life] : two)
        EXPECT_EQ(four.at(name), life) << name;
    EXPECT_TRUE(two.contains("web/2"));
    EXPECT_EQ(ids("shop").size(), 3U);

    deploy("shop", scaled(0));
    EXPECT_EQ(ids("shop").size(), 1U);
}

TEST_F(Edit, a_service_that_leaves_the_manifest_goes_and_its_network_too) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("a") + sleeper("b", "    networks: [back]\n") +
                       "networks: {back: {}}\n");
    EXPECT_EQ(docker().networks().size(), 2U);
    const Lives before = lives("shop");
    deploy("shop", "services:\n" + sleeper("a"));
    EXPECT_EQ(ids("shop"), std::vector<std::string>{before.at("a/1").id});
    EXPECT_EQ(lives("shop").at("a/1"), before.at("a/1"));
    EXPECT_EQ(docker().networks(), std::set<std::string>{"shop_default"});
}

TEST_F(Edit, deleting_the_key_removes_containers_and_networks_and_keeps_volumes) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("a", "    volumes: [\"data:/data\"]\n") +
                       "volumes: {data: {}}\n");
    deploy("other", "services:\n" + sleeper("a"));
    const Lives other = lives("other");
    exec(id_of("shop", "a"), {"touch", "/data/kept"});
    unput("shop");
    await_gone("shop");
    EXPECT_EQ(docker().networks(), std::set<std::string>{"other_default"});
    EXPECT_EQ(docker().volumes(), std::set<std::string>{"shop_data"});
    EXPECT_EQ(lives("other"), other);

    deploy("shop", "services:\n" + sleeper("a", "    volumes: [\"data:/data\"]\n") +
                       "volumes: {data: {}}\n");
    exec(id_of("shop", "a"), {"test", "-e", "/data/kept"});
}

TEST_F(Edit, a_strangers_container_on_the_network_of_a_deleted_app_is_never_touched) {
    AgentOptions options = agent_options();
    options.backoff = "{initial: 100ms, max: 500ms, stable: 10s}";
    start_agent(options);
    deploy("shop", "services:\n" + sleeper("a"));
    const std::string stranger = docker().run_foreign("stranger", {"--network", "shop_default"});
    const json before = docker().inspect(stranger);
    unput("shop");
    await("the containers are gone and the network is named as the reason", [&] {
        const json document = status("shop");
        return ids("shop").empty() && !document.is_null() && document.at("phase") == "degraded" &&
               document.at("message").get<std::string>().find("shop_default") != std::string::npos;
    });
    const json after = docker().inspect(stranger);
    EXPECT_EQ(after.at("State"), before.at("State"));
    EXPECT_EQ(after.at("NetworkSettings").at("Networks"),
              before.at("NetworkSettings").at("Networks"));
    docker().remove(stranger);
    await_gone("shop");
    EXPECT_TRUE(docker().networks().empty());
}

TEST_F(Edit, an_app_deleted_and_put_again_at_once_runs) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("a") + sleeper("b"));
    unput("shop");
    put("shop", "services:\n" + sleeper("a"));
    await_converged("shop");
    EXPECT_EQ(lives("shop").size(), 1U);
    EXPECT_EQ(ids("shop").size(), 1U);
}

TEST_F(Edit, edits_in_quick_succession_end_with_the_last_one) {
    start_agent();
    for (int i = 0; i < 20; ++i) {
        put("shop",
            "services:\n" + sleeper("a", fmt::format("    environment: {{N: \"{}\"}}\n", i)));
    }
    await_converged("shop");
    EXPECT_THAT(exec(id_of("shop", "a"), {"env"}), HasSubstr("N=19"));
    EXPECT_EQ(ids("shop").size(), 1U);
}

TEST_F(Edit, a_replacement_that_cannot_be_created_leaves_the_old_one_running) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("a"));
    const Lives before = lives("shop");
    put("shop", "services:\n  a:\n    image: nap/no-such-image:1\n    command: sleep 1\n");
    await_degraded("shop", "nap/no-such-image:1");
    EXPECT_EQ(lives("shop"), before);
}

}  // namespace
}  // namespace nap::test
