// A host is lost in one way or another: what it ran runs elsewhere. It comes back: exactly one copy
// of each instance is left, and nothing that is not nap's has been touched.

#include <fmt/format.h>

#include "cluster/cluster_test.hpp"

namespace nap::test {
namespace {

struct Loss {
    const char* name;
    void (*lose)(const std::string& host);
    void (*bring_back)(const std::string& host);
    milliseconds detected_max;  ///< until all runs elsewhere
};

void PrintTo(const Loss& loss, std::ostream* out) {
    *out << loss.name;
}

class HostLoss : public ClusterTest, public ::testing::WithParamInterface<Loss> {
  protected:
    static constexpr int replicas = 6;
    const std::string manifest =
        "services:\n" + sleeper("web", std::string(on_bridge) + "    deploy: {replicas: 6}\n") +
        sleeper("db", on_bridge);

    struct Foreign {
        std::string host;
        std::string id;
        Life life;
    };
    static Life life_of(const std::string& host, const std::string& id) {
        const json container = cluster().docker(host).inspect(id);
        if (container.is_null()) return {};
        return {.id = id, .started_at = container.at("State").at("StartedAt")};
    }
    static std::vector<Foreign> run_foreigners() {
        std::vector<Foreign> found;
        for (const std::string& host : all_hosts) {
            const std::string id = cluster().docker(host).run_foreign(
                "stranger", {"--label", "com.docker.compose.project=shop"});
            found.push_back({.host = host, .id = id, .life = life_of(host, id)});
        }
        return found;
    }
    bool is_whole(const Names& hosts) const {
        return whole("shop", "web", replicas, hosts) && whole("shop", "db", 1, hosts);
    }
};

TEST_P(HostLoss, its_instances_run_elsewhere_and_one_copy_of_each_is_left) {
    const Loss& loss = GetParam();
    deploy("shop", manifest);
    ASSERT_TRUE(is_whole(all_hosts));
    const std::vector<Foreign> foreigners = run_foreigners();
    const std::string lost = follower();
    const Names others = hosts_but({lost});
    const Copies safe = copies("shop", others);

    const auto began = Steady::now();
    loss.lose(lost);
    await("all of it runs on the others", [&] { return is_whole(others); },
          {.limit = loss.detected_max});
    fmt::print("  elsewhere after {:.1f} s\n", seconds_since(began));
    const Copies now = copies("shop", others);
    for (const Copy& copy : safe)
        EXPECT_THAT(now, ::testing::Contains(copy)) << "moved without need";

    const auto back = Steady::now();
    loss.bring_back(lost);
    await("exactly one copy of each is left", [&] { return is_whole(all_hosts); });
    await_converged("shop");
    fmt::print("  whole again after {:.1f} s\n", seconds_since(back));
    const Lives settled = lives("shop");
    hold(
        "it stays so", [&] { return lives("shop") == settled; }, milliseconds(1'500));
    for (const Foreign& foreigner : foreigners) {
        const Life life = life_of(foreigner.host, foreigner.id);
        EXPECT_EQ(life, foreigner.life) << "the stranger on " << foreigner.host;
    }
    // The host takes part again: a container on every host.
    deploy("everywhere", "services:\n" + sleeper("web", "    deploy: {mode: global}\n"));
    await("it has work again", [&] { return copies("everywhere").size() == 3; });
}

INSTANTIATE_TEST_SUITE_P(
    Ways, HostLoss,
    ::testing::Values(
        Loss{"cut_off", [](const std::string& host) { cluster().cut(host); },
             [](const std::string& host) { cluster().heal(host); }, milliseconds(15'000)},
        Loss{"agent_killed", [](const std::string& host) { cluster().kill(host, "nap"); },
             [](const std::string& host) { cluster().start(host, "nap"); }, milliseconds(15'000)},
        Loss{"agent_frozen", [](const std::string& host) { cluster().freeze(host, "nap"); },
             [](const std::string& host) { cluster().thaw(host, "nap"); }, milliseconds(15'000)},
        Loss{"dockerd_killed", [](const std::string& host) { cluster().kill(host, "docker"); },
             [](const std::string& host) { cluster().start(host, "docker"); },
             milliseconds(25'000)},
        Loss{"dockerd_frozen", [](const std::string& host) { cluster().freeze(host, "docker"); },
             [](const std::string& host) { cluster().thaw(host, "docker"); }, milliseconds(40'000)},
        Loss{"powered_off", [](const std::string& host) { cluster().power_off(host); },
             [](const std::string& host) { cluster().power_on(host); }, milliseconds(20'000)}),
    [](const ::testing::TestParamInfo<Loss>& loss) { return std::string(loss.param.name); });

class ShortLoss : public ClusterTest {};

TEST_F(ShortLoss, a_loss_shorter_than_the_grace_moves_nothing) {
    deploy("shop", "services:\n" + sleeper("web", "    deploy: {replicas: 6}\n"));
    const Lives before = lives("shop");
    const std::string host = follower();
    cluster().cut(host);
    hold(
        "nothing moves", [&] { return lives("shop") == before; }, milliseconds(3'000));
    cluster().heal(host);
    cluster().kill(host, "nap");
    cluster().start(host, "nap");
    hold(
        "nothing moves", [&] { return lives("shop") == before; }, milliseconds(6'000));
    await_converged("shop");
    EXPECT_EQ(lives("shop"), before);
}

TEST_F(ShortLoss, the_loss_of_most_hosts_at_once_is_held_until_approved) {
    deploy("shop", "services:\n" + sleeper("web", "    deploy: {replicas: 6}\n"));
    const std::string left = await_leader_among(all_hosts);
    const Copies before = copies("shop", {left});
    const Names lost = hosts_but({left});
    for_each_at_once(lost, [](const std::string& host) { cluster().kill(host, "nap"); });
    await("the status says so", [&] { return phase("shop") == "held"; });
    EXPECT_THAT(nap_ok({"status"}), ::testing::HasSubstr("held"));
    hold(
        "nothing is moved", [&] { return copies("shop", {left}) == before; }, milliseconds(1'500));
    for_each_at_once(lost, [](const std::string& host) { cluster().start(host, "nap"); });
    await_converged("shop");
    EXPECT_EQ(copies("shop", {left}), before);

    for_each_at_once(lost, [](const std::string& host) { cluster().kill(host, "nap"); });
    await("the status says so", [&] { return phase("shop") == "held"; });
    nap_ok({"approve"});
    await("approved: all of it runs on the host that is left",
          [&] { return whole("shop", "web", 6, {left}); });
}

}  // namespace
}  // namespace nap::test
