// The commands about a cluster, against a real Consul. Agents would change what these look at: what
// they would write is written here.

#include <fmt/format.h>

#include <thread>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char manifest[] =
    "services:\n"
    "  web: {image: nginx, ports: [\"80:80\"], deploy: {replicas: 3}}\n"
    "  db: {image: redis, volumes: [\"data:/data\"]}\n"
    "volumes: {data: }\n";

class ClusterCommands : public NapTest {
  protected:
    static constexpr int ok = 0;
    static constexpr int not_found = 4;
    static constexpr int timed_out = 8;

    ClusterCommands() : nap_(dir() / "nap", agent_options()) {
        put_node("nap0");
        put_node("nap1");
        put("shop", manifest);
        assign("nap0", {"db", "web"});
        assign("nap1", {});
    }

    void put_node(const std::string& name) const {
        consul().put(key("nodes/" + name), json{{"schema", 1},
                                                {"node", name},
                                                {"address", "192.0.2.1"},
                                                {"engine_version", "20.10.24"},
                                                {"state", "ready"},
                                                {"labels", {{"zone", "a"}}}}
                                               .dump());
    }

    /// Slot 1 of each service.
    void assign(const std::string& node, const std::vector<std::string>& services) const {
        json instances = json::array();
        for (const std::string& service : services)
            instances.push_back({{"service", service}, {"slot", 1}});
        consul().put(key("assigned/" + node + "/shop"),
                     json{{"schema", 1},
                          {"cluster", "c"},
                          {"epoch", 1},
                          {"app", "shop"},
                          {"revision", "r"},
                          {"manifest", {{"file", "shop"}, {"text", manifest}}},
                          {"manifest_index", 1},
                          {"instances", instances},
                          {"remove", false}}
                         .dump());
    }

    Finished nap(const Argv& arguments) const { return nap_.nap(arguments); }

    /// Runs a command, and `act` once `until` holds.
    template <class Until, class Act>
    Finished nap_while(const Argv& arguments, Until until, Act act) const {
        Finished finished;
        std::thread command([&] { finished = nap(arguments); });
        std::exception_ptr failure;
        try {
            await("the command has begun", until);
            act();
        } catch (...) {
            failure = std::current_exception();
        }
        command.join();
        if (failure) std::rethrow_exception(failure);
        return finished;
    }

    /// Where requests to the leader are, wherever that is under the prefix.
    std::optional<std::string> key_that_ends_with(const std::string& end) const {
        for (const std::string& known : consul().keys(prefix() + "/")) {
            if (known.ends_with(end)) return known;
        }
        return std::nullopt;
    }
    std::optional<std::string> rebalance_key() const { return key_that_ends_with("/rebalance"); }
    json approved() const {
        const auto found = key_that_ends_with("/approved");
        return found ? consul().get_json(*found).at("ids") : json();
    }

    Agent nap_;  ///< never started
};

TEST_F(ClusterCommands, nodes_shows_also_those_that_are_lost) {
    assign("nap7", {"web"});
    const Finished text = nap({"nodes"});
    EXPECT_EQ(text.exit_code, ok) << text.err;
    EXPECT_THAT(text.out, HasSubstr("nap0  ready"));
    EXPECT_THAT(text.out, HasSubstr("nap7  lost"));
    const auto nodes = json::parse(nap({"nodes", "-o", "json"}).out);
    ASSERT_EQ(nodes.size(), 3U);
    EXPECT_EQ(nodes[0].at("instances"), 2);
    EXPECT_EQ(nodes[2].at("state"), "lost");
}

TEST_F(ClusterCommands, drain_follows_until_only_what_stays_is_left) {
    const auto asked = [&] { return consul().get(key("control/nap0")).has_value(); };
    const auto move = [&] {
        assign("nap1", {"web"});
        assign("nap0", {"db"});
    };
    const Finished drained = nap_while({"drain", "nap0", "-o", "json"}, asked, move);
    EXPECT_EQ(drained.exit_code, ok) << drained.err;
    const auto left = json::parse(drained.out).at("left");
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].at("service"), "db");
    EXPECT_THAT(left[0].at("why"), HasSubstr("its data is on this node"));
    EXPECT_EQ(consul().get_json(key("control/nap0")).at("draining"), true);
    EXPECT_THAT(nap({"nodes"}).out, HasSubstr("nap0  draining"));

    EXPECT_EQ(nap({"undrain", "nap0"}).exit_code, ok);
    EXPECT_FALSE(consul().get(key("control/nap0")));
    EXPECT_THAT(nap({"undrain", "nap0"}).err, HasSubstr("was not being drained"));
}

