#pragma once

#include <set>
#include <string>
#include <utility>

#include "sim/cluster.hpp"

namespace nap::sim {

/// What one seed stands for: a cluster, operators who change their minds, and trouble of every
/// kind for a while; then all is mended, and within bounded time everything has to be as wanted and
/// stay so without a further change.
class Story {
  public:
    struct Options {
        std::uint64_t seed = 0;
        std::size_t hosts = 1;
        bool routed = false;
        std::string folder;
        bool keep_log = false;
    };
    explicit Story(const Options& options);

    /// True when nothing forbidden happened and all came to rest.
    bool run();

    [[nodiscard]] const Kernel& kernel() const { return cluster_.kernel; }
    /// Virtual time from the end of all trouble to rest.
    [[nodiscard]] nanoseconds recovery() const { return recovery_; }

  private:
    enum class Kind { calm, calls, hosts, store, everything };

    void furnish(SimHost& host);
    /// Adds to the log what Consul holds.
    void note_keys();
    void open_for_business();
    void make_trouble();
    void mend();
    void await_rest();
    void demand_quiet();

    void next_action();
    void operators_act();
    void containers_act();
    void hosts_act();
    void store_acts();
    void engine_acts(SimHost& host);

    void disturb_container(SimHost& host, const ContainerId& id);
    void restart_later(SimHost& host, nanoseconds after);
    void lose_history();
    void lose_power(SimHost& host);
    [[nodiscard]] Habit habit(const SimHost& host, const SimContainer& container);
    [[nodiscard]] SimHost& any_host() {
        return *cluster_.hosts[random_.below(cluster_.hosts.size())];
    }
    [[nodiscard]] nanoseconds up_to(nanoseconds most) {
        return random_.between(std::chrono::milliseconds(1), most);
    }

    Cluster cluster_;
    Random& random_;
    AppMaker maker_;
    Kind kind_;
    bool troubled_ = true;
    ConsulTables snapshot_;
    std::set<std::pair<std::string, std::string>> sick_;  ///< app, service
    int versions_ = 0;
    nanoseconds recovery_{};
};

}  // namespace nap::sim
