#include "agent/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>

#include "agent/process_stats.hpp"

namespace nap {

namespace {

using Labels = prometheus::Labels;

const prometheus::Histogram::BucketBoundaries fast_buckets{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const prometheus::Histogram::BucketBoundaries slow_buckets{0.05, 0.1, 0.25, 0.5, 1,  2.5,
                                                           5,    10,  30,   60,  300};

constexpr std::array action_names{"create-network",    "remove-network",    "create-volume",
                                  "pull-image",        "create-container",  "connect-network",
                                  "start-container",   "unpause-container", "stop-container",
                                  "restart-container", "signal-container",  "remove-container",
                                  "rename-container",  "write-hosts",       "write-files",
                                  "write-folder",      "remove-folder",     "run-hooks"};

const char* to_text(Metrics::Reconcile result) {
    switch (result) {
        case Metrics::Reconcile::success:
            return "success";
        case Metrics::Reconcile::error:
            return "error";
        case Metrics::Reconcile::requeue:
            return "requeue";
        case Metrics::Reconcile::terminal:
            return "terminal";
    }
    return "error";
}

/// A family whose series can be taken away again. prometheus-cpp's Remove leaves dangling
/// references behind; here nobody keeps any.
template <class T>
class AppSeries {
  public:
    explicit AppSeries(prometheus::Family<T>& family) : family_(family) {}

    template <class... Args>
    T& at(const AppId& app, const Labels& labels, Args&&... args) {
        Labels all = labels;
        all["app"] = app.str();
        T& series = family_.Add(all, std::forward<Args>(args)...);
        known_[app].insert(&series);
        return series;
    }
    void forget(const AppId& app) {
        const auto found = known_.find(app);
        if (found == known_.end()) return;
        for (T* series : found->second)
            family_.Remove(series);
        known_.erase(found);
    }
    void forget_all() {
        while (!known_.empty())
            forget(AppId(known_.begin()->first));
    }

  private:
    prometheus::Family<T>& family_;
    std::map<AppId, std::set<T*>> known_;
};

}  // namespace

struct Metrics::Series {
    prometheus::Registry registry;
    ProcessStats process;

    prometheus::Family<prometheus::Counter>& counter(const char* name, const char* help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    }
    prometheus::Family<prometheus::Gauge>& gauge(const char* name, const char* help) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    }
    prometheus::Family<prometheus::Histogram>& histogram(const char* name, const char* help) {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }

