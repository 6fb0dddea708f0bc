#pragma once

#include <map>
#include <string>
#include <vector>

#include "clients/memory_codec.hpp"
#include "model/cluster.hpp"

namespace nap {

/// The agent's data directory: what it needs to go on without Consul, and what must survive its own
/// restart. Each file is replaced whole, so a crash or a full disk leaves the old one. Failing to
/// write is logged and otherwise harmless; failing to read means not remembering.
class Memory {
  public:
    /// Makes the directory and locks it against a second agent. `io` or `conflict`.
    static Result<Memory> open(const std::string& directory);
    ~Memory();
    Memory(Memory&& other) noexcept;
    Memory& operator=(Memory&&) = delete;

    [[nodiscard]] ClusterMemory load_cluster() const;
    void save_cluster(const ClusterMemory& memory) const;

    [[nodiscard]] std::map<AppId, Assignment> load_assignments() const;
    void save_assignment(const Assignment& assignment) const;
    [[nodiscard]] Attempts load_attempts(const AppId& app) const;
    void save_attempts(const AppId& app, const Attempts& attempts) const;
    void forget_app(const AppId& app) const;

    /// Sessions an earlier run may have left behind.
    [[nodiscard]] std::vector<SessionId> load_sessions() const;
    void save_sessions(const std::vector<SessionId>& sessions) const;

  private:
    Memory(std::string directory, int lock) : directory_(std::move(directory)), lock_(lock) {}

    std::string directory_;
    int lock_ = -1;
};

}  // namespace nap
