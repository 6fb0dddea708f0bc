#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/store.hpp"
#include "sim/kernel.hpp"
#include "sim/run.hpp"

namespace nap::sim {

struct KvRecord {
    std::string value;
    std::uint64_t modify_index = 0;
    SessionId session;

    friend bool operator==(const KvRecord&, const KvRecord&) = default;
};

struct ConsulSession {
    SessionSpec spec;
    NodeId node;
    std::uint64_t renewals = 0;
};

/// What a snapshot of Consul holds.
struct ConsulTables {
    std::map<std::string, KvRecord> kv;
    std::map<SessionId, ConsulSession> sessions;
    std::map<std::string, std::uint64_t> tombstones;  ///< key → index of its removal
    std::uint64_t index = 1;                          ///< of the last change of KV
};

/// The state of a Consul cluster and the rules by which it changes, without network or faults
/// between it and its callers. Written after Consul's documentation and behaviour; the conformance
/// tests compare it with a real one.
class ConsulState {
  public:
    explicit ConsulState(Kernel& kernel) : kernel_(kernel) {}

    // What clients ask for. `writer` is only told to `on_write`.
    [[nodiscard]] KvListing read_key(const std::string& key) const;
    [[nodiscard]] KvListing read_prefix(const std::string& prefix) const;
    Result<void> transact(const std::string& writer, const std::vector<KvOp>& ops);
    Result<SessionId> create_session(const NodeId& node, const SessionSpec& spec);
    Result<void> renew_session(const SessionId& id);
    Result<void> destroy_session(const SessionId& id);
    // At the node's own Consul agent, which tells the servers once it can.
    void register_check(const NodeId& node, const CheckSpec& spec);
    Result<void> pass_check(const NodeId& node, const std::string& id);

    /// A read that is answered once what it read has an index beyond `options.index`, after
    /// `options.wait`, or at once when the state is replaced or Consul has no leader.
    struct Query {
        std::string key;
        bool recursive = false;
        ReadOptions options;
    };
    void read(Query query, Reply<KvListing> reply);

    // What happens to it.
    ConsulTables snapshot() const { return tables_; }
    void restore(ConsulTables tables);
    void wipe();
    void set_leaderless(bool leaderless);
    [[nodiscard]] bool leaderless() const { return leaderless_; }
    /// The other servers see `node` fail, or come back: its sessions end soon after a failure.
    void set_reachable(const NodeId& node, bool reachable);
    void reap_tombstones();
    void forget_checks(const NodeId& node);

    [[nodiscard]] const std::map<std::string, KvRecord>& kv() const { return tables_.kv; }
    [[nodiscard]] std::optional<NodeId> node_of(const SessionId& session) const;

    /// Told of each committed transaction before it takes effect.
    std::function<void(const std::string& writer, const std::vector<KvOp>& ops)> on_write;
    /// Told of each key that a committed transaction really changes.
    std::function<void(const std::string& writer, const std::string& key)> on_change;

  private:
    struct Check {
        milliseconds ttl{};
        bool critical = false;
        std::uint64_t passes = 0;
    };
    using CheckKey = std::pair<NodeId, std::string>;
    struct Waiter {
        Query query;
        Reply<KvListing> reply;
    };
    using Changed = std::set<std::string>;

    static std::optional<std::string> apply(ConsulTables& tables, const KvOp& op,
                                            std::uint64_t index);
    std::optional<std::string> refuse_lock(const KvOp& op) const;
    void commit(ConsulTables next, const std::string& writer, const Changed& changed);
    void wake_waiters(const Changed& changed);
    void answer_all();
    void arm(const SessionId& id);
    void arm_all();
    void end_session(const SessionId& id);
    void arm_check(const CheckKey& key);
    void report_check(const CheckKey& key);
    [[nodiscard]] KvListing look(const Query& query) const;

    Kernel& kernel_;
    ConsulTables tables_;
    std::uint64_t raft_index_ = 10;
    std::map<std::string, MonotonicTime> lock_delays_;
    std::map<std::uint64_t, Waiter> waiters_;
    std::map<CheckKey, Check> checks_;
    std::set<NodeId> cut_nodes_;     ///< out of the servers' reach
    std::set<NodeId> failed_nodes_;  ///< and they have noticed
    std::map<NodeId, std::uint64_t> reachability_changes_;
    std::uint64_t serial_ = 0;
    bool leaderless_ = false;
};

}  // namespace nap::sim
