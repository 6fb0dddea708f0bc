#pragma once

#include <set>
#include <string>

#include "model/ids.hpp"

namespace nap {

/// `nap/sync`: what `nap sync` wrote last, and which apps it answers for.
struct SyncRecord {
    std::string commit;  ///< empty: not from a git work tree
    std::string author;
    bool modified = false;  ///< with changes on top of the commit
    std::set<AppId> apps;   ///< those it has written and not pruned
    std::string updated;    ///< RFC 3339; not part of comparisons

    [[nodiscard]] bool same_apart_from_time(const SyncRecord& other) const {
        return commit == other.commit && author == other.author && modified == other.modified &&
               apps == other.apps;
    }
};

}  // namespace nap
