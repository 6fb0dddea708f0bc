// The publishing side of the host controller: what this host has goes to Consul on change.

#include <spdlog/spdlog.h>

#include <algorithm>

#include "agent/host_controller.hpp"
#include "clients/json_codec.hpp"

namespace nap {

namespace {

/// Between two rounds, so that a busy app does not write for each of its steps.
constexpr milliseconds round_interval{50};
constexpr milliseconds retry_interval{500};

}  // namespace

asio::awaitable<void> HostController::publish() {
    while (true) {
        co_await publish_wake_.wait();
        std::set<AppId> ids;
        for (const auto& [id, state] : apps_)
            ids.insert(id);
        bool all_written = true;
        for (const AppId& id : ids) {
            const bool written = co_await publish_one(id);
            all_written = all_written && written;
        }
        co_await sleep_for(all_written ? round_interval : retry_interval);
        if (!all_written) publish_wake_.ring();
    }
}

asio::awaitable<void> HostController::compare_reports() {
    const std::string prefix = parts_.keys.observed(parts_.node);
    const auto listing = co_await parts_.store.list(prefix, ReadOptions{});
    if (!listing) co_return;
    std::map<std::string, std::string> there;
    for (const KvEntry& entry : listing->entries)
        there.emplace(entry.key, entry.value);
    for (auto& [id, state] : apps_) {
        if (!state.published) continue;
        const auto found = there.find(prefix + id.str());
        const bool same = found != there.end() && found->second == encode(*state.published);
        if (!same) state.published.reset();
    }
    publish_wake_.ring();
    for (const KvEntry& entry : listing->entries) {
        const AppId app(entry.key.substr(prefix.size()));
        if (assignments_.find(app) == nullptr) co_await drop_leftover(app, entry);
    }
}

asio::awaitable<void> HostController::drop_leftover(AppId app, KvEntry entry) {
    // One that says the app is removed tells of nothing that somebody might want back.
    const auto report = decode_host_report(entry.value);
    const bool is_over = report && report->remove && report->settled;
    if (!is_over) {
        const auto list = co_await parts_.engine.list_containers();
        if (!list) co_return;
        const bool there =
            std::any_of(list->begin(), list->end(), [&](const ContainerSummary& container) {
                return container.owner && container.owner->app == app &&
                       container.owner->cluster == assignments_.cluster().cluster;
            });
        if (there) co_return;
    }
    if (assignments_.find(app) != nullptr) co_return;
    std::vector<KvOp> ops;
    ops.push_back({.verb = KvVerb::remove_cas, .key = entry.key, .index = entry.modify_index});
    co_await parts_.store.transact(std::move(ops));
}

asio::awaitable<bool> HostController::publish_one(AppId id) {
    const auto found = apps_.find(id);
    if (found == apps_.end()) co_return true;
    const Order* order = assignments_.find(id);
    const auto& report = found->second.report;
    const std::string key = parts_.keys.observed(parts_.node, id);
    const bool removed = order != nullptr && order->assignment.remove && report && report->remove &&
                         report->settled && assignments_.missing().contains(id);
    std::vector<KvOp> ops;
    if (removed) {
        ops.push_back({.verb = KvVerb::remove, .key = key});
    } else if (report && report != found->second.published) {
        ops.push_back({.verb = KvVerb::set, .key = key, .value = encode(*report)});
    } else {
        co_return true;
    }
    const std::optional<HostReport> sent = report;
    const auto written = co_await parts_.store.transact(std::move(ops));
    if (!written) co_return false;
    const auto after = apps_.find(id);
    if (after == apps_.end()) co_return true;
    after->second.published = sent;
    // A new order may have come for the app while its last trace was being removed.
    const Order* now = assignments_.find(id);
    const bool over = removed && now != nullptr && now->assignment.remove &&
                      assignments_.missing().contains(id) && after->second.walks.empty();
    if (over) {
        spdlog::info("{}: removed", id.str());
        parts_.metrics.forget_restarts(id);
        assignments_.forget(id);
        after->second.report.reset();
        after->second.published.reset();
        after->second.attempts.clear();
        after->second.saved_attempts.clear();
    }
    co_return true;
}

}  // namespace nap
