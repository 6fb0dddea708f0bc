#pragma once

#include <string>
#include <string_view>

#include "model/error.hpp"
#include "model/sync_record.hpp"

namespace nap {

[[nodiscard]] std::string encode(const SyncRecord& record);
[[nodiscard]] Result<SyncRecord> decode_sync_record(std::string_view text);

/// What one `nap sync` has done, for `-o json`.
struct SyncReport {
    SyncRecord record;
    std::set<AppId> written;
    std::set<AppId> removed;
    std::set<AppId> left;  ///< not in the folder any more, and not pruned
};
[[nodiscard]] std::string cli_json(const SyncReport& report);

}  // namespace nap
