#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "model/cluster.hpp"
#include "model/ids.hpp"

namespace nap {

/// Every series nap exports (docs/reference/metrics.md). Counters that have no app in them exist
/// from the start; the series of an app go when it goes.
class Metrics {
  public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    enum class Reconcile { success, error, requeue, terminal };
    void reconciled(std::string_view controller, Reconcile result, double seconds);
    void queue_depth(std::string_view name, std::size_t depth);
    void queue_added(std::string_view name);
    void queue_retried(std::string_view name);
    void queue_waited(std::string_view name, double seconds);

    void action(std::string_view name, bool succeeded, double seconds);
    void recovered(double seconds);
    void restarted(const AppId& app, const std::string& service);
    void forget_restarts(const AppId& app);

    void app_status(const AppStatus& status);
    void forget_app(const AppId& app);
    void forget_all_apps();
    void app_converged_after(double seconds);

    void watch_event(std::string_view source);
    void watch_connected(std::string_view source, bool connected);
    void docker_request(std::string_view op, std::string_view code, double seconds);
    void consul_request(std::string_view op, std::string_view code, double seconds);

    void leader(bool leads);
    void nodes(const std::map<std::string, int>& by_state);
    void holds(std::size_t count);

    /// All of it, in the Prometheus text format.
    [[nodiscard]] std::string text() const;

  private:
    struct Series;
    std::unique_ptr<Series> series_;
};

}  // namespace nap
