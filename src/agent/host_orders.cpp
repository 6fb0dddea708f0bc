// The listening side of the host controller: what this host is told to run, and for how long it may
// run what must not run twice.

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "agent/host_controller.hpp"
#include "reconciler/backoff.hpp"
#include "reconciler/lease_end.hpp"

namespace nap {

namespace {

constexpr milliseconds lease_interval{200};

bool runs_on_lease(const AppSpec& app) {
    return std::any_of(app.services.begin(), app.services.end(), [](const auto& entry) {
        return entry.second.partition == PartitionPolicy::stop;
    });
}

}  // namespace

KvWatch::Options HostController::orders_watch_options() {
    const auto on_error = [this](const Error& error) {
        spdlog::warn("assignments cannot be read: {}; going on with the last known", error.message);
        begin();
    };
    const auto on_connected = [this](bool connected) {
        parts_.metrics.watch_connected("consul", connected);
        if (!connected) return;
        publish_wake_.ring();
        // A report sent before the loss may have been written after it, over a newer one.
        tasks_.spawn(compare_reports());
    };
    return {.store = parts_.store,
            .prefix = parts_.keys.assigned(parts_.node),
            .on_listing = [this](const KvListing& listing) { take_orders(listing); },
            .on_error = on_error,
            .on_doubt = [this] { tasks_.spawn(compare_reports()); },
            .observer = {.on_event = [this] { parts_.metrics.watch_event("consul"); },
                         .on_connected = on_connected}};
}

void HostController::begin() {
    if (std::exchange(asked_, true)) return;
    add_all();
}

asio::awaitable<bool> HostController::read_orders() {
    const std::string prefix = parts_.keys.assigned(parts_.node);
    const auto listing = co_await parts_.store.list(prefix, ReadOptions{});
    if (listing) take_orders(*listing);
    co_return listing.has_value();
}

asio::awaitable<void> HostController::watch_lease() {
    while (true) {
        co_await sleep_for(lease_interval);
        const bool leased = lease_.valid(parts_.clock.monotonic());
        if (leased && std::exchange(leased_, true)) continue;
        if (!leased && std::exchange(leased_, false)) {
            spdlog::error("Consul has not been heard of for {} ms", lease_.span().count());
        }
        for (const auto& [id, order] : assignments_.orders()) {
            if (!runs_on_lease(order.spec)) continue;
            if (!leased) end_lease(id);
            if (leased) add(id);
        }
    }
}

void HostController::end_lease(const AppId& id) {
    HostApp& state = app(id);
    if (stopping_ || std::exchange(state.kept_stopped, true)) return;
    spdlog::error("{}: its services of `partition: stop` are stopped", id.str());
    for (PlanWalk& walk : state.walks)
        walk.stop();
    walks_.spawn(keep_stopped(id, state));
    add(id);
}

asio::awaitable<void> HostController::keep_stopped(AppId id, HostApp& state) {
    while (!stopping_ && !lease_.valid(parts_.clock.monotonic())) {
        const auto containers = co_await parts_.engine.list_containers();
        const Order* order = assignments_.find(id);
        if (containers && order != nullptr) {
            Plan plan =
                plan_lease_end(order->assignment.cluster, order->spec, *containers, state.busy());
            if (!plan.steps.empty()) spdlog::info("{}: plan\n{}", id.str(), to_string(plan));
            begin_walk(id, state, std::move(plan));
        }
        co_await sleep_for(lease_interval);
    }
    state.kept_stopped = false;
}

void HostController::take_orders(const KvListing& listing) {
    has_orders_ = true;
    const std::set<AppId> missing_before = assignments_.missing();
    for (const auto& [id, change] : assignments_.take(listing, parts_.keys.assigned(parts_.node))) {
        HostApp& changed = app(id);
        if (change == Assignments::Change::work) {
            ++changed.generation;
            forgive(changed.attempts);
            for (PlanWalk& walk : changed.walks)
                walk.stop();
        }
        add(id);
    }
    for (const AppId& id : std::set<AppId>(assignments_.missing())) {
        // Who lost the order may have lost the report too.
        if (!missing_before.contains(id)) app(id).published.reset();
        add(id);
    }
    publish_wake_.ring();
    begin();
}

}  // namespace nap
