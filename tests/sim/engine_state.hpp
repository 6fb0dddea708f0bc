#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "ports/engine.hpp"
#include "sim/kernel.hpp"
#include "sim/run.hpp"

namespace nap::sim {

/// How a container behaves once it runs; decided by the world for each start.
struct Habit {
    nanoseconds start_time{};
    nanoseconds stop_time{};  ///< 0: it does not heed the stop signal
    std::optional<nanoseconds> lives;
    int exit_code = 1;
    bool healthy = true;
};

struct SimContainer {
    ObservedContainer seen;  ///< as an inspection tells
    ContainerConfig config;
    bool listed = false;      ///< its name is taken from the first moment, it is listed at the end
    std::string fingerprint;  ///< of its line in the list, which lags behind
    MonotonicTime free_at{};  ///< the operation under way ends
    MonotonicTime hung_until{};
    std::uint64_t run = 0;  ///< counts starts
    MonotonicTime made_at{};
    bool killed = false;  ///< it did not heed the last stop in time
};

/// Events for one listener; the engine does not wait for those who are slow.
struct Subscription {
    std::deque<EngineEvent> events;
    bool closed = false;
    Wake* listener = nullptr;
    std::shared_ptr<Run> run;

    void push(EngineEvent event) {
        if (closed) return;
        events.push_back(std::move(event));
        if (listener != nullptr) listener->ring();
    }
};

/// One change of an object, as the engine is about to make it.
struct Mutation {
    std::string by;  ///< a run, or `someone`
    std::string op;
    std::string object;  ///< container, network or volume name
    std::optional<OwnerLabels> owner;
    const SimContainer* container = nullptr;  ///< as it is before; null for others
};

/// One host's engine: what it holds and the rules by which that changes, without a network or
/// faults between it and its callers. Written after Docker Engine 20.10 as documented in this
/// project's tests; the conformance tests compare it with a real one.
class EngineState {
  public:
    struct Options {
        Kernel& kernel;
        std::string host;
        std::string folder;  ///< for hosts files
        std::function<TimePoint()> wall_time;
        std::function<Habit(const SimContainer&)> habit;
        std::function<void(const Mutation&)> on_mutation;
        std::function<void(const SimContainer&)> on_run;  ///< it has just been started
        /// How often, in thousandths, a listener misses an event or gets it out of order.
        std::function<unsigned()> event_faults;
    };
    explicit EngineState(Options options);

    [[nodiscard]] bool up() const { return up_; }
    /// Out of reach of its swarm it does not answer what is asked of its networks.
    void set_swarm_silent(bool silent) { swarm_silent_ = silent; }
    [[nodiscard]] bool swarm_silent() const { return swarm_silent_; }
    [[nodiscard]] std::uint64_t boots() const { return boots_; }
    [[nodiscard]] const std::string& host() const { return o_.host; }
    [[nodiscard]] const std::string& root_dir() const { return o_.folder; }

    [[nodiscard]] std::vector<ContainerSummary> list() const;
    [[nodiscard]] std::vector<ObservedNetwork> networks() const;
    [[nodiscard]] MonotonicTime made_at(const NetworkId& network) const {
        return networks_.at(network).made_at;
    }
    [[nodiscard]] std::vector<ObservedVolume> volumes() const;
    [[nodiscard]] std::optional<ImageId> image(const std::string& reference) const;
    void inspect(const ContainerId& id, Reply<ObservedContainer> reply);