TEST_F(ClusterCommands, drain_ends_when_nothing_moves_in_time) {
    const Finished late = nap({"drain", "nap0", "--timeout", "200ms"});
    EXPECT_EQ(late.exit_code, timed_out);
    EXPECT_THAT(late.err, HasSubstr("nap0 still has shop web/1;"));
    EXPECT_THAT(nap({"drain", "nap1", "--timeout", "200ms"}).err,
                HasSubstr("no other node takes instances"));
}

TEST_F(ClusterCommands, an_unknown_node_is_not_drained) {
    const Finished drained = nap({"drain", "nap2"});
    EXPECT_EQ(drained.exit_code, not_found);
    EXPECT_THAT(drained.err, HasSubstr("did you mean `nap0`?"));
    EXPECT_FALSE(consul().get(key("control/nap2")));
    EXPECT_EQ(nap({"undrain", "nap2"}).exit_code, not_found);
}

TEST_F(ClusterCommands, explain_says_of_every_node_why_not) {
    const Finished text = nap({"explain", "shop"});
    EXPECT_EQ(text.exit_code, ok) << text.err;
    EXPECT_THAT(text.out, HasSubstr("web/2, web/3 cannot be placed"));
    EXPECT_THAT(text.out, HasSubstr("nap0  port 80/tcp is taken"));
    EXPECT_THAT(text.out, HasSubstr("nap1  would take it"));
    const auto one = json::parse(nap({"explain", "shop/db", "-o", "json"}).out);
    ASSERT_EQ(one.at("services").size(), 1U);
    EXPECT_EQ(one.at("services")[0].at("instances")[0].at("node"), "nap0");
    EXPECT_EQ(nap({"explain", "shop/wbe"}).exit_code, not_found);
    EXPECT_EQ(nap({"explain", "other"}).exit_code, not_found);
}

TEST_F(ClusterCommands, rebalance_asks_the_leader_and_tells_what_moved) {
    const json before = consul().dump(prefix() + "/");
    const Finished dry = nap({"rebalance", "--dry-run"});
    EXPECT_EQ(dry.exit_code, ok) << dry.err;
    EXPECT_EQ(consul().dump(prefix() + "/"), before);

    const auto asked = [&] { return rebalance_key().has_value(); };
    const auto move = [&] {
        assign("nap1", {"web"});
        assign("nap0", {"db"});
        consul().remove(*rebalance_key());
    };
    const Finished done = nap_while({"rebalance", "-o", "json"}, asked, move);
    EXPECT_EQ(done.exit_code, ok) << done.err;
    const auto moves = json::parse(done.out);
    ASSERT_EQ(moves.size(), 1U);
    EXPECT_EQ(moves[0].at("from"), "nap0");
    EXPECT_EQ(moves[0].at("to"), "nap1");
    EXPECT_EQ(nap({"rebalance", "--timeout", "200ms"}).exit_code, timed_out);
    EXPECT_THAT(nap({"rebalance", "--detach"}).err, HasSubstr("under way already"));
}

TEST_F(ClusterCommands, what_is_held_is_shown_and_released) {
    EXPECT_THAT(nap({"approve"}).err, HasSubstr("nothing is held"));
    EXPECT_EQ(nap({"approve"}).exit_code, ok);
    EXPECT_EQ(nap({"approve", "a"}).exit_code, not_found);
    EXPECT_THAT(nap({"status"}).out, Not(HasSubstr("held:")));
    const json holds = json::array({{{"id", "a"}, {"what", "removal"}, {"why", "too much"}},
                                    {{"id", "b"}, {"what", "losses"}, {"why", "too many"}}});
    consul().put(key("held"), json{{"schema", 1}, {"holds", holds}}.dump());
    EXPECT_THAT(nap({"status"}).out, HasSubstr("held: losses: too many; nap approve releases it"));

    EXPECT_EQ(nap({"approve", "c"}).exit_code, not_found);
    const Finished first = nap({"approve", "b"});
    EXPECT_EQ(first.exit_code, ok) << first.err;
    EXPECT_EQ(first.out, "released b: losses: too many\n");
    EXPECT_EQ(approved(), json({"b"}));
    EXPECT_EQ(nap({"approve", "a"}).exit_code, ok);
    EXPECT_EQ(approved(), json({"a", "b"}));
    EXPECT_EQ(json::parse(nap({"approve", "-o", "json"}).out).size(), 2U);
}

}  // namespace
}  // namespace nap::test
