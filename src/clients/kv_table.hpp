#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/store.hpp"

namespace nap {

struct KvRecord {
    std::string value;
    std::uint64_t modify_index = 0;
    SessionId session;               ///< the lock holder, or empty
    bool goes_with_session = false;  ///< deleted when that ends, not just released

    friend bool operator==(const KvRecord&, const KvRecord&) = default;
};

/// What a transaction comes to: nullopt for a key that goes.
using KvChanges = std::map<std::string, std::optional<KvRecord>>;

/// Keys and values with the semantics of Consul's KV, as far as the port `Store` shows them.
class KvTable {
  public:
    using Sessions = std::map<SessionId, SessionSpec>;

    /// What `ops` change, all or nothing; nothing has changed yet. `not_committed` names the
    /// operation that cannot be done.
    [[nodiscard]] Result<KvChanges> changes_of(const std::vector<KvOp>& ops,
                                               const Sessions& sessions) const;
    /// What becomes of the keys that a session holds when it ends.
    [[nodiscard]] KvChanges changes_at_end_of(const SessionId& session) const;
    void apply(const KvChanges& changes);

    [[nodiscard]] KvListing read_key(const std::string& key) const;
    [[nodiscard]] KvListing read_prefix(const std::string& prefix) const;

    [[nodiscard]] const std::map<std::string, KvRecord>& records() const { return records_; }
    [[nodiscard]] std::uint64_t next_index() const { return index_ + 1; }
    /// Every read has this index at least, and every change a higher one.
    void raise_index(std::uint64_t index);

  private:
    std::map<std::string, KvRecord> records_;
    std::map<std::string, std::uint64_t> tombstones_;  ///< when a key went
    std::uint64_t floor_ = 1;                          ///< stands for tombstones forgotten
    std::uint64_t index_ = 1;
};

}  // namespace nap
