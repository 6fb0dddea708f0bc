#include "cli/sync_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/app_files.hpp"
#include "model/app_sources.hpp"

namespace nap {

namespace {

/// Consul takes 64 operations; one is the record's.
constexpr std::size_t batch_ops_max = 63;
/// And 512 KiB in base64, of which the record takes some.
constexpr std::size_t batch_bytes_max = 340 * 1024;

std::size_t bytes_of(const std::vector<KvOp>& ops) {
    std::size_t bytes = 0;
    for (const KvOp& op : ops)
        bytes += op.key.size() + op.value.size() + 128;
    return bytes;
}

class Planner {
  public:
    explicit Planner(const SyncInput& input) : input_(input) {
        for (const KvEntry& entry : input.entries) {
            const std::string name = entry.key.substr(input.keys.apps().size());
            const bool is_sentinel = entry.key == AppSources::sentinel(input.keys.apps());
            if (is_sentinel || name.ends_with('/')) continue;
            known_[AppId(app_of_name(name))].emplace(name, &entry);
        }
    }

    SyncPlan plan() {
        for (const auto& [app, files] : input_.wanted)
            add_app(app, files);
        for (const AppId& app : input_.managed) {
            if (input_.wanted.contains(app) || !known_.contains(app)) continue;
            if (input_.prune) {
                add_removal(app);
            } else {
                plan_.left.insert(app);
            }
        }
        return std::move(plan_);
    }

  private:
    using Known = std::map<std::string, const KvEntry*>;

    KvOp remove(const KvEntry& entry) const {
        return {
            .verb = KvVerb::remove_cas, .key = entry.key, .value = {}, .index = entry.modify_index};
    }

    void add_app(const AppId& app, const FolderFiles& files) {
        const Known& known = known_[app];
        std::vector<KvOp> ops;
        for (const auto& [name, bytes] : files) {
            const auto before = known.find(name);
            const bool is_new = before == known.end();
            if (!is_new && before->second->value == bytes) continue;
            ops.push_back({.verb = KvVerb::cas,
                           .key = input_.keys.apps() + name,
                           .value = bytes,
                           .index = is_new ? 0 : before->second->modify_index});
        }
        for (const auto& [name, entry] : known) {
            if (!files.contains(name)) ops.push_back(remove(*entry));
        }
        if (ops.empty()) return;
        if (SyncBatch* batch = room_for(app, ops)) {
            batch->written.insert(app);
            batch->ops.insert(batch->ops.end(), ops.begin(), ops.end());
        }
    }

    void add_removal(const AppId& app) {
        std::vector<KvOp> ops;
        for (const auto& [name, entry] : known_.at(app))
            ops.push_back(remove(*entry));
        if (SyncBatch* batch = room_for(app, ops)) {
            batch->removed.insert(app);
            batch->ops.insert(batch->ops.end(), ops.begin(), ops.end());
        }
    }

    /// The batch that all of `ops` go into; null when none is large enough.
    SyncBatch* room_for(const AppId& app, const std::vector<KvOp>& ops) {
        if (ops.size() > batch_ops_max || bytes_of(ops) > batch_bytes_max) {
            plan_.refusals.push_back(fmt::format(
                "{}: {} files of {} bytes have changed, and Consul takes {} files of {} bytes in "
                "one step; half of an app is never written. Put large or many files on the hosts, "
                "or into an image",
                app.str(), ops.size(), bytes_of(ops), batch_ops_max, batch_bytes_max));
            return nullptr;
        }
        const auto fits = [&](const SyncBatch& batch) {
            return batch.ops.size() + ops.size() <= batch_ops_max &&
                   bytes_of(batch.ops) + bytes_of(ops) <= batch_bytes_max;
        };
        if (plan_.batches.empty() || !fits(plan_.batches.back())) plan_.batches.emplace_back();
        return &plan_.batches.back();
    }

    const SyncInput& input_;
    std::map<AppId, Known> known_;
    SyncPlan plan_;
};

}  // namespace

SyncPlan plan_sync(const SyncInput& input) {
    return Planner(input).plan();
}

}  // namespace nap
