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

ClusterController::ClusterController(Parts parts, Assignments& assignments)
    : parts_(std::move(parts)),
      assignments_(assignments),
      manifests_watch_(watch(parts_.keys.apps(), &ClusterController::take_manifests)),
      reports_watch_(watch(parts_.keys.observed(), &ClusterController::take_reports)),
      nodes_watch_(watch(parts_.keys.nodes(), &ClusterController::take_nodes)),
      wake_(parts_.executor),
      loops_(parts_.executor) {}

KvWatch::Options ClusterController::watch(std::string prefix,
                                          void (ClusterController::*take)(const KvListing&)) {
    return {.store = parts_.store,
            .prefix = prefix,
            .on_listing =
                [this, take](const KvListing& listing) {
                    (this->*take)(listing);
                    parts_.metrics.queue_added("cluster");
                    wake_.ring();
                },
            .on_error =
                [prefix](const Error& error) {
                    spdlog::warn("{} cannot be read: {}; nothing is decided meanwhile", prefix,
                                 error.message);
                },
            .observer = {.on_event = [this] { parts_.metrics.watch_event("consul"); },
                         .on_connected = [](bool) {}}};
}

void ClusterController::start(const Term& term) {
    term_ = term;
    manifests_read_ = false;
    reports_read_ = false;
    assigned_.clear();
    published_.clear();
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
    loops_.spawn(manifests_watch_.run());
    loops_.spawn(reports_watch_.run());
    loops_.spawn(nodes_watch_.run());
    loops_.spawn(work());
}

asio::awaitable<bool> ClusterController::prepare() {
    const bool settled = co_await settle_identity();
    if (!settled) co_return false;
    co_return co_await read_own_writes();
}

asio::awaitable<bool> ClusterController::settle_identity() {
    const auto entry = co_await parts_.store.get(parts_.keys.meta(), ReadOptions{});
    if (!entry) co_return false;
    if (!*entry) co_return co_await found_cluster();
    const auto meta = decode_cluster_meta((*entry)->value);
    const ClusterId& remembered = assignments_.cluster().cluster;
    if (meta && (remembered.empty() || remembered == meta->cluster)) {
        cluster_ = meta->cluster;
        assignments_.remember(cluster_, term_.epoch);
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
        ops.push_back(
            {.verb = KvVerb::set, .key = parts_.keys.apps_sentinel(), .value = cluster.str()});
    }
    const auto written = co_await parts_.store.transact(std::move(ops));
    if (!written) co_return false;
    cluster_ = cluster;
    assignments_.remember(cluster_, term_.epoch);
    co_return true;
}

asio::awaitable<bool> ClusterController::read_own_writes() {
    const auto assigned = co_await parts_.store.list(parts_.keys.assigned(), ReadOptions{});
    const auto statuses = co_await parts_.store.list(parts_.keys.statuses(), ReadOptions{});
    if (!assigned || !statuses) co_return false;
    assigned_.clear();
    published_.clear();
    for (const KvEntry& entry : assigned->entries) {
        auto assignment = decode_assignment(entry.value);
        if (!assignment) continue;
        const std::string path = entry.key.substr(parts_.keys.assigned().size());
        const NodeId node(path.substr(0, path.find('/')));
        if (entry.key != parts_.keys.assigned(node, assignment->app)) continue;
        assigned_.insert_or_assign({node, assignment->app}, std::move(*assignment));
    }
    for (const KvEntry& entry : statuses->entries) {
        const AppId app(entry.key.substr(parts_.keys.statuses().size()));
        auto status = decode_app_status(entry.value);
        // One that cannot be read is written anew.
        published_[app] = status ? std::move(*status) : AppStatus{};
        published_[app].app = app;
        parts_.metrics.app_status(published_[app]);
    }
    co_return true;
}

asio::awaitable<void> ClusterController::work() {
    while (true) {
        const bool rung = co_await wake_.wait_for(resync_interval);
        if (!rung) co_await read_own_writes();
        if (!manifests_read_ || !reports_read_) continue;
        const MonotonicTime began = parts_.clock.monotonic();
        const bool succeeded = co_await reconcile();
        const std::chrono::duration<double> took = parts_.clock.monotonic() - began;
        parts_.metrics.reconciled(
            "cluster", succeeded ? Metrics::Reconcile::success : Metrics::Reconcile::error,
            took.count());
        if (succeeded) continue;
        parts_.metrics.queue_retried("cluster");
        co_await sleep_for(retry_interval);
        co_await read_own_writes();
        wake_.ring();
    }
}