    prometheus::Family<prometheus::Gauge>& build_info =
        gauge("nap_build_info", "1, labelled with the version that runs.");
    prometheus::Gauge& leads = gauge("nap_leader", "1 while this agent leads the cluster.").Add({});
    prometheus::Counter& leader_transitions =
        counter("nap_leader_transitions_total", "Times this agent began or ceased to lead.")
            .Add({});
    prometheus::Family<prometheus::Counter>& reconcile =
        counter("nap_reconcile_total", "Reconciliations by controller and result.");
    prometheus::Family<prometheus::Histogram>& reconcile_duration =
        histogram("nap_reconcile_duration_seconds", "Time to observe and plan once.");
    prometheus::Family<prometheus::Gauge>& depth =
        gauge("nap_workqueue_depth", "Keys waiting to be worked on.");
    prometheus::Family<prometheus::Counter>& adds =
        counter("nap_workqueue_adds_total", "Keys added to the queue.");
    prometheus::Family<prometheus::Counter>& retries =
        counter("nap_workqueue_retries_total", "Keys added again after an error.");
    prometheus::Family<prometheus::Histogram>& waited =
        histogram("nap_workqueue_queue_duration_seconds", "Time a key waited to be worked on.");
    prometheus::Family<prometheus::Counter>& actions =
        counter("nap_actions_total", "Actions on the engine by kind and result.");
    prometheus::Family<prometheus::Histogram>& action_duration =
        histogram("nap_action_duration_seconds", "Time an action took.");
    AppSeries<prometheus::Gauge> instances{gauge(
        "nap_app_instances", "Instances desired, running and healthy; exported by the leader.")};
    AppSeries<prometheus::Gauge> converged{
        gauge("nap_app_converged", "1 while the app is as its manifest says; from the leader.")};
    prometheus::Histogram& converge =
        histogram("nap_app_converge_seconds",
                  "From a change of the manifest to convergence; exported by the leader.")
            .Add({}, slow_buckets);
    prometheus::Histogram& recovery =
        histogram("nap_recovery_seconds", "From the death of an instance to its running again.")
            .Add({}, slow_buckets);
    AppSeries<prometheus::Counter> restarts{
        counter("nap_restarts_total", "Instances run again after they ended or were unhealthy.")};
    AppSeries<prometheus::Gauge> manifest_errors{
        gauge("nap_manifest_errors", "Errors in the app's manifest; exported by the leader.")};
    prometheus::Family<prometheus::Counter>& watch_events =
        counter("nap_watch_events_total", "Events and changed reads, by source.");
    prometheus::Family<prometheus::Counter>& reconnects =
        counter("nap_watch_reconnects_total", "Watches opened again after they were lost.");
    prometheus::Family<prometheus::Gauge>& connected =
        gauge("nap_watch_connected", "1 while the source can be watched.");
    prometheus::Family<prometheus::Histogram>& docker =
        histogram("nap_docker_request_duration_seconds", "Requests to the engine.");
    prometheus::Family<prometheus::Histogram>& consul =
        histogram("nap_consul_request_duration_seconds", "Requests to Consul.");
    prometheus::Family<prometheus::Gauge>& nodes =
        gauge("nap_nodes", "Nodes by state; exported by the leader.");
    prometheus::Gauge& holds =
        gauge("nap_holds", "Matters held until a person approves; exported by the leader.").Add({});
    std::set<std::string> node_states;
    std::map<std::string, bool> was_connected;
};

Metrics::Metrics() : series_(std::make_unique<Series>()) {
    Series& s = *series_;
    s.build_info.Add({{"version", NAP_VERSION}, {"commit", NAP_COMMIT}}).Set(1);
    for (const char* controller : {"host", "cluster"}) {
        for (const char* result : {"success", "error", "requeue", "terminal"}) {
            s.reconcile.Add({{"controller", controller}, {"result", result}});
        }
        s.reconcile_duration.Add({{"controller", controller}}, fast_buckets);
        s.depth.Add({{"name", controller}});
        s.adds.Add({{"name", controller}});
        s.retries.Add({{"name", controller}});
        s.waited.Add({{"name", controller}}, fast_buckets);
    }
    for (const char* name : action_names) {
        for (const char* result : {"success", "error"}) {
            s.actions.Add({{"action", name}, {"result", result}});
        }
    }
    for (const char* source : {"consul", "docker"}) {
        s.watch_events.Add({{"source", source}});
        s.reconnects.Add({{"source", source}});
        s.connected.Add({{"source", source}});
    }
}

Metrics::~Metrics() = default;

void Metrics::reconciled(std::string_view controller, Reconcile result, double seconds) {
    const std::string name(controller);
    series_->reconcile.Add({{"controller", name}, {"result", to_text(result)}}).Increment();
    series_->reconcile_duration.Add({{"controller", name}}, fast_buckets).Observe(seconds);
}

void Metrics::queue_depth(std::string_view name, std::size_t depth) {
    series_->depth.Add({{"name", std::string(name)}}).Set(static_cast<double>(depth));
}

void Metrics::queue_added(std::string_view name) {
    series_->adds.Add({{"name", std::string(name)}}).Increment();
}

void Metrics::queue_retried(std::string_view name) {
    series_->retries.Add({{"name", std::string(name)}}).Increment();
}

void Metrics::queue_waited(std::string_view name, double seconds) {
    series_->waited.Add({{"name", std::string(name)}}, fast_buckets).Observe(seconds);
}

void Metrics::action(std::string_view name, bool succeeded, double seconds) {
    const std::string action(name);
    series_->actions.Add({{"action", action}, {"result", succeeded ? "success" : "error"}})
        .Increment();
    series_->action_duration.Add({{"action", action}}, slow_buckets).Observe(seconds);
}

void Metrics::recovered(double seconds) {
    series_->recovery.Observe(seconds);
}

void Metrics::restarted(const AppId& app, const std::string& service) {
    series_->restarts.at(app, {{"service", service}}).Increment();
}

void Metrics::forget_restarts(const AppId& app) {
    series_->restarts.forget(app);
}

void Metrics::app_status(const AppStatus& status) {
    Series& s = *series_;
    forget_app(status.app);
    s.converged.at(status.app, {}).Set(status.phase == Phase::converged ? 1 : 0);
    s.manifest_errors.at(status.app, {}).Set(static_cast<double>(status.errors.size()));
    for (const auto& [service, counts] : status.services) {
        const std::pair<const char*, int> states[] = {
            {"desired", counts.desired}, {"running", counts.running}, {"healthy", counts.healthy}};
        for (const auto& [state, count] : states) {
            s.instances.at(status.app, {{"service", service}, {"state", state}}).Set(count);
        }
    }
}

void Metrics::forget_app(const AppId& app) {
    series_->instances.forget(app);
    series_->converged.forget(app);
    series_->manifest_errors.forget(app);
}

void Metrics::forget_all_apps() {
    series_->instances.forget_all();
    series_->converged.forget_all();
    series_->manifest_errors.forget_all();
    nodes({});
    holds(0);
}

void Metrics::app_converged_after(double seconds) {
    series_->converge.Observe(seconds);
}

void Metrics::watch_event(std::string_view source) {
    series_->watch_events.Add({{"source", std::string(source)}}).Increment();
}

void Metrics::watch_connected(std::string_view source, bool connected) {
    const std::string name(source);
    const auto [entry, first] = series_->was_connected.try_emplace(name, false);
    if (connected && !first && !entry->second) {
        series_->reconnects.Add({{"source", name}}).Increment();
    }
    entry->second = connected;
    series_->connected.Add({{"source", name}}).Set(connected ? 1 : 0);
}

void Metrics::docker_request(std::string_view op, std::string_view code, double seconds) {
    series_->docker.Add({{"op", std::string(op)}, {"code", std::string(code)}}, fast_buckets)
        .Observe(seconds);
}

void Metrics::consul_request(std::string_view op, std::string_view code, double seconds) {
    series_->consul.Add({{"op", std::string(op)}, {"code", std::string(code)}}, fast_buckets)
        .Observe(seconds);
}

void Metrics::leader(bool leads) {
    series_->leads.Set(leads ? 1 : 0);
    series_->leader_transitions.Increment();
}

void Metrics::nodes(const std::map<std::string, int>& by_state) {
    // States there are no nodes in now read zero.
    for (const auto& state : series_->node_states) {
        if (!by_state.contains(state)) series_->nodes.Add({{"state", state}}).Set(0);
    }
    for (const auto& [state, count] : by_state) {
        series_->node_states.insert(state);
        series_->nodes.Add({{"state", state}}).Set(count);
    }
}

void Metrics::holds(std::size_t count) {
    series_->holds.Set(static_cast<double>(count));
}

std::string Metrics::text() const {
    auto families = series_->registry.Collect();
    for (auto& family : series_->process.Collect())
        families.push_back(std::move(family));
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace nap