    // Changes. `by` says who asks, for the record.
    void create(const std::string& by, const std::string& name, const ContainerConfig& config,
                Reply<ContainerId> reply);
    void connect(const std::string& by, const ContainerId& id, const ContainerNetwork& network,
                 Reply<void> reply);
    void start(const std::string& by, const ContainerId& id, Reply<void> reply);
    void unpause(const std::string& by, const ContainerId& id, Reply<void> reply);
    void stop(const std::string& by, const ContainerId& id, std::optional<milliseconds> grace,
              Reply<void> reply);
    void restart(const std::string& by, const ContainerId& id, std::optional<milliseconds> grace,
                 Reply<void> reply);
    void signal(const std::string& by, const ContainerId& id, const std::string& signal,
                Reply<void> reply);
    /// Knows what `true`, `false` and `sh -c "exit N"` end with; all else ends well.
    void run_hook(const std::string& by, const ContainerId& id, const Hook& hook,
                  Reply<HookEnd> reply);
    void remove(const std::string& by, const ContainerId& id, Reply<void> reply);
    void rename(const std::string& by, const ContainerId& id, const std::string& name,
                Reply<void> reply);
    Result<void> create_network(const std::string& by, const NetworkSpec& spec);
    Result<void> remove_network(const std::string& by, const NetworkId& id);
    Result<void> create_volume(const std::string& by, const VolumeSpec& spec);
    void pull(const std::string& by, const std::string& reference, Reply<void> reply);

    std::shared_ptr<Subscription> subscribe(const std::shared_ptr<Run>& run, TimePoint since);

    // What happens to it.
    void crash(bool containers_live_on);
    void boot();
    void die(const ContainerId& id, int exit_code);
    void pause(const ContainerId& id);
    void set_health(const ContainerId& id, Health health);
    void hang(const ContainerId& id, nanoseconds duration);
    void end_hangs();
    void kill_and_remove(const ContainerId& id);
    void set_image(const std::string& reference, const ImageId& id);
    void drop_image(const std::string& reference);
    void add_pullable(const std::string& reference, const ImageId& id);
    void make_noise();

    [[nodiscard]] const std::map<ContainerId, SimContainer>& containers() const {
        return containers_;
    }
    /// Has `cut` called when the engine goes down; until forgotten.
    std::uint64_t on_cut(std::function<void()> cut);
    void forget_cut(std::uint64_t id) { cuts_.erase(id); }

  private:
    struct Network {
        ObservedNetwork seen;
        std::string driver;
        int subnet = 0;
        MonotonicTime made_at{};
    };
    /// `begin` looks and says either the answer or how long it takes; `finish` does it.
    struct Operation {
        std::function<std::variant<Result<void>, nanoseconds>(SimContainer&)> begin;
        std::function<Result<void>(SimContainer&)> finish;
    };
    void operate(const ContainerId& id, Operation operation, Reply<void> reply);
    /// Calls `event` unless the engine has gone down in between.
    void after(nanoseconds delay, std::function<void()> event);
    void emit(const std::string& type, const std::string& action, const std::string& id,
              const std::string& name, const std::optional<OwnerLabels>& owner,
              std::optional<int> exit_code = {});
    void emit(const SimContainer& container, const std::string& action,
              std::optional<int> exit_code = {});
    void told(const std::string& by, const std::string& op, const SimContainer& container);

    Result<void> become_running(SimContainer& container);
    /// `told`: it is said of each network; it is not when the ports are taken.
    Result<void> attach(SimContainer& container, bool told);
    /// After a start that failed on the way.
    void detach(SimContainer& container);
    Result<void> bind_ports(SimContainer& container);
    void begin_run(SimContainer& container);
    void end_run(SimContainer& container, int exit_code);
    void check_later(const ContainerId& id, std::uint64_t run, Health health);
    void add_mounts(SimContainer& container);
    void write_hosts(SimContainer& container);
    void refresh_line(const ContainerId& id);
    void destroy(const ContainerId& id);
    Network* find_network(const std::string& name_or_id);
    [[nodiscard]] std::string hex_id();

    Options o_;
    std::map<ContainerId, SimContainer> containers_;
    std::map<std::string, ContainerId> names_;
    std::map<NetworkId, Network> networks_;
    std::map<std::string, ObservedVolume> volumes_;
    std::map<std::string, ImageId> images_;
    std::map<std::string, ImageId> pullable_;
    std::deque<EngineEvent> ring_;
    std::vector<std::weak_ptr<Subscription>> subscriptions_;
    std::uint64_t boots_ = 1;
    bool up_ = true;
    bool swarm_silent_ = false;
    std::map<std::uint64_t, std::function<void()>> cuts_;
    std::uint64_t serial_ = 0;
    int addresses_ = 0;
    int subnets_ = 0;
};

}  // namespace nap::sim
