#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "model/time.hpp"

namespace nap {

/// Keys waiting to be worked on. A key waits at most once, is never worked on twice at once, and
/// one added while it is being worked on is worked on again afterwards.
template <class Key>
class WorkQueue {
  public:
    struct Taken {
        Key key;
        nanoseconds waited;
    };

    void add(const Key& key, MonotonicTime now) {
        if (working_.contains(key)) {
            again_.insert(key);
        } else if (since_.try_emplace(key, now).second) {
            ready_.push_back(key);
        }
    }

    /// Adds `key` at `when`, or earlier if that has been asked for already.
    void add_at(const Key& key, MonotonicTime when) {
        const auto [entry, fresh] = later_.try_emplace(key, when);
        if (!fresh && when < entry->second) entry->second = when;
    }

    /// Moves keys whose time has come among those that are ready.
    void advance(MonotonicTime now) {
        for (auto entry = later_.begin(); entry != later_.end();) {
            if (entry->second > now) {
                ++entry;
                continue;
            }
            add(entry->first, now);
            entry = later_.erase(entry);
        }
    }

    std::optional<Taken> take(MonotonicTime now) {
        if (ready_.empty()) return std::nullopt;
        const Key key = ready_.front();
        ready_.pop_front();
        const auto since = since_.extract(key);
        working_.insert(key);
        return Taken{key, now - since.mapped()};
    }

    void done(const Key& key, MonotonicTime now) {
        working_.erase(key);
        if (again_.erase(key) > 0) add(key, now);
    }

    [[nodiscard]] std::size_t depth() const { return ready_.size(); }

    /// When `advance` will next have something to do.
    [[nodiscard]] std::optional<MonotonicTime> next_due() const {
        std::optional<MonotonicTime> due;
        for (const auto& [key, when] : later_) {
            if (!due || when < *due) due = when;
        }
        return due;
    }

  private:
    std::deque<Key> ready_;
    std::map<Key, MonotonicTime> since_;
    std::map<Key, MonotonicTime> later_;
    std::set<Key> working_;
    std::set<Key> again_;
};

}  // namespace nap
