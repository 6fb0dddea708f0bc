#pragma once

#include <map>

#include "agent/assignments.hpp"
#include "agent/host_app.hpp"
#include "agent/lease.hpp"
#include "agent/metrics.hpp"
#include "model/config.hpp"
#include "model/keys.hpp"
#include "ports/clock.hpp"
#include "ports/wake.hpp"
#include "reconciler/host_plan.hpp"
#include "reconciler/work_queue.hpp"
#include "watchers/engine_view.hpp"
#include "watchers/engine_watch.hpp"
#include "watchers/kv_watch.hpp"

namespace nap {

/// What both controllers are made of. All of it outlives them.
struct Parts {
    asio::any_io_executor executor;
    Engine& engine;
    Store& store;
    const Clock& clock;
    const Memory& memory;
    Metrics& metrics;
    const Config& config;
    Keys keys;
    NodeId node;
};

/// Keeps this host's containers equal to what is assigned to it: observe, plan, act, again. It
/// decides by what it last knew while Consul is away, and never acts on an incomplete picture.
///
/// An app may have several plan walks under way at once. They work on different objects: the
/// planner leaves those alone that a walk has not finished with, so one slow container delays
/// neither the healing of its neighbours nor a new revision.
class HostController {
  public:
    HostController(Parts parts, Assignments& assignments, const Lease& lease);

    void start();
    /// Begins nothing more. Steps under way finish within their deadlines.
    void stop();
    /// Returns once all that `start` began has ended.
    asio::awaitable<void> join();

    /// Reads this host's orders now; true when that succeeded.
    asio::awaitable<bool> read_orders();

    [[nodiscard]] bool engine_connected() const { return engine_connected_; }
    [[nodiscard]] bool has_orders() const { return has_orders_; }

  private:
    asio::awaitable<void> work();
    asio::awaitable<void> process(AppId id);
    asio::awaitable<bool> reconcile(AppId id, HostApp& app);
    asio::awaitable<void> resync();
    asio::awaitable<void> walk(AppId id, HostApp& app, PlanWalk& walk);
    /// Ends what runs on the lease when that ends, and wakes its apps when it is back.
    asio::awaitable<void> watch_lease();
    void end_lease(const AppId& id);
    /// Stops the app's services of `partition: stop`, until the lease is back.
    asio::awaitable<void> keep_stopped(AppId id, HostApp& app);
    asio::awaitable<void> publish();
    asio::awaitable<bool> publish_one(AppId id);
    /// Publishes again what Consul no longer has as it was published.
    asio::awaitable<void> compare_reports();
    /// A report that was written late, after the app had gone from here.
    asio::awaitable<void> drop_leftover(AppId app, KvEntry entry);
    /// Tells of this cluster's objects whose apps have no order here.
    asio::awaitable<void> look_for_unclaimed();
    [[nodiscard]] bool is_unclaimed(const std::optional<OwnerLabels>& owner) const;

    EngineWatch::Options engine_watch_options();
    KvWatch::Options orders_watch_options();
    void take_orders(const KvListing& listing);
    /// Starts work, once it has been tried to hear what has changed since this host's last orders.
    void begin();
    void on_wakes(const Wakes& wakes);
    void add(const AppId& id);
    void add_all();
    void dispatch(const AppId& id, HostApp& app, Plan plan, const ObservedHost& observed);
    void begin_walk(const AppId& id, HostApp& app, Plan plan);
    void on_step_end(const AppId& id, HostApp& app, const StepEnd& end);
    /// The engine's object went its own way before the step came to it; looking again will tell.
    bool was_overtaken(HostApp& state, const StepEnd& end);
    void note_failed_step(HostApp& state, const AppId& id, const StepEnd& end);
    void note_success(HostApp& app, const AppId& id, const StepEnd& end);
    void look_again(const AppId& id, const Plan& plan, TimePoint now);
    void save_attempts(const AppId& id, HostApp& app);
    void read_hosts_blocks(const AppSpec& spec, ObservedHost& observed) const;
    /// Returns where the app's project folders are.
    std::string read_folders(const Assignment& order, ObservedHost& observed) const;
    HostApp& app(const AppId& id);

    Parts parts_;
    Assignments& assignments_;
    const Lease& lease_;
    EngineView view_;
    EngineWatch engine_watch_;
    KvWatch orders_watch_;
    WorkQueue<AppId> queue_;
    Wake work_wake_;
    Wake publish_wake_;
    std::map<AppId, HostApp> apps_;
    std::map<std::string, AppId> unclaimed_;  ///< object → its app, as last told
    TaskGroup loops_;
    TaskGroup tasks_;
    TaskGroup walks_;
    bool stopping_ = false;
    bool engine_connected_ = false;
    bool has_orders_ = false;
    bool asked_ = false;  ///< Consul has answered, or has been found not to
    bool leased_ = true;
};

}  // namespace nap
