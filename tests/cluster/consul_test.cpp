// Three Consul servers, of which some or all are away for a while: no container stops.

#include <fmt/format.h>

#include "cluster/cluster_test.hpp"

namespace nap::test {
namespace {

class ConsulServers : public ClusterTest {
  protected:
    const std::string manifest =
        "services:\n" + sleeper("web", "    deploy: {replicas: 6}\n") + sleeper("db");

    static std::string raft_leader() {
        for (const std::string& host : all_hosts) {
            const auto answer = http(cluster().consul(host).endpoint(),
                                     {.path = "/v1/status/leader", .limit = milliseconds(1'000)});
            if (answer.status != 200) continue;
            for (const std::string& other : all_hosts) {
                const std::string address = fmt::format("192.168.77.1{}:", other.back());
                if (answer.body.find(address) != std::string::npos) return other;
            }
        }
        return "";
    }
    static bool writable() {
        const auto answer = http(
            cluster().consul().endpoint(),
            {.method = "PUT", .path = "/v1/kv/probe", .body = "x", .limit = milliseconds(1'000)});
        return answer.status == 200;
    }
    /// Every one of them still is what it was; there may be more.
    void expect_still_running(const Lives& before) const {
        const Lives now = lives("shop");
        for (const auto& [name, life] : before)
            EXPECT_EQ(now.contains(name) ? now.at(name) : Life{}, life) << name << " was stopped";
    }
};

TEST_F(ConsulServers, the_leading_server_lost_and_back) {
    deploy("shop", manifest);
    const Lives before = lives("shop");
    const std::string lost = raft_leader();
    cluster().kill(lost, "consul");
    await("the others elect one", [] { return writable(); });
    put("during", "services:\n" + sleeper("web"));
    await("nap goes on", [&] { return copies("during").size() == 1; });
    expect_still_running(before);
    // Long enough to count as lost: it keeps its containers until others have taken over, and
    // beyond.
    await("its instances run elsewhere too",
          [&] { return copies("shop", hosts_but({lost})).size() == 7; });
    expect_still_running(before);
    cluster().start(lost, "consul");
    await("one copy of each is left",
          [&] { return whole("shop", "web", 6) && whole("shop", "db", 1); });
    await_converged("shop");
    await_converged("during");
}

TEST_F(ConsulServers, quorum_lost_and_regained) {
    deploy("shop", manifest);
    const Lives before = lives("shop");
    const Names lost = hosts_but({"nap1"});
    for_each_at_once(lost, [](const std::string& host) { cluster().kill(host, "consul"); });
    await("Consul refuses", [] { return !writable(); });
    // What dies meanwhile is healed on its own host.
    const auto& [name, life] = *before.begin();
    cluster().docker(name.substr(0, 4)).signal(life.id);
    await("it runs again", [&] {
        const Lives now = lives("shop");
        return now.contains(name) && now.at(name) != life;
    });
    const Lives healed = lives("shop");
    hold(
        "nothing else stops", [&] { return lives("shop") == healed; }, milliseconds(12'000));
    for_each_at_once(lost, [](const std::string& host) { cluster().start(host, "consul"); });
    await("Consul takes writes", [] { return writable(); });
    put("after", "services:\n" + sleeper("web"));
    await_converged("after");
    await_converged("shop");
    EXPECT_EQ(lives("shop"), healed);
}

TEST_F(ConsulServers, restarted_one_after_the_other) {
    deploy("shop", manifest);
    const Lives before = lives("shop");
    for (const std::string& host : all_hosts) {
        cluster().stop(host, "consul");
        cluster().start(host, "consul");
        await("Consul takes writes", [] { return writable() && !raft_leader().empty(); });
        EXPECT_EQ(lives("shop"), before) << "after " << host;
    }
    put("after", "services:\n" + sleeper("web"));
    await_converged("after");
    await_converged("shop");
    EXPECT_EQ(lives("shop"), before);
}

}  // namespace
}  // namespace nap::test
