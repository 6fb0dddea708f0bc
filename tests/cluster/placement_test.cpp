// Where instances go, and what is said of those that cannot go anywhere.

#include <fmt/format.h>

#include "cluster/cluster_test.hpp"

namespace nap::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class PlacementOnHosts : public ClusterTest {
  protected:
    /// One sleeping service `web` with this `deploy:` section.
    static std::string app(const std::string& deploy, const std::string& more = "") {
        return "services:\n" + sleeper("web", "    deploy: " + deploy + "\n" + more);
    }
    /// One copy cannot be placed: the status says so, and `nap explain` why not, for every host.
    void expect_explained(const std::string& app, const std::string& word) {
        await_phase(app, "degraded");
        EXPECT_FALSE(status(app).at("message").get<std::string>().empty());
        const std::string text = nap_ok({"explain", app + "/web"});
        EXPECT_THAT(text, AllOf(HasSubstr("nap1"), HasSubstr("nap2"), HasSubstr("nap3")));
        EXPECT_THAT(text, HasSubstr(word));
    }
};

TEST_F(PlacementOnHosts, nine_instances_spread_evenly_and_follow_their_number) {
    deploy("shop", app("{replicas: 9}"));
    EXPECT_TRUE(whole("shop", "web", 9));
    EXPECT_THAT(per_host("shop"), ElementsAre(Pair("nap1", 3), Pair("nap2", 3), Pair("nap3", 3)));
    const Lives nine = lives("shop");

    deploy("shop", app("{replicas: 12}"));
    EXPECT_THAT(per_host("shop"), ElementsAre(Pair("nap1", 4), Pair("nap2", 4), Pair("nap3", 4)));
    const Lives twelve = lives("shop");
    for (const auto& [name, life] : nine)
        EXPECT_EQ(twelve.at(name), life) << name << " was moved or restarted";

    deploy("shop", app("{replicas: 3}"));
    EXPECT_TRUE(whole("shop", "web", 3));
    EXPECT_TRUE(nap_ok({"nodes"}).find("nap3") != std::string::npos);
}

TEST_F(PlacementOnHosts, constraints_are_honoured) {
    put("labelled", app("{replicas: 4, placement: {constraints: [\"node.labels.zone==b\"]}}"));
    put("named", app("{replicas: 2, placement: {constraints: [\"node.hostname==nap3\"]}}"));
    put("not", app("{replicas: 4, placement: {constraints: [\"node.labels.zone!=a\"]}}"));
    put("bounded", app("{replicas: 3, placement: {max_replicas_per_node: 1}}"));
    for (const char* name : {"labelled", "named", "not", "bounded"})
        await_converged(name);
    EXPECT_THAT(per_host("labelled"),
                ElementsAre(Pair("nap1", 0), Pair("nap2", 4), Pair("nap3", 0)));
    EXPECT_THAT(per_host("named"), ElementsAre(Pair("nap1", 0), Pair("nap2", 0), Pair("nap3", 2)));
    EXPECT_EQ(per_host("not").at("nap1"), 0);
    EXPECT_EQ(copies("not").size(), 4U);
    EXPECT_THAT(per_host("bounded"),
                ElementsAre(Pair("nap1", 1), Pair("nap2", 1), Pair("nap3", 1)));
}

TEST_F(PlacementOnHosts, global_services_run_once_on_every_host_that_fits) {
    put("all", app("{mode: global}"));
    put("some", app("{mode: global, placement: {constraints: [\"node.labels.zone!=c\"]}}"));
    await_converged("all");
    await_converged("some");
    EXPECT_THAT(per_host("all"), ElementsAre(Pair("nap1", 1), Pair("nap2", 1), Pair("nap3", 1)));
    EXPECT_THAT(per_host("some"), ElementsAre(Pair("nap1", 1), Pair("nap2", 1), Pair("nap3", 0)));
}

TEST_F(PlacementOnHosts, published_ports_keep_instances_apart) {
    const std::string ports = "    ports: [\"8080:80\"]\n";
    deploy("shop", app("{replicas: 3}", ports));
    EXPECT_THAT(per_host("shop"), ElementsAre(Pair("nap1", 1), Pair("nap2", 1), Pair("nap3", 1)));
    const Lives three = lives("shop");
    put("shop", app("{replicas: 4}", ports));
    expect_explained("shop", "8080");
    EXPECT_EQ(lives("shop"), three);
    // Also among apps.
    put("other", app("{replicas: 1}", ports));
    expect_explained("other", "8080");
    EXPECT_TRUE(copies("other").empty());
}

