#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/referee.hpp"

namespace nap::sim {

/// A simulated cluster: hosts with agents, engines and disks, one Consul, and operators. Everything
/// in it happens in an order that the seed decides.
class Cluster {
  public:
    struct Options {
        std::uint64_t seed = 0;
        std::size_t hosts = 1;
        bool routed = false;    ///< hosts reach each other's bridges
        std::string folder;     ///< for the hosts' disks; made, and removed at the end
        bool keep_log = false;  ///< every event, and what the agents log, is kept
    };
    explicit Cluster(const Options& options);
    ~Cluster();
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    /// Lets `duration` of virtual time pass, or less when something forbidden happens.
    void run_for(nanoseconds duration);
    [[nodiscard]] bool failed() const { return !kernel.violation().empty(); }

    // What operators do.
    void put_app(const std::string& app, const WantedApp& wanted);
    void put_garbage(const std::string& app, const std::string& text);
    void remove_app(const std::string& app);
    /// What a person does after Consul has lost something: every manifest as it shall be, no other,
    /// and the sentinel.
    void restore_manifests();
    /// Says yes to whatever is held.
    void approve_all();
    void drain(const SimHost& host, bool draining);

    [[nodiscard]] static std::string app_key(const std::string& app) { return "nap/apps/" + app; }

    Kernel kernel;
    FaultRates rates;
    ConsulState consul{kernel};
    Wishes wishes;
    std::vector<std::unique_ptr<SimHost>> hosts;
    Referee referee{kernel, wishes, consul, hosts};
    /// How containers behave: asked at each start.
    std::function<Habit(const SimHost&, const SimContainer&)> habit;
    /// A manifest or an order may have been lost in Consul, so that nobody remembers an app.
    bool history_lost = false;
    /// When each key under `nap/assigned/` last changed or went.
    std::map<std::string, MonotonicTime> orders_changed;

  private:
    void settle();
    void advance(MonotonicTime to);
    [[nodiscard]] MonotonicTime next_step() const;
    void add_host(std::size_t index, bool routed);
    void bury();

    std::string folder_;
    bool keep_log_;
};

}  // namespace nap::sim
