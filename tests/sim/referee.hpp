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
    Referee(Kernel& kernel, const Wishes& wishes, const ConsulState& consul)
        : kernel_(kernel), wishes_(wishes), consul_(consul) {}

    /// An agent, or `someone`, is about to change an object of a host's engine.
    void on_mutation(const SimHost& host, const Mutation& mutation);
    /// A transaction is about to be committed.
    void on_write(const std::string& writer, const std::vector<KvOp>& ops);
    void on_change(const std::string& writer, const std::string& key);
    /// A look at what is on each host's disk (S4).
    void check_memory(const SimHost& host);

    // Counts of what agents did, for the quiet phase.
    [[nodiscard]] std::uint64_t mutations() const { return mutations_; }
    [[nodiscard]] std::uint64_t key_changes() const { return key_changes_; }

  private:
    void check_ownership(const SimHost& host, const Mutation& mutation);
    void check_stop(const SimHost& host, const Mutation& mutation);
    void check_starts(const SimHost& host, const Mutation& mutation);
    void check_fence(const std::string& writer, const KvOp& op);
    [[nodiscard]] bool justified(const SimHost& host, const Mutation& mutation) const;
    void count_write(const std::string& writer);

    Kernel& kernel_;
    const Wishes& wishes_;
    const ConsulState& consul_;
    std::uint64_t mutations_ = 0;
    std::uint64_t key_changes_ = 0;
    std::map<std::string, std::uint64_t> epochs_;  ///< by node
    std::map<std::string, std::vector<MonotonicTime>> starts_;
    std::map<std::string, std::deque<MonotonicTime>> writes_;
};

}  // namespace nap::sim
