#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/keys.hpp"
#include "model/sync_record.hpp"
#include "ports/store.hpp"
#include "watchers/app_folder.hpp"

namespace nap {

/// One transaction: whole apps, and which these are. The record is yet to be added.
struct SyncBatch {
    std::vector<KvOp> ops;
    std::set<AppId> written;
    std::set<AppId> removed;
};

struct SyncInput {
    Keys keys;
    const std::map<AppId, FolderFiles>& wanted;
    const std::vector<KvEntry>& entries;  ///< all under `nap/apps/`
    const std::set<AppId>& managed;       ///< written by `nap sync` before
    bool prune = false;
};

struct SyncPlan {
    std::vector<SyncBatch> batches;
    std::vector<std::string> refusals;  ///< with any, nothing is to be written
    std::set<AppId> left;               ///< managed, not wanted, and not pruned
};

/// What brings the keys to what is wanted. Each write counts only while its key is as it was read.
/// All that changes of an app is in one transaction, which is within what Consul takes.
[[nodiscard]] SyncPlan plan_sync(const SyncInput& input);

}  // namespace nap
