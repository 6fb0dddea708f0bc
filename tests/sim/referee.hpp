#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/sim_host.hpp"
#include "sim/wishes.hpp"

namespace nap::sim {

/// Of another cluster, or of nobody nap knows: what carries this is not to be touched.
inline constexpr char foreign_cluster[] = "another-cluster";

/// Watches every change and says when one must not have been made. It knows what operators wanted,
/// and nothing of how the product decides.
class Referee {
  public:
    using Hosts = std::vector<std::unique_ptr<SimHost>>;
    Referee(Kernel& kernel, const Wishes& wishes, const ConsulState& consul, const Hosts& hosts)
        : kernel_(kernel), wishes_(wishes), consul_(consul), hosts_(hosts) {}

    /// An agent, or `someone`, is about to change an object of a host's engine.
    void on_mutation(const SimHost& host, const Mutation& mutation);
    /// A container has just been started.
    void on_run(const SimHost& host, const SimContainer& container);
    /// A transaction is about to be committed.
    void on_write(const std::string& writer, const std::vector<KvOp>& ops);
    void on_change(const std::string& writer, const std::string& key);
    /// A look at what is on each host's disk (S4).
    void check_memory(const SimHost& host);

    /// Consul says again what held before: a host may be ordered to run what has moved since. See
    /// docs/simulator.md for what is not demanded then.
    void set_restored() { restored_ = true; }
    /// Calls to engines and Consul may fail from now on: agents are not always able to keep what
    /// they promise of `partition: stop`.
    void set_calls_fail(bool fail) { calls_fail_ = fail; }

    // Counts of what agents did, for the quiet phase.
    [[nodiscard]] std::uint64_t mutations() const { return mutations_; }
    [[nodiscard]] std::uint64_t key_changes() const { return key_changes_; }

  private:
    void check_ownership(const SimHost& host, const Mutation& mutation);
    void check_stop(const SimHost& host, const Mutation& mutation);
    void check_starts(const SimHost& host, const Mutation& mutation);
    void check_fence(const std::string& writer, const KvOp& op);
    [[nodiscard]] bool justified(const SimHost& host, const Mutation& mutation) const;
    /// A container of the same instance, up, on any other host or beside this one.
    [[nodiscard]] const SimContainer* other_copy(const SimContainer& container,
                                                 const SimHost** where) const;
    void count_write(const std::string& writer);

    Kernel& kernel_;
    const Wishes& wishes_;
    const ConsulState& consul_;
    const Hosts& hosts_;
    bool calls_fail_ = false;
    bool restored_ = false;
    std::uint64_t mutations_ = 0;
    std::uint64_t key_changes_ = 0;
    std::map<std::string, std::uint64_t> epochs_;  ///< by node
    std::map<std::string, std::vector<MonotonicTime>> starts_;
    std::map<std::string, std::deque<MonotonicTime>> writes_;
};

}  // namespace nap::sim
