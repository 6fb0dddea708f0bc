// What others own on the same engine is never touched.

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;

class Foreign : public NapTest {
  protected:
    AgentOptions quick() const {
        AgentOptions options = agent_options();
        options.backoff = "{initial: 50ms, max: 200ms, stable: 10s}";
        return options;
    }
    /// Waits for a status that names `object`, and for it to stay.
    void await_stable_error(const std::string& app, const std::string& object) const {
        await_phase(app, "degraded");
        await("the status names " + object, [&] { return message(app).find(object) != npos; });
        await_quiet(
            "the error is stable", [&] { return consul().modify_index(key("status/" + app)); },
            milliseconds(600));
        EXPECT_NE(message(app).find(object), npos);
    }
    std::string message(const std::string& app) const {
        const json document = status(app);
        return document.is_null() ? "" : document.at("message").get<std::string>();
    }
    static constexpr auto npos = std::string::npos;
};

TEST_F(Foreign, a_container_with_the_wanted_name_is_a_stable_named_error) {
    start_agent(quick());
    const std::string id = docker().run_foreign("shop-a-1");
    const json before = docker().inspect(id);
    put("shop", "services:\n" + sleeper("a"));
    await_stable_error("shop", "shop-a-1");
    EXPECT_EQ(docker().inspect(id).at("State"), before.at("State"));
    EXPECT_TRUE(ids("shop").empty());
    docker().remove(id);
    await_converged("shop");
    EXPECT_EQ(instance("shop", "a").at("Name"), "/shop-a-1");
}

TEST_F(Foreign, a_network_with_the_wanted_name_is_a_stable_named_error) {
    start_agent(quick());
    const std::string id = docker().cli({"network", "create", "shop_default"});
    put("shop", "services:\n" + sleeper("a"));
    await_stable_error("shop", "shop_default");
    EXPECT_EQ(docker().network("shop_default").at("Id"), id);
    unput("shop");
    await_gone("shop");
    EXPECT_EQ(docker().network("shop_default").at("Id"), id);

    put("shop", "services:\n" + sleeper("a"));
    await_phase("shop", "degraded");
    docker().cli({"network", "rm", "shop_default"});
    await_converged("shop");
    EXPECT_NE(docker().network("shop_default").at("Id"), id);
}

TEST_F(Foreign, a_volume_with_the_wanted_name_is_a_stable_named_error) {
    start_agent(quick());
    const std::string manifest =
        "services:\n" + sleeper("a", "    volumes: [\"data:/data\"]\n") + "volumes: {data: {}}\n";
    docker().cli({"volume", "create", "shop_data"});
    put("shop", manifest);
    await_stable_error("shop", "shop_data");
    EXPECT_TRUE(ids("shop").empty());
    docker().cli({"volume", "rm", "shop_data"});
    await_converged("shop");
    EXPECT_EQ(docker().volumes(), std::set<std::string>{"shop_data"});
}

TEST_F(Foreign, external_networks_and_volumes_are_used_and_never_removed) {
    start_agent();
    docker().cli({"network", "create", "theirs"});
    docker().cli({"volume", "create", "theirs"});
    deploy("shop", "services:\n" + sleeper("a", "    networks: [n]\n    volumes: [\"v:/data\"]\n") +
                       "networks: {n: {external: true, name: theirs}}\n"
                       "volumes: {v: {external: true, name: theirs}}\n");
    EXPECT_NE(address_of("shop", "a", "theirs"), "");
    unput("shop");
    await_gone("shop");
    EXPECT_EQ(docker().networks(), std::set<std::string>{"theirs"});
    EXPECT_EQ(docker().volumes(), std::set<std::string>{"theirs"});
}

TEST_F(Foreign, what_another_clusters_labels_say_is_theirs) {
    start_agent(quick());
    const std::vector<std::string> labels{
        "--label", "io.nap.cluster=00000000-0000-4000-8000-000000000000",
        "--label", "io.nap.app=shop",
        "--label", "io.nap.service=a",
        "--label", "io.nap.slot=1",
        "--label", "io.nap.revision=x",
        "--label", "io.nap.config-hash=x"};
    const std::string theirs = docker().run_foreign("theirs", labels);
    Argv network{"network", "create", "shop_back"};
    network.insert(network.end(), labels.begin(), labels.begin() + 4);
    docker().cli(network);
    const json before = docker().inspect(theirs);
    deploy("shop", "services:\n" + sleeper("a"));
    EXPECT_EQ(ids("shop").size(), 2U);
    unput("shop");
    await("ours is gone", [&] { return status("shop").is_null() && ids("shop").size() == 1; });
    EXPECT_EQ(docker().inspect(theirs).at("State"), before.at("State"));
    EXPECT_EQ(docker().networks(), std::set<std::string>{"shop_back"});
}

TEST_F(Foreign, compose_labels_alone_do_not_make_a_container_naps) {
    start_agent(quick());
    const std::string theirs = docker().run_foreign(
        "composed",
        {"--label", "com.docker.compose.project=shop", "--label", "com.docker.compose.service=a",
         "--label", "com.docker.compose.container-number=1", "--label", "io.nap.app=shop"});
    deploy("shop", "services:\n" + sleeper("a"));
    const json before = docker().inspect(theirs);
    deploy("shop", "services:\n" + sleeper("b"));
    unput("shop");
    await("ours is gone", [&] { return status("shop").is_null() && ids("shop").size() == 1; });
    EXPECT_EQ(docker().inspect(theirs).at("State"), before.at("State"));
}

TEST_F(Foreign, a_renamed_container_of_ours_gets_its_name_back) {
    start_agent(quick());
    deploy("shop", "services:\n" + sleeper("a"));
    const Lives before = lives("shop");
    docker().cli({"rename", "shop-a-1", "elsewhere"});
    await("it has its name back", [&] { return instance("shop", "a").at("Name") == "/shop-a-1"; });
    EXPECT_EQ(lives("shop"), before);
}

}  // namespace
}  // namespace nap::test
