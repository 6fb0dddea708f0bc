#include "agent/cluster_controller.hpp"

#include <spdlog/spdlog.h>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "clients/json_codec.hpp"
#include "model/rfc3339.hpp"

namespace nap {

namespace {

constexpr std::chrono::seconds retry_interval{1};
constexpr std::chrono::seconds resync_interval{60};

ClusterId new_cluster_id() {
    return ClusterId(boost::uuids::to_string(boost::uuids::random_generator()()));
}

}  // namespace

ClusterController::ClusterController(Parts parts, Assignments& assignments,
                                     std::function<void()> on_outdated)
    : parts_(std::move(parts)),
      assignments_(assignments),
      on_outdated_(std::move(on_outdated)),
      state_(ClusterState::Settings{}),
      sources_(parts_.keys, parts_.config.apps.prefixes),
      reports_watch_(
          watch(parts_.keys.observed(), std::bind_front(&ClusterController::take_reports, this))),
      nodes_watch_(
          watch(parts_.keys.nodes(), std::bind_front(&ClusterController::take_nodes, this))),
      controls_watch_(
          watch(parts_.keys.controls(), std::bind_front(&ClusterController::take_controls, this))),
      requests_watch_(
          watch(parts_.keys.requests(), std::bind_front(&ClusterController::take_requests, this))),
      wake_(parts_.executor),
      loops_(parts_.executor),
      intake_(parts_.config.apps.settle) {
    for (const std::string& prefix : sources_.prefixes()) {
        manifest_watches_.emplace_back(watch(
            prefix, [this, prefix](const KvListing& listing) { take_source(prefix, listing); }));
    }
}

KvWatch::Options ClusterController::watch(std::string prefix,
                                          std::function<void(const KvListing&)> take) {
    return {.store = parts_.store,
            .prefix = prefix,
            .on_listing =
                [this, take = std::move(take), prefix](const KvListing& listing) {
                    read_.insert(prefix);
                    take(listing);
                    parts_.metrics.queue_added("cluster");
                    wake_.ring();
                },
            .on_error =
                [this, prefix](const Error& error) {
                    if (prefix == parts_.keys.nodes()) nodes_unread_ = true;
                    spdlog::warn("{} cannot be read: {}; nothing is decided meanwhile", prefix,
                                 error.message);
                },
            .on_doubt =
                [this] {
                    doubt_ = true;
                    wake_.ring();
                },
            .observer = {.on_event = [this] { parts_.metrics.watch_event("consul"); },
                         .on_connected = [](bool) {}}};
}

void ClusterController::start(const Term& term) {
    term_ = term;
    read_.clear();
    listings_.clear();
    intake_.clear();
    offered_.clear();
    report_index_.clear();
    nodes_index_ = 0;
    nodes_unread_ = false;
    newest_epoch_ = 0;
    founded_ = false;
    phases_.clear();
    changed_at_.clear();
    loops_.spawn(lead());
}

void ClusterController::stop() {
    loops_.cancel();
    parts_.metrics.forget_all_apps();
}

asio::awaitable<void> ClusterController::join() {
    co_await loops_.join();
}

asio::awaitable<void> ClusterController::lead() {
    while (true) {
        const bool prepared = co_await prepare();
        if (prepared) break;
        co_await sleep_for(retry_interval);
    }
    for (KvWatch& manifests : manifest_watches_)
        loops_.spawn(manifests.run());
    loops_.spawn(reports_watch_.run());
    loops_.spawn(nodes_watch_.run());
    loops_.spawn(controls_watch_.run());
    loops_.spawn(requests_watch_.run());
    loops_.spawn(work());
}

asio::awaitable<bool> ClusterController::prepare() {
    const bool settled = co_await settle_identity();
    if (!settled) co_return false;
    state_ = ClusterState({.cluster = assignments_.cluster().cluster,
                           .epoch = term_.epoch,
                           .grace = parts_.config.failover.grace});
    if (!founded_) state_.doubt_orders(parts_.clock.monotonic());
    co_return co_await read_own_writes();
}

asio::awaitable<bool> ClusterController::settle_identity() {
    const auto entry = co_await parts_.store.get(parts_.keys.meta(), ReadOptions{});
    if (!entry) co_return false;
    if (!*entry) co_return co_await found_cluster();
    const auto meta = decode_cluster_meta((*entry)->value);
    const ClusterId& remembered = assignments_.cluster().cluster;
    if (meta && (remembered.empty() || remembered == meta->cluster)) {
        assignments_.remember(meta->cluster, term_.epoch);
        co_return true;
    }
    if (!identity_said_) {
        spdlog::error("{}: {}; nothing is decided until that is put right", parts_.keys.meta(),
                      meta ? "it names cluster " + meta->cluster.str() + ", this host belongs to " +
                                 remembered.str() + " (cluster.json in its data directory)"
                           : meta.error().message);
        identity_said_ = true;
    }
    co_return false;
}

asio::awaitable<bool> ClusterController::found_cluster() {
    const ClusterId& remembered = assignments_.cluster().cluster;
    const ClusterId cluster = remembered.empty() ? new_cluster_id() : remembered;
    const auto assigned = co_await parts_.store.list(parts_.keys.assigned(), ReadOptions{});
    if (!assigned) co_return false;
    if (!remembered.empty()) {
        spdlog::error(
            "{} is gone; was Consul's data wiped? Writing it again for cluster {}; what "
            "runs is kept until its manifests are back",
            parts_.keys.meta(), cluster.str());
    }
    std::vector<KvOp> ops;
    ops.push_back(
        {.verb = KvVerb::check_session, .key = parts_.keys.leader(), .session = term_.session});
    ops.push_back({.verb = KvVerb::check_not_exists, .key = parts_.keys.meta()});
    ops.push_back({.verb = KvVerb::set,
                   .key = parts_.keys.meta(),
                   .value = encode(ClusterMeta{.cluster = cluster})});
    // With apps assigned, missing manifests may be part of the loss: a person has to vouch for
    // them.
    if (assigned->entries.empty()) {
        for (const std::string& prefix : sources_.prefixes()) {
            ops.push_back(
                {.verb = KvVerb::set, .key = AppSources::sentinel(prefix), .value = cluster.str()});
        }
    }
    const auto written = co_await parts_.store.transact(std::move(ops));
    if (!written) co_return false;
    founded_ = remembered.empty();
    assignments_.remember(cluster, term_.epoch);
    co_return true;
}

asio::awaitable<bool> ClusterController::read_own_writes() {
    const auto assigned = co_await parts_.store.list(parts_.keys.assigned(), ReadOptions{});
    const auto statuses = co_await parts_.store.list(parts_.keys.statuses(), ReadOptions{});
    const auto held = co_await parts_.store.get(parts_.keys.held(), ReadOptions{});
    const auto requests = co_await parts_.store.list(parts_.keys.requests(), ReadOptions{});
    if (!assigned || !statuses || !held || !requests) co_return false;
    take_orders(*assigned);
    take_statuses(*statuses);
    // One that was done may be there still.
    take_requests(*requests);
    std::vector<Hold> holds;
    if (*held) {
        auto decoded = decode_holds((*held)->value);
        if (decoded) holds = std::move(*decoded);
    }
    state_.set_holds(std::move(holds));
    state_.touch_all();
    co_return true;
}

bool ClusterController::all_read() const {
    std::set<std::string> needed{parts_.keys.observed(), parts_.keys.nodes(),
                                 parts_.keys.controls(), parts_.keys.requests()};
    needed.insert(sources_.prefixes().begin(), sources_.prefixes().end());
    return read_ == needed;
}

asio::awaitable<void> ClusterController::work() {
    // By the clock, not by how long nothing has rung: watches that return without news ring too.
    MonotonicTime resync = parts_.clock.monotonic() + resync_interval;
    while (true) {
        const MonotonicTime now = parts_.clock.monotonic();
        nanoseconds limit = std::max(resync - now, nanoseconds{0});
        if (const auto due = state_.next_due(now)) limit = std::min(limit, *due - now);
        if (const auto due = intake_.next_due()) {
            limit = std::min(limit, std::max(*due - now, nanoseconds{0}));
        }
        co_await wake_.wait_for(limit);
        take_settled();
        if (doubt_ || parts_.clock.monotonic() >= resync) {
            if (doubt_) state_.doubt_orders(parts_.clock.monotonic());
            doubt_ = false;
            const bool read = co_await read_own_writes();
            doubt_ = !read;
            resync = parts_.clock.monotonic() + resync_interval;
        }
        if (!all_read()) continue;
        if (give_up_if_outdated()) co_return;
        const MonotonicTime began = parts_.clock.monotonic();
        const bool succeeded = co_await reconcile();
        const std::chrono::duration<double> took = parts_.clock.monotonic() - began;
        parts_.metrics.reconciled(
            "cluster", succeeded ? Metrics::Reconcile::success : Metrics::Reconcile::error,
            took.count());
        if (succeeded) continue;
        parts_.metrics.queue_retried("cluster");
        bool read = false;
        while (!read) {
            co_await sleep_for(retry_interval);
            read = co_await read_own_writes();
        }
        wake_.ring();
    }
}

bool ClusterController::give_up_if_outdated() {
    if (newest_epoch_ < term_.epoch) return false;
    spdlog::error(
        "hosts have seen leadership {}, and refuse orders of this one, {}; were Consul's data "
        "lost? "
        "Giving up the lead, to lead again with a higher number",
        newest_epoch_, term_.epoch);
    // Each time this number is higher than before, so that it cannot go round in a circle.
    assignments_.remember(assignments_.cluster().cluster, newest_epoch_);
    on_outdated_();
    return true;
}

asio::awaitable<bool> ClusterController::reconcile() {
    state_.start_losses(parts_.clock.monotonic());
    auto actions = plan_cluster(state_, parts_.clock.monotonic());
    parts_.metrics.holds(state_.holds().size());
    if (actions.empty()) co_return true;
    co_return co_await carry_out(std::move(actions));
}

}  // namespace nap