TEST_F(PlacementOnHosts, reservations_fill_hosts_and_no_more) {
    const json info = json::parse(cluster().docker("nap1").cli({"info", "-f", "{{json .}}"}));
    const double cpus = 0.6 * info.at("NCPU").get<double>();
    const std::string half =
        fmt::format("resources: {{reservations: {{cpus: \"{:.2f}\", memory: 10M}}}}", cpus);
    deploy("shop", app("{replicas: 3, " + half + "}"));
    EXPECT_THAT(per_host("shop"), ElementsAre(Pair("nap1", 1), Pair("nap2", 1), Pair("nap3", 1)));
    put("shop", app("{replicas: 4, " + half + "}"));
    expect_explained("shop", "CPU");
    EXPECT_EQ(copies("shop").size(), 3U);
    const auto bytes = info.at("MemTotal").get<std::uint64_t>();
    const std::string all =
        fmt::format("resources: {{reservations: {{memory: \"{}\"}}}}", bytes + 1);
    put("large", app("{" + all + "}"));
    expect_explained("large", "memory");
    EXPECT_TRUE(copies("large").empty());
}

TEST_F(PlacementOnHosts, an_impossible_instance_says_why_for_every_host_and_disturbs_nobody) {
    deploy("well", app("{replicas: 3}"));
    const Lives before = lives("well");
    put("shop", app("{placement: {constraints: [\"node.labels.zone==z\"]}}"));
    expect_explained("shop", "zone");
    EXPECT_TRUE(copies("shop").empty());
    EXPECT_EQ(lives("well"), before);
    deploy("shop", app("{placement: {constraints: [\"node.labels.zone==a\"]}}"));
    EXPECT_EQ(only("shop", "web/1").host, "nap1");
}

TEST_F(PlacementOnHosts, strategies_and_colocation_are_the_apps_choice) {
    put("full", "x-nap: {strategy: binpack}\n" + app("{replicas: 4}"));
    put("kept", "x-nap: {colocate: true}\nservices:\n" + sleeper("a") + sleeper("b") +
                    sleeper("c", "    deploy: {replicas: 2}\n"));
    await_converged("full");
    await_converged("kept");
    for (const char* name : {"full", "kept"}) {
        const Copies found = copies(name);
        ASSERT_EQ(found.size(), 4U) << name;
        for (const Copy& copy : found)
            EXPECT_EQ(copy.host, found.front().host) << name;
    }
}

TEST_F(PlacementOnHosts, a_condition_is_waited_for_on_another_host) {
    put("shop", "services:\n" +
                    sleeper("db",
                            "    healthcheck: {test: [CMD, test, -e, /ready], interval: 200ms}\n"
                            "    deploy: {placement: {constraints: [node.hostname==nap2]}}\n") +
                    sleeper("web",
                            "    depends_on: {db: {condition: service_healthy}}\n"
                            "    deploy: {placement: {constraints: [node.hostname==nap1]}}\n"));
    await("db runs", [&] { return copies("shop", {"nap2"}).size() == 1; });
    await("web waits", [&] {
        return read_file(log("nap1"))
                   .find("web/1: waits for db/1, which is on another node, to be healthy") !=
               std::string::npos;
    });
    const std::string id = only("shop", "db/1").id;
    EXPECT_TRUE(copies("shop", {"nap1"}).empty());
    const std::string ready = cluster().docker("nap2").cli(
        {"exec", id, "sh", "-c", "date -u +%Y-%m-%dT%H:%M:%S; touch /ready"});
    await_converged("shop");
    const json web = cluster().docker("nap1").inspect(only("shop", "web/1").id);
    EXPECT_GE(web.at("State").at("StartedAt").get<std::string>(), ready.substr(0, 19));
}

TEST_F(PlacementOnHosts, a_drained_host_is_emptied_and_an_undrained_one_filled_again) {
    deploy("shop", app("{replicas: 6}"));
    const Lives before = lives("shop");
    nap_ok({"drain", "nap2"});
    await("it is empty and the others have all",
          [&] { return per_host("shop").at("nap2") == 0 && whole("shop", "web", 6); });
    await_converged("shop");
    EXPECT_THAT(nap_ok({"nodes"}), HasSubstr("draining"));
    const Lives drained = lives("shop");
    for (const auto& [name, life] : before) {
        if (name.starts_with("nap2")) continue;
        EXPECT_EQ(drained.at(name), life) << name;
    }
    // Sticky: what runs well stays where it is until somebody asks.
    nap_ok({"undrain", "nap2"});
    put("more", app("{replicas: 3}"));
    await_converged("more");
    EXPECT_EQ(lives("shop"), drained);
    nap_ok({"rebalance", "--dry-run"});
    EXPECT_EQ(lives("shop"), drained);
    nap_ok({"rebalance"});
    await("the undrained host has its share again",
          [&] { return per_host("shop").at("nap2") >= 1 && whole("shop", "web", 6); });
    await_converged("shop");
}

}  // namespace
}  // namespace nap::test