asio::awaitable<bool> ClusterController::reconcile() {
    const ClusterInput input{.cluster = cluster_,
                             .epoch = term_.epoch,
                             .nodes = nodes_,
                             .manifests = manifests_,
                             .absence_untrusted = absence_untrusted_,
                             .assigned = assigned_,
                             .observed = reports_,
                             .published = published_};
    const std::vector<ClusterAction> actions = plan_cluster(input);
    for (const ClusterAction& action : actions) {
        const bool written = co_await act(action);
        if (!written) co_return false;
        acted(action);
    }
    co_return true;
}

asio::awaitable<bool> ClusterController::act(const ClusterAction& action) {
    std::vector<KvOp> ops;
    ops.push_back(
        {.verb = KvVerb::check_session, .key = parts_.keys.leader(), .session = term_.session});
    KvOp write;
    if (const auto* assign = std::get_if<WriteAssignment>(&action)) {
        if (assign->assignment.remove) check_manifest_gone(assign->assignment.app, ops);
        write.key = parts_.keys.assigned(assign->node, assign->assignment.app);
        write.value = encode(assign->assignment);
    } else if (const auto* drop = std::get_if<DropAssignment>(&action)) {
        write.verb = KvVerb::remove;
        write.key = parts_.keys.assigned(drop->node, drop->app);
    } else if (const auto* publish = std::get_if<WriteStatus>(&action)) {
        AppStatus status = publish->status;
        status.updated = format_rfc3339(parts_.clock.now());
        write.key = parts_.keys.status(status.app);
        write.value = encode(status);
    } else {
        write.verb = KvVerb::remove;
        write.key = parts_.keys.status(std::get<DropStatus>(action).app);
    }
    const std::string key = write.key;
    ops.push_back(std::move(write));
    const auto written = co_await parts_.store.transact(std::move(ops));
    if (!written) spdlog::warn("cannot write {}: {}", key, written.error().message);
    co_return written.has_value();
}

void ClusterController::check_manifest_gone(const AppId& app, std::vector<KvOp>& ops) const {
    // A list leaves out what a token may not read, without a word; a check of the key itself fails.
    const std::string key = parts_.keys.apps() + app.str();
    ops.push_back({.verb = KvVerb::check_not_exists, .key = key});
    for (const std::string_view ending : manifest_endings) {
        ops.push_back({.verb = KvVerb::check_not_exists, .key = key + std::string(ending)});
    }
}

void ClusterController::acted(const ClusterAction& action) {
    if (const auto* assign = std::get_if<WriteAssignment>(&action)) {
        const AppId& app = assign->assignment.app;
        spdlog::info("{}: {} {}, revision {}", app.str(),
                     assign->assignment.remove ? "to be removed from" : "assigned to",
                     assign->node.str(), assign->assignment.revision.str());
        assigned_.insert_or_assign({assign->node, app}, assign->assignment);
        changed_at_[app] = parts_.clock.monotonic();
    } else if (const auto* drop = std::get_if<DropAssignment>(&action)) {
        assigned_.erase({drop->node, drop->app});
    } else if (const auto* publish = std::get_if<WriteStatus>(&action)) {
        note_status(publish->status);
    } else {
        const AppId& app = std::get<DropStatus>(action).app;
        published_.erase(app);
        parts_.metrics.forget_app(app);
    }
}

void ClusterController::note_status(const AppStatus& status) {
    const auto before = published_.find(status.app);
    const bool phase_changed = before == published_.end() || before->second.phase != status.phase;
    if (phase_changed) {
        spdlog::info("{}: {}{}{}", status.app.str(), to_string(status.phase),
                     status.message.empty() ? "" : ": ", status.message);
    }
    published_[status.app] = status;
    parts_.metrics.app_status(status);
    if (status.phase != Phase::converged) return;
    const auto changed = changed_at_.extract(status.app);
    if (changed.empty()) return;
    const std::chrono::duration<double> took = parts_.clock.monotonic() - changed.mapped();
    parts_.metrics.app_converged_after(took.count());
}

}  // namespace nap
