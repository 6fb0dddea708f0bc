#include "watchers/engine_view.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "ports/task_group.hpp"

namespace nap {

namespace {

/// How long an engine that did not tell of its networks is not asked again.
constexpr std::chrono::seconds silent_interval{5};

/// Some container is made from none of the images as they are known here.
bool has_other_image(const ObservedHost& host, const std::set<std::string>& references) {
    std::set<ImageId> known;
    for (const std::string& reference : references) {
        const auto found = host.images.find(reference);
        if (found != host.images.end()) known.insert(found->second);
    }
    return !known.empty() &&
           std::any_of(host.containers.begin(), host.containers.end(),
                       [&](const ObservedContainer& c) { return !known.contains(c.image_id); });
}

}  // namespace

EngineView::EngineView(asio::any_io_executor executor, Engine& engine)
    : executor_(executor), engine_(engine), listed_(executor, LoopTimer::time_point::max()) {}

asio::awaitable<Result<ObservedHost>> EngineView::observe(Request request) {
    if (auto listed = co_await refresh_lists(); !listed) co_return listed.error();
    if (auto inspected = co_await inspect_stale(request.app, request.busy); !inspected) {
        co_return inspected.error();
    }
    if (auto resolved = co_await resolve_images(request.images); !resolved) {
        co_return resolved.error();
    }
    ObservedHost host = cache_.snapshot(request.app);
    if (!has_other_image(host, request.images)) co_return host;
    // Such a container is replaced. An image whose change was missed would have it replaced again
    // and again, each time by one of the image that is really there.
    for (const std::string& reference : request.images)
        cache_.forget_image(reference);
    if (auto resolved = co_await resolve_images(request.images); !resolved) {
        co_return resolved.error();
    }
    co_return cache_.snapshot(request.app);
}

asio::awaitable<Result<void>> EngineView::refresh_lists() {
    while (listing_) {
        co_await listed_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    listing_ = true;
    const auto result = co_await read_lists();
    listing_ = false;
    listed_.cancel();
    co_return result;
}

asio::awaitable<Result<void>> EngineView::read_lists() {
    if (cache_.containers_stale()) {
        if (auto result = co_await read_containers(); !result) co_return result;
    }
    if (cache_.networks_stale()) {
        if (auto result = co_await read_networks(); !result) co_return result;
    }
    if (cache_.volumes_stale()) {
        if (auto result = co_await read_volumes(); !result) co_return result;
    }
    if (cache_.info_stale()) co_await read_info();
    co_return Result<void>{};
}

asio::awaitable<Result<void>> EngineView::read_containers() {
    const std::uint64_t begun = cache_.begin_container_list();
    const auto list = co_await engine_.list_containers();
    if (!list) {
        cache_.distrust_lists();
        co_return list.error();
    }
    cache_.take_container_list(*list, begun);
    co_return Result<void>{};
}

/// An engine whose swarm has no leader gives no answer. What it said last stands then, unless it is
/// known to have changed: what runs has to be kept running. No network is removed without asking.
asio::awaitable<Result<void>> EngineView::read_networks() {
    if (!cache_.networks_changed() && LoopClock::now() < networks_again_) co_return Result<void>{};
    cache_.begin_network_list();
    auto networks = co_await engine_.list_networks();
    if (networks) {
        cache_.take_networks(std::move(*networks));
        co_return Result<void>{};
    }
    cache_.network_list_failed();
    if (cache_.networks_changed()) co_return networks.error();
    networks_again_ = LoopClock::now() + silent_interval;
    co_return Result<void>{};
}

asio::awaitable<Result<void>> EngineView::read_volumes() {
    cache_.begin_volume_list();
    auto volumes = co_await engine_.list_volumes();
    if (!volumes) {
        cache_.touch_volumes();
        co_return volumes.error();
    }
    cache_.take_volumes(std::move(*volumes));
    co_return Result<void>{};
}

/// Without an answer the last one stands: nothing that runs depends on it.
asio::awaitable<void> EngineView::read_info() {
    cache_.begin_info();
    auto info = co_await engine_.info();
    if (info) cache_.take_info(std::move(*info));
}

asio::awaitable<Result<void>> EngineView::inspect_stale(AppId app, std::set<std::string> busy) {
    const auto outcome = std::make_shared<Result<void>>();
    const std::vector<ContainerId> stale = cache_.begin_inspections(app, busy);
    if (stale.size() == 1) {
        co_await inspect_one(stale.front(), outcome);
        co_return *outcome;
    }
    TaskGroup inspections(executor_);
    for (const ContainerId& id : stale) {
        inspections.spawn(inspect_one(id, outcome));
        if (inspections.size() >= 4) co_await inspections.wait_one();
    }
    co_await inspections.join();
    co_return *outcome;
}

asio::awaitable<void> EngineView::inspect_one(ContainerId id,
                                              std::shared_ptr<Result<void>> outcome) {
    auto container = co_await engine_.inspect_container(id);
    if (container) {
        cache_.take_container(std::move(*container));
        co_return;
    }
    const bool gone = container.error().code == Errc::not_found;
    cache_.inspection_failed(id, gone);
    if (!gone) *outcome = container.error();
}

asio::awaitable<Result<void>> EngineView::resolve_images(std::set<std::string> references) {
    // What was looked up first may be forgotten while the rest is: only a round that had nothing
    // to ask leaves all of them known.
    bool all_known = false;
    while (!all_known) {
        all_known = true;
        for (const std::string& reference : references) {
            if (cache_.knows_image(reference)) continue;
            all_known = false;
            auto id = co_await engine_.find_image(reference);
            if (!id) co_return id.error();
            cache_.take_image(reference, std::move(*id));
        }
    }
    co_return Result<void>{};
}

}  // namespace nap
