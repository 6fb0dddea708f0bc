// The writing side of the cluster controller: each action is an operation of a transaction that
// commits only while this term holds the lock (invariant S3).

#include <spdlog/spdlog.h>

#include "agent/cluster_controller.hpp"
#include "clients/json_codec.hpp"
#include "model/app_files.hpp"
#include "model/rfc3339.hpp"

namespace nap {

namespace {

/// Consul takes 64 operations and 512 KiB in base64 at once.
constexpr std::size_t batch_ops_max = 60;
constexpr std::size_t batch_bytes_max = 300 * 1024;

std::size_t bytes_of(const std::vector<KvOp>& ops) {
    std::size_t bytes = 0;
    for (const KvOp& op : ops)
        bytes += op.key.size() + op.value.size() + 128;
    return bytes;
}

}  // namespace

asio::awaitable<bool> ClusterController::carry_out(std::vector<ClusterAction> actions) {
    bool all_written = true;
    std::size_t first = 0;
    while (first < actions.size()) {
        std::vector<KvOp> batch;
        std::size_t next = first;
        for (; next < actions.size(); ++next) {
            std::vector<KvOp> ops;
            add_ops(actions[next], ops);
            const bool full = batch.size() + ops.size() > batch_ops_max ||
                              bytes_of(batch) + bytes_of(ops) > batch_bytes_max;
            if (full && !batch.empty()) break;
            batch.insert(batch.end(), ops.begin(), ops.end());
        }
        const bool written = co_await write(std::move(batch));
        for (; first < next; ++first) {
            bool done = written;
            if (!written) {
                // One that cannot be done holds up none of the others.
                std::vector<KvOp> ops;
                add_ops(actions[first], ops);
                done = co_await write(std::move(ops));
            }
            if (done) acted(actions[first]);
            all_written = all_written && done;
        }
    }
    co_return all_written;
}

asio::awaitable<bool> ClusterController::write(std::vector<KvOp> ops) {
    const std::string key = ops.front().key;
    const std::size_t count = ops.size();
    ops.insert(
        ops.begin(),
        {.verb = KvVerb::check_session, .key = parts_.keys.leader(), .session = term_.session});
    const auto written = co_await parts_.store.transact(std::move(ops));
    if (!written) {
        spdlog::warn("cannot write {}{}: {}", key, count > 1 ? " and more" : "",
                     written.error().message);
    }
    co_return written.has_value();
}

void ClusterController::add_ops(const ClusterAction& action, std::vector<KvOp>& ops) const {
    const Keys& keys = parts_.keys;
    if (const auto* assign = std::get_if<WriteAssignment>(&action)) {
        Assignment assignment = assign->assignment;
        if (assign->manifest) assignment.manifest = assign->manifest->text;
        if (assign->without_manifest) check_manifest_gone(assignment.app, ops);
        for (const NodeId& node : assign->absent)
            ops.push_back({.verb = KvVerb::check_not_exists, .key = keys.node(node)});
        ops.push_back({.verb = KvVerb::set,
                       .key = keys.assigned(assign->node, assignment.app),
                       .value = encode(assignment)});
    } else if (const auto* drop = std::get_if<DropAssignment>(&action)) {
        ops.push_back({.verb = KvVerb::remove, .key = keys.assigned(drop->node, drop->app)});
    } else if (const auto* publish = std::get_if<WriteStatus>(&action)) {
        AppStatus status = publish->status;
        status.updated = format_rfc3339(parts_.clock.now());
        ops.push_back(
            {.verb = KvVerb::set, .key = keys.status(status.app), .value = encode(status)});
    } else if (const auto* end = std::get_if<DropStatus>(&action)) {
        ops.push_back({.verb = KvVerb::remove, .key = keys.status(end->app)});
    } else if (const auto* holds = std::get_if<WriteHolds>(&action)) {
        const KvVerb verb = holds->holds.empty() ? KvVerb::remove : KvVerb::set;
        ops.push_back({.verb = verb, .key = keys.held(), .value = encode(holds->holds)});
    } else if (std::holds_alternative<WriteSentinel>(action)) {
        for (const std::string& key : sentinels_missing_) {
            ops.push_back(
                {.verb = KvVerb::set, .key = key, .value = state_.settings().cluster.str()});
        }
    } else if (std::holds_alternative<DropApprovals>(action)) {
        ops.push_back({.verb = KvVerb::remove, .key = keys.approved()});
    } else {
        ops.push_back({.verb = KvVerb::remove, .key = keys.rebalance()});
    }
}

void ClusterController::check_manifest_gone(const AppId& app, std::vector<KvOp>& ops) const {
    // A list leaves out what a token may not read, without a word; a check of the key itself fails.
    for (const std::string& prefix : sources_.prefixes()) {
        const std::string key = prefix + app.str();
        ops.push_back({.verb = KvVerb::check_not_exists, .key = key});
        for (const std::string_view ending : manifest_endings) {
            ops.push_back({.verb = KvVerb::check_not_exists, .key = key + std::string(ending)});
        }
        for (const std::string_view name : main_file_names) {
            ops.push_back({.verb = KvVerb::check_not_exists, .key = key + "/" + std::string(name)});
        }
    }
}

void ClusterController::acted(const ClusterAction& action) {
    if (const auto* assign = std::get_if<WriteAssignment>(&action)) {
        const Assignment& order = assign->assignment;
        spdlog::info("{}: {} {}, {} instances, revision {}", order.app.str(),
                     order.remove ? "to be removed from" : "assigned to", assign->node.str(),
                     order.instances.size(), order.revision.str());
        changed_at_.try_emplace(order.app, parts_.clock.monotonic());
    } else if (const auto* publish = std::get_if<WriteStatus>(&action)) {
        note_status(publish->status);
    } else if (const auto* end = std::get_if<DropStatus>(&action)) {
        phases_.erase(end->app);
        changed_at_.erase(end->app);
        parts_.metrics.forget_app(end->app);
    } else if (const auto* holds = std::get_if<WriteHolds>(&action)) {
        for (const Hold& hold : holds->holds) {
            spdlog::error("held: {}: {}. nap approve {} releases it", hold.what, hold.why, hold.id);
        }
    }
}

void ClusterController::note_status(const AppStatus& status) {
    const auto before = phases_.find(status.app);
    const bool phase_changed = before == phases_.end() || before->second != status.phase;
    if (phase_changed) {
        spdlog::info("{}: {}{}{}", status.app.str(), to_string(status.phase),
                     status.message.empty() ? "" : ": ", status.message);
    }
    phases_[status.app] = status.phase;
    parts_.metrics.app_status(status);
    if (status.phase != Phase::converged) return;
    const auto changed = changed_at_.extract(status.app);
    if (changed.empty()) return;
    const std::chrono::duration<double> took = parts_.clock.monotonic() - changed.mapped();
    parts_.metrics.app_converged_after(took.count());
}

}  // namespace nap
