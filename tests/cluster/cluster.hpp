#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/consul.hpp"
#include "support/docker.hpp"

namespace nap::test {

using Names = std::vector<std::string>;

/// The hosts of every cluster.
inline const Names all_hosts{"nap1", "nap2", "nap3"};
/// Without these.
Names hosts_but(const Names& excluded);

/// Calls `work` for each of these at the same time; the first Failure of any is thrown.
void for_each_at_once(const Names& names, const std::function<void(const std::string&)>& work);

/// Three hosts, run by scripts/cluster. Engines and Consul agents are reached by sockets in the
/// file system: they answer also while their host is cut off from the others.
class Cluster {
  public:
    explicit Cluster(std::filesystem::path dir);

    /// Further options as scripts/cluster has them.
    void up(const Names& options);
    [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
    [[nodiscard]] const Docker& docker(const std::string& host) const { return docker_.at(host); }
    [[nodiscard]] const Consul& consul(const std::string& host) const { return consul_.at(host); }
    /// That of a host nothing was done to, as far as this object knows.
    [[nodiscard]] const Consul& consul() const;
    /// Where to reach a port of this host's loopback.
    [[nodiscard]] Endpoint loopback(const std::string& host, std::uint16_t port) const;

    void cut(const std::string& host);
    void heal(const std::string& host);
    void power_off(const std::string& host);
    void power_on(const std::string& host);
    /// Of the packets that arrive, for good; 0 ends it.
    void drop(const std::string& host, int percent);
    /// `what` is docker, consul or nap.
    void start(const std::string& host, const std::string& what);
    void stop(const std::string& host, const std::string& what);
    void kill(const std::string& host, const std::string& what);
    void freeze(const std::string& host, const std::string& what);
    void thaw(const std::string& host, const std::string& what);
    /// Brings back everything that was done to the hosts, except for nap, which stays ended.
    void repair();
    /// Until every host's Consul agent reads from a leader that sees all hosts. Servers that have
    /// just come back are members at once, but cannot elect a leader until they have caught up.
    void await_consul() const;

  private:
    void script(const Names& arguments) const;
    void repair_host(const std::string& host);
    bool consul_sees_all(const std::string& host) const;

    std::filesystem::path dir_;
    std::map<std::string, Docker> docker_;
    std::map<std::string, Consul> consul_;
    /// What was done to each host and not undone: `cut`, `off`, `drop`, `docker`, `consul`.
    std::map<std::string, std::set<std::string>> faults_;
};

/// The one of this run; set by main before the first test.
Cluster& cluster();
void set_cluster(Cluster* cluster);

}  // namespace nap::test
