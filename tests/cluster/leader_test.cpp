// Whatever becomes of the leader: there is one, and no write of an old one lands.

#include <fmt/format.h>

#include "cluster/cluster_test.hpp"

namespace nap::test {
namespace {

class Leader : public ClusterTest {
  protected:
    static std::string app(int replicas) {
        return "services:\n" +
               sleeper("web", fmt::format("{}    deploy: {{replicas: {}}}\n", on_bridge, replicas));
    }
    /// Everything leaders write: key → [ModifyIndex, value].
    json decisions() const {
        json found = consul().dump(key("assigned/"));
        found.update(consul().dump(key("status/")));
        found.update(consul().dump(key("leader")));
        return found;
    }
    /// The agents that say of themselves that they lead.
    Names who_claims_to_lead(const Names& hosts = all_hosts) const {
        Names found;
        for (const std::string& host : hosts) {
            const std::string text = agent_get(host, "/metrics").body;
            if (text.find("\nnap_leader 1") != std::string::npos) found.push_back(host);
        }
        return found;
    }
    void expect_one_leader() const {
        await("one leads, and knows it", [&] {
            const Names claims = who_claims_to_lead();
            return claims.size() == 1 && claims.front() == leader();
        });
    }
};

TEST_F(Leader, stopped_hands_over_at_once) {
    deploy("shop", app(3));
    const Lives before = lives("shop");
    const std::string first = await_leader_among(all_hosts);
    const std::uint64_t first_epoch = epoch();
    const auto began = Steady::now();
    cluster().stop(first, "nap");
    await_leader_among(hosts_but({first}));
    const double took = seconds_since(began);
    fmt::print("  another leads after {:.2f} s\n", took);
    EXPECT_LT(took, 2.0);
    EXPECT_GT(epoch(), first_epoch);
    cluster().start(first, "nap");
    await_converged("shop");
    EXPECT_EQ(lives("shop"), before) << "an agent's restart moves nothing";
    expect_one_leader();
}

TEST_F(Leader, killed_is_replaced) {
    deploy("shop", app(3));
    const std::string first = await_leader_among(all_hosts);
    const std::uint64_t first_epoch = epoch();
    const auto began = Steady::now();
    cluster().kill(first, "nap");
    await_leader_among(hosts_but({first}));
    const double took = seconds_since(began);
    fmt::print("  another leads after {:.2f} s\n", took);
    EXPECT_LT(took, 8.0);
    EXPECT_GT(epoch(), first_epoch);
    put("shop", app(6));
    await("the new leader acts", [&] { return whole("shop", "web", 6, hosts_but({first})); });
    cluster().start(first, "nap");
    // What it had is given up only once this host is heard of again.
    await("one copy of each is left", [&] { return whole("shop", "web", 6); });
    await_converged("shop");
    expect_one_leader();
}

TEST_F(Leader, cut_off_ceases_to_lead_and_nothing_of_its_lands) {
    deploy("shop", app(3));
    const std::string first = await_leader_among(all_hosts);
    const std::uint64_t first_epoch = epoch();
    cluster().cut(first);
    // A wish that only the old leader's own Consul agent could still have told it of.
    await("Consul has a leader again and takes it", [&] {
        try {
            put("late", app(2));
            return true;
        } catch (const Failure&) {
            return false;
        }
    });
    const Names others = hosts_but({first});
    await_leader_among(others);
    await("the new leader acts", [&] { return whole("late", "web", 2, others); });
    await("the old one knows", [&] { return who_claims_to_lead({first}).empty(); });
    await("all runs on the others", [&] { return whole("shop", "web", 3, others); });
    const std::uint64_t second_epoch = epoch();
    EXPECT_GT(second_epoch, first_epoch);
    cluster().heal(first);
    await_converged("shop");
    await_converged("late");
    await("one copy of each is left",
          [&] { return whole("shop", "web", 3) && whole("late", "web", 2); });
    for (const std::string& host : all_hosts) {
        const json order = consul().get_json(key("assigned/" + host + "/late"));
        if (order.is_null()) continue;
        EXPECT_GE(order.at("epoch"), second_epoch) << "written by the old one";
    }
    expect_one_leader();
}

TEST_F(Leader, frozen_for_60_s_and_thawed_writes_nothing) {
    deploy("shop", app(3));
    deploy("gone", app(1));
    const std::string first = await_leader_among(all_hosts);
    const std::uint64_t first_epoch = epoch();
    const auto began = Steady::now();
    cluster().freeze(first, "nap");
    // It is told of these as soon as it thaws, with an old idea of who leads.
    put("shop", app(4));
    unput("gone");
    const Names others = hosts_but({first});
    await_leader_among(others);
    const std::uint64_t second_epoch = epoch();
    EXPECT_GT(second_epoch, first_epoch);
    await("all runs on the others", [&] { return whole("shop", "web", 4, others); });
    await("what was deleted is gone there", [&] { return copies("gone", others).empty(); });
    hold(
        "the others go on", [&] { return whole("shop", "web", 4, others); },
        std::chrono::duration_cast<milliseconds>(std::chrono::seconds(60) -
                                                 (Steady::now() - began)));
    cluster().thaw(first, "nap");
    hold(
        "nobody takes the lock", [&] { return epoch() == second_epoch; }, milliseconds(2'000));
    await("one copy of each is left",
          [&] { return whole("shop", "web", 4) && copies("gone").empty(); });
    await_converged("shop");
    expect_one_leader();
    EXPECT_NE(leader(), first);
    EXPECT_EQ(epoch(), second_epoch);
    for (const std::string& name : consul().keys(key("assigned/" + first + "/")))
        EXPECT_GE(consul().get_json(name).at("epoch").get<std::uint64_t>(), second_epoch) << name;
    const json settled = decisions();
    hold(
        "nothing more is decided", [&] { return decisions() == settled; }, milliseconds(1'500));
}

TEST_F(Leader, a_host_that_must_not_lead_does_not) {
    cluster().kill("nap1", "nap");
    cluster().kill("nap2", "nap");
    cluster().kill("nap3", "nap");
    await("nobody leads", [&] { return leader().empty(); });
    more_config += "lead: false\n";
    start_agents({"nap1", "nap2"});
    hold(
        "nobody takes it", [&] { return leader().empty(); }, milliseconds(1'500));
    more_config = more_config.substr(0, more_config.find("lead:"));
    start_agents({"nap3"});
    EXPECT_EQ(await_leader_among(all_hosts), "nap3");
}

}  // namespace
}  // namespace nap::test
