#include "clients/kv_table.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace nap {

namespace {

constexpr std::size_t tombstones_max = 1'000;

KvEntry entry_of(const std::string& key, const KvRecord& record) {
    return {.key = key,
            .value = record.value,
            .modify_index = record.modify_index,
            .session = record.session};
}

/// One transaction as it goes on: what it has changed so far lies over what there is.
class Draft {
  public:
    using Problem = std::optional<std::string>;

    Draft(const std::map<std::string, KvRecord>& records, std::uint64_t index,
          const KvTable::Sessions& sessions)
        : records_(records), index_(index), sessions_(sessions) {}

    Problem add(const KvOp& op) {
        const KvRecord* known = find(op.key);
        const std::uint64_t now = known == nullptr ? 0 : known->modify_index;
        switch (op.verb) {
            case KvVerb::set:
                return put(op);
            case KvVerb::cas:
                return op.index == now ? put(op) : "index is stale";
            case KvVerb::remove:
                return remove(op.key);
            case KvVerb::remove_cas:
                return known == nullptr || op.index == now ? remove(op.key) : "index is stale";
            case KvVerb::remove_tree:
                return remove_tree(op.key);
            case KvVerb::check_index:
                return known != nullptr && op.index == now ? Problem() : "index is stale";
            case KvVerb::check_session:
                return known != nullptr && known->session == op.session
                           ? Problem()
                           : "lock isn't held by this session";
            case KvVerb::check_not_exists:
                return known == nullptr ? Problem() : "key exists";
            case KvVerb::lock:
                return lock(op);
            case KvVerb::unlock:
                return unlock(op);
        }
        return "unknown verb";
    }

    KvChanges take() { return std::move(changes_); }

  private:
    const KvRecord* find(const std::string& key) const {
        const auto changed = changes_.find(key);
        if (changed != changes_.end()) return changed->second ? &*changed->second : nullptr;
        const auto known = records_.find(key);
        return known == records_.end() ? nullptr : &known->second;
    }

    /// A write of what is there already leaves the index as it is.
    Problem write(const std::string& key, KvRecord next) {
        const KvRecord* known = find(key);
        next.modify_index = known == nullptr ? index_ : known->modify_index;
        if (known != nullptr && *known == next) return {};
        next.modify_index = index_;
        changes_[key] = std::move(next);
        return {};
    }

    Problem put(const KvOp& op) {
        const KvRecord* known = find(op.key);
        KvRecord next = known == nullptr ? KvRecord{} : *known;
        next.value = op.value;
        return write(op.key, std::move(next));
    }

    Problem remove(const std::string& key) {
        if (find(key) != nullptr) changes_[key] = std::nullopt;
        return {};
    }

    Problem remove_tree(const std::string& prefix) {
        for (auto next = records_.lower_bound(prefix);
             next != records_.end() && next->first.starts_with(prefix); ++next) {
            changes_[next->first] = std::nullopt;
        }
        for (auto& [key, change] : changes_) {
            if (key.starts_with(prefix)) change.reset();
        }
        return {};
    }

    Problem lock(const KvOp& op) {
        const auto session = sessions_.find(op.session);
        if (session == sessions_.end()) return "invalid session";
        const KvRecord* known = find(op.key);
        const bool held =
            known != nullptr && !known->session.empty() && known->session != op.session;
        if (held) return "lock is already held";
        return write(op.key, {.value = op.value,
                              .session = op.session,
                              .goes_with_session = session->second.delete_on_end});
    }

    Problem unlock(const KvOp& op) {
        const KvRecord* known = find(op.key);
        const bool held = known != nullptr && !op.session.empty() && known->session == op.session;
        if (!held) return "lock isn't held by this session";
        return write(op.key, {.value = op.value});
    }

    const std::map<std::string, KvRecord>& records_;
    std::uint64_t index_;
    const KvTable::Sessions& sessions_;
    KvChanges changes_;
};

}  // namespace

Result<KvChanges> KvTable::changes_of(const std::vector<KvOp>& ops,
                                      const Sessions& sessions) const {
    Draft draft(records_, next_index(), sessions);
    for (std::size_t i = 0; i < ops.size(); ++i) {
        if (const auto problem = draft.add(ops[i])) {
            return Error{Errc::not_committed,
                         fmt::format("transact: operation {}: {}", i, *problem)};
        }
    }
    return draft.take();
}

KvChanges KvTable::changes_at_end_of(const SessionId& session) const {
    KvChanges changes;
    for (const auto& [key, record] : records_) {
        if (record.session != session) continue;
        if (record.goes_with_session) {
            changes[key] = std::nullopt;
        } else {
            changes[key] = KvRecord{.value = record.value, .modify_index = next_index()};
        }
    }
    return changes;
}

void KvTable::apply(const KvChanges& changes) {
    if (changes.empty()) return;
    ++index_;
    for (const auto& [key, record] : changes) {
        if (record) {
            index_ = std::max(index_, record->modify_index);
            records_[key] = *record;
            tombstones_.erase(key);
        } else if (records_.erase(key) > 0) {
            tombstones_[key] = index_;
        }
    }
    if (tombstones_.size() <= tombstones_max) return;
    tombstones_.clear();
    floor_ = index_;
}

KvListing KvTable::read_key(const std::string& key) const {
    const auto found = records_.find(key);
    if (found != records_.end()) {
        return {.entries = {entry_of(key, found->second)},
                .index = std::max(found->second.modify_index, floor_)};
    }
    const auto gone = tombstones_.find(key);
    return {.entries = {}, .index = std::max(gone == tombstones_.end() ? 0 : gone->second, floor_)};
}

KvListing KvTable::read_prefix(const std::string& prefix) const {
    KvListing listing{.entries = {}, .index = floor_};
    for (auto next = records_.lower_bound(prefix);
         next != records_.end() && next->first.starts_with(prefix); ++next) {
        listing.entries.push_back(entry_of(next->first, next->second));
        listing.index = std::max(listing.index, next->second.modify_index);
    }
    for (auto next = tombstones_.lower_bound(prefix);
         next != tombstones_.end() && next->first.starts_with(prefix); ++next) {
        listing.index = std::max(listing.index, next->second);
    }
    return listing;
}

void KvTable::raise_index(std::uint64_t index) {
    index_ = std::max(index_, index);
    floor_ = index_;
}

}  // namespace nap
