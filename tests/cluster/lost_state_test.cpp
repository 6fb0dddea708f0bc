// Consul's content is older than it was, gone, or hidden: nothing is removed, and nap says so.

#include <fmt/format.h>

#include "cluster/cluster_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;

/// Consul's access rules, changed with the token that its first asker gets.
class Acl {
  public:
    /// To be called whenever Consul's data has been wiped.
    static void forget() { management().clear(); }

    static json call(const std::string& method, const std::string& path, const json& body) {
        const std::string with_token = path + "?token=" + management();
        const auto answer = http(cluster().consul().endpoint(),
                                 {.method = method, .path = with_token, .body = body.dump()});
        if (answer.status != 200) throw Failure(path + ": " + answer.body);
        return json::parse(answer.body);
    }
    static const std::string& token() {
        if (management().empty()) {
            await("access rules can be made", [] {
                const auto answer = http(cluster().consul().endpoint(),
                                         {.method = "PUT", .path = "/v1/acl/bootstrap"});
                if (answer.status != 200) return false;
                management() = json::parse(answer.body).at("SecretID");
                return true;
            });
        }
        return management();
    }

  private:
    static std::string& management() {
        static std::string secret;
        return secret;
    }
};

class LostState : public ClusterTest {
  protected:
    static std::string app(int replicas) {
        return fmt::format("services:\n{}",
                           sleeper("web", fmt::format("    deploy: {{replicas: {}}}\n", replicas)));
    }
    void deploy_two() {
        deploy("shop", app(6));
        deploy("other", app(3));
        before_ = both();
    }
    std::pair<Lives, Lives> both() const { return {lives("shop"), lives("other")}; }
    void expect_nothing_stops() const {
        hold(
            "nothing is removed", [&] { return both() == before_; }, milliseconds(5'000));
    }
    /// A person who asks is told.
    void expect_held() {
        await("nap status says what is held",
              [&] { return nap({"status"}).out.find("held") != std::string::npos; });
        await("and so does the leader's metric", [&] {
            return std::any_of(all_hosts.begin(), all_hosts.end(), [&](const std::string& host) {
                const std::string text = agent_get(host, "/metrics").body;
                return text.find("\nnap_holds ") != std::string::npos &&
                       text.find("\nnap_holds 0") == std::string::npos;
            });
        });
    }
    void put_again_and_converge() {
        put("shop", app(6));
        put("other", app(3));
        await_converged("shop");
        await_converged("other");
        EXPECT_EQ(both(), before_);
    }
    static Argv consul_command(const Argv& arguments) {
        Argv argv{"consul"};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        return argv;
    }
    static void snapshot(const std::string& action, const std::string& file) {
        run_ok({"consul", "snapshot", action, "-http-addr=" + consul().address(),
                "-token=" + Acl::token(), file});
    }

    std::pair<Lives, Lives> before_;
};

TEST_F(LostState, an_older_snapshot_restored) {
    const std::string file = cluster().dir() / "snapshot";
    deploy("shop", app(2));
    snapshot("save", file);
    deploy_two();
    snapshot("restore", file);
    expect_nothing_stops();
    expect_held();
    // A person decides that the older state is what is wanted.
    nap_ok({"approve"});
    await("what the older state says",
          [&] { return whole("shop", "web", 2) && copies("other").empty(); });
    await_converged("shop");
}

TEST_F(LostState, all_keys_deleted) {
    deploy_two();
    run_ok(
        {"consul", "kv", "delete", "-http-addr=" + consul().address(), "-recurse", prefix() + "/"});
    expect_nothing_stops();
    expect_held();
    put_again_and_converge();
}

TEST_F(LostState, consuls_data_wiped_on_all_hosts) {
    deploy_two();
    for_each_at_once(all_hosts, [](const std::string& host) {
        cluster().kill(host, "consul");
        std::filesystem::remove_all(cluster().dir() / host / "consul/data");
    });
    Acl::forget();
    for_each_at_once(all_hosts, [](const std::string& host) { cluster().start(host, "consul"); });
    await("the agents are known again", [&] { return nodes().size() == 3; });
    expect_nothing_stops();
    expect_held();
    put_again_and_converge();
}

class RevokedToken : public LostState {
  protected:
    void SetUp() override {
        Acl::token();
        policy_ =
            Acl::call("PUT", "/v1/acl/policy", {{"Name", prefix()}, {"Rules", rules("write")}})
                .at("ID");
        const json token =
            Acl::call("PUT", "/v1/acl/token", {{"Policies", json::array({{{"ID", policy_}}})}});
        const auto file = cluster().dir() / (prefix() + ".token");
        write_file(file, token.at("SecretID"));
        std::filesystem::permissions(file, std::filesystem::perms::owner_read);
        more_consul = ", token_file: " + file.string();
        LostState::SetUp();
    }
    std::string rules(const std::string& right) const {
        return fmt::format(
            "key_prefix \"{}/\" {{ policy = \"{}\" }}\n"
            "session_prefix \"\" {{ policy = \"write\" }}\n"
            "agent_prefix \"\" {{ policy = \"write\" }}\n"
            "node_prefix \"\" {{ policy = \"write\" }}\n"
            "service_prefix \"\" {{ policy = \"write\" }}\n",
            prefix(), right);
    }
    void set_right(const std::string& right) const {
        Acl::call("PUT", "/v1/acl/policy/" + policy_,
                  {{"ID", policy_}, {"Name", prefix()}, {"Rules", rules(right)}});
    }

    std::string policy_;
};

TEST_F(RevokedToken, a_right_to_read_that_is_taken_away_removes_nothing) {
    deploy_two();
    std::map<std::string, std::size_t> told;
    for (const std::string& host : all_hosts)
        told[host] = read_file(log(host)).size();
    set_right("deny");
    expect_nothing_stops();
    // The agents may not even write a status: their logs have to tell.
    for (const std::string& host : all_hosts) {
        await("the log of " + host + " says so", [&] {
            const std::string text = read_file(log(host)).substr(told.at(host));
            return text.find("Z warn") != std::string::npos ||
                   text.find("Z error") != std::string::npos;
        });
    }
    // A restart does not make it believe in what it cannot see.
    for_each_at_once(all_hosts, [](const std::string& host) {
        cluster().kill(host, "nap");
        cluster().start(host, "nap");
    });
    expect_nothing_stops();
    set_right("write");
    put_again_and_converge();
}

}  // namespace
}  // namespace nap::test
