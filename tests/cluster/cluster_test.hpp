#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cluster/cluster.hpp"
#include "support/nap_test.hpp"

namespace nap::test {

/// A running container of an app.
struct Copy {
    std::string host;
    std::string instance;  ///< `web/1`
    std::string id;

    friend auto operator<=>(const Copy&, const Copy&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Copy& copy) {
        return out << copy.instance << " on " << copy.host << " " << copy.id.substr(0, 12);
    }
};
using Copies = std::vector<Copy>;

/// One test on the three hosts: its own prefix in KV and fresh agents. Afterwards the hosts are
/// whole and empty again; on failure the agents' logs and all documents are shown.
class ClusterTest : public ::testing::Test {
  protected:
    ClusterTest();
    void SetUp() override { start_agents(all_hosts); }
    void TearDown() override;

    /// For services whose hosts lose the swarm's leader: until it has another, Docker starts
    /// nothing on overlay networks and makes no network, which it takes up to 20 s for.
    /// guestbook_test.cpp has losses with networks.
    static constexpr const char* on_bridge = "    network_mode: bridge\n";

    /// Further lines of every agent's configuration file; read by SetUp.
    std::string more_config = "failover: {grace: 1s}\nnetwork: {routed: true}\n";
    /// Further keys of its `consul:` section, as `, token_file: F`.
    std::string more_consul;
    /// Starts these hosts' agents and waits until they are ready and known in Consul.
    void start_agents(const Names& hosts);

    const std::string& prefix() const { return prefix_; }
    std::string key(const std::string& rest) const { return prefix_ + "/" + rest; }
    static const Consul& consul() { return cluster().consul(); }

    void put(const std::string& app, const std::string& manifest) const;
    void unput(const std::string& app) const;
    json status(const std::string& app) const;
    std::string phase(const std::string& app) const;
    /// The status answers the manifest as it is in KV now, with this phase.
    bool is_phase(const std::string& app, const std::string& phase) const;
    void await_phase(const std::string& app, const std::string& phase,
                     milliseconds limit = milliseconds(40'000)) const;
    void await_converged(const std::string& app, milliseconds limit = milliseconds(40'000)) const {
        await_phase(app, "converged", limit);
    }
    void deploy(const std::string& app, const std::string& manifest) const;

    /// Running containers of the app on these hosts, sorted; an engine that does not answer has
    /// none.
    Copies copies(const std::string& app, const Names& hosts = all_hosts) const;
    /// How many of them each host has, those with none too.
    std::map<std::string, int> per_host(const std::string& app) const;
    /// Where the only copy runs. Throws Failure when there is not exactly one.
    Copy only(const std::string& app, const std::string& instance) const;
    /// Whether each of `count` slots of the service runs exactly once on these hosts.
    bool whole(const std::string& app, const std::string& service, int count,
               const Names& hosts = all_hosts) const;
    /// Each copy by `nap1 web/1`, with the start of its run.
    Lives lives(const std::string& app) const;

    /// Who leads, by the lock; empty when nobody does.
    std::string leader() const;
    std::uint64_t epoch() const;
    std::string await_leader_among(const Names& hosts,
                                   milliseconds limit = milliseconds(20'000)) const;
    /// A host that does not lead.
    std::string follower() const;
    std::set<std::string> nodes() const;

    /// A command of nap, as a person outside of the hosts would give it.
    Finished nap(Argv arguments, milliseconds limit = milliseconds(60'000)) const;
    /// As `nap`; throws Failure unless it exits with 0.
    std::string nap_ok(const Argv& arguments) const;
    HttpResponse agent_get(const std::string& host, const std::string& path) const;
    static std::filesystem::path log(const std::string& host);
    static double seconds_since(Steady::time_point then);

  private:
    std::string describe() const;
    void write_config(const std::string& host) const;
    static std::string look(const Argv& command);
    std::filesystem::path data_dir(const std::string& host) const;

    std::string prefix_;
};

}  // namespace nap::test
