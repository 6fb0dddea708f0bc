#include "agent/host_controller.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "actuators/hosts_file.hpp"
#include "actuators/project_folder.hpp"
#include "reconciler/backoff.hpp"
#include "reconciler/host_report.hpp"

namespace nap {

namespace {

constexpr std::chrono::seconds resync_interval{60};
constexpr std::size_t reconciles_at_once = 8;

double seconds_between(MonotonicTime from, MonotonicTime to) {
    return std::chrono::duration<double>(to - from).count();
}

std::set<std::string> images_of(const Order& order) {
    std::set<std::string> images;
    for (const InstanceId& instance : order.assignment.instances) {
        const auto service = order.spec.services.find(instance.service);
        if (service != order.spec.services.end()) images.insert(service->second.image);
    }
    return images;
}

}  // namespace

HostController::HostController(Parts parts, Assignments& assignments, const Lease& lease)
    : parts_(std::move(parts)),
      assignments_(assignments),
      lease_(lease),
      view_(parts_.executor, parts_.engine),
      engine_watch_(engine_watch_options()),
      orders_watch_(orders_watch_options()),
      work_wake_(parts_.executor),
      publish_wake_(parts_.executor),
      loops_(parts_.executor),
      tasks_(parts_.executor),
      walks_(parts_.executor),
      has_orders_(!assignments_.orders().empty()) {}

EngineWatch::Options HostController::engine_watch_options() {
    const auto on_connected = [this](bool connected) {
        engine_connected_ = connected;
        parts_.metrics.watch_connected("docker", connected);
        if (connected) spdlog::info("connected to the engine");
    };
    return {.engine = parts_.engine,
            .cache = view_.cache(),
            .clock = parts_.clock,
            .on_wakes = [this](const Wakes& wakes) { on_wakes(wakes); },
            .observer = {.on_event = [this] { parts_.metrics.watch_event("docker"); },
                         .on_connected = on_connected}};
}

void HostController::start() {
    loops_.spawn(engine_watch_.run());
    loops_.spawn(orders_watch_.run());
    loops_.spawn(work());
    loops_.spawn(resync());
    loops_.spawn(publish());
    loops_.spawn(watch_lease());
}

void HostController::stop() {
    stopping_ = true;
    loops_.cancel();
    for (auto& [id, app] : apps_) {
        for (PlanWalk& walk : app.walks)
            walk.stop();
    }
}

asio::awaitable<void> HostController::join() {
    co_await loops_.join();
    co_await tasks_.join();
    co_await walks_.join();
}

HostApp& HostController::app(const AppId& id) {
    const auto [entry, fresh] = apps_.try_emplace(id);
    if (fresh) {
        entry->second.attempts = parts_.memory.load_attempts(id);
        entry->second.saved_attempts = entry->second.attempts;
    }
    return entry->second;
}

void HostController::on_wakes(const Wakes& wakes) {
    if (wakes.all) return add_all();
    for (const AppId& id : wakes.apps)
        add(id);
}

void HostController::add(const AppId& id) {
    if (!asked_ || assignments_.find(id) == nullptr) return;
    parts_.metrics.queue_added("host");
    queue_.add(id, parts_.clock.monotonic());
    work_wake_.ring();
}

void HostController::add_all() {
    for (const auto& [id, order] : assignments_.orders())
        add(id);
}

asio::awaitable<void> HostController::work() {
    while (true) {
        const MonotonicTime now = parts_.clock.monotonic();
        queue_.advance(now);
        while (tasks_.size() < reconciles_at_once) {
            const auto taken = queue_.take(now);
            if (!taken) break;
            parts_.metrics.queue_waited("host",
                                        std::chrono::duration<double>(taken->waited).count());
            tasks_.spawn(process(taken->key));
        }
        parts_.metrics.queue_depth("host", queue_.depth());
        const auto due = queue_.next_due();
        const nanoseconds limit = due ? *due - parts_.clock.monotonic() : resync_interval;
        if (limit > nanoseconds{0}) co_await work_wake_.wait_for(limit);
    }
}

asio::awaitable<void> HostController::process(AppId id) {
    const MonotonicTime began = parts_.clock.monotonic();
    HostApp& state = app(id);
    const bool succeeded = co_await reconcile(id, state);
    const MonotonicTime ended = parts_.clock.monotonic();
    const auto result = succeeded ? Metrics::Reconcile::success : Metrics::Reconcile::error;
    parts_.metrics.reconciled("host", result, seconds_between(began, ended));
    if (!succeeded) {
        parts_.metrics.queue_retried("host");
        queue_.add_at(id,
                      ended + backoff_delay(parts_.config.backoff, ++state.failures + 1, id.str()));
    } else {
        state.failures = 0;
    }
    queue_.done(id, ended);
    work_wake_.ring();
}

asio::awaitable<bool> HostController::reconcile(AppId id, HostApp& state) {
    const Order* order = assignments_.find(id);
    if (order == nullptr) co_return true;
    const std::uint64_t generation = state.generation;
    const std::set<std::string> busy_before = state.busy();
    EngineView::Request request{.app = id, .images = images_of(*order), .busy = busy_before};
    auto observed = co_await view_.observe(std::move(request));
    if (!observed) {
        if (state.failures == 0) {
            spdlog::warn("{}: the engine cannot be looked at: {}", id.str(),
                         observed.error().message);
        }
        co_return false;
    }
    order = assignments_.find(id);
    if (order == nullptr) co_return true;
    if (state.generation != generation) {
        add(id);
        co_return true;
    }
    // An app of this name in another cluster; the names of its containers stay in the picture.
    std::erase_if(observed->containers, [&](const ObservedContainer& container) {
        return container.owner->cluster != order->assignment.cluster;
    });
    read_hosts_blocks(order->spec, *observed);
    const std::string folders_path = read_folders(order->assignment, *observed);
    // What was being worked on while the picture was taken is not in it, even if it is done by now.
    std::set<std::string> busy = busy_before;
    busy.merge(state.busy());
    const TimePoint now = parts_.clock.now();
    review_runs(state.attempts, parts_.config.backoff, *observed, now, busy);
    const HostInput input{.cluster = order->assignment.cluster,
                          .revision = order->assignment.revision,
                          .app = order->spec,
                          .instances = order->assignment.instances,
                          .remove = order->assignment.remove,
                          .observed = *observed,
                          .attempts = state.attempts,
                          .busy = busy,
                          .policy = parts_.config.policy,
                          .backoff = parts_.config.backoff,
                          .now = now,
                          .scope = order->assignment.scope,
                          .peers = order->assignment.peers,
                          .folders_path = folders_path,
                          .elsewhere = order->assignment.elsewhere,
                          .swarm_manager = view_.cache().info().swarm_manager,
                          .leased = lease_.valid(parts_.clock.monotonic()),
                          .frozen = assignments_.frozen()};
    Plan plan = plan_host(input);
    look_again(id, plan, now);
    state.report = host_report(parts_.node, order->assignment.manifest_index, input, plan);
    state.report->serial = order->assignment.serial;
    state.report->refused = assignments_.refused_order(id);
    state.report->newer_epoch = assignments_.newer_epoch(id);
    dispatch(id, state, std::move(plan), *observed);
    save_attempts(id, state);
    publish_wake_.ring();
    co_return true;
}

void HostController::look_again(const AppId& id, const Plan& plan, TimePoint now) {
    if (plan.look_again) {
        queue_.add_at(id,
                      parts_.clock.monotonic() + std::max(*plan.look_again - now, nanoseconds{0}));
    }
}

void HostController::read_hosts_blocks(const AppSpec& spec, ObservedHost& observed) const {
    // A path on another machine means nothing here.
    if (!parts_.config.docker.host.starts_with("unix:")) return;
    for (const ObservedContainer& container : observed.containers) {
        const auto service = spec.services.find(container.owner->instance.service);
        const bool relevant =
            service != spec.services.end() && container.state == ContainerState::running;
        if (!relevant || container.hosts_path.empty()) continue;
        if (auto block = read_hosts_block(container.hosts_path)) {
            observed.hosts_blocks.emplace(container.id, std::move(*block));
        }
    }
}

std::string HostController::read_folders(const Assignment& order, ObservedHost& observed) const {
    std::string path = project_folders_path(parts_.config.docker.host, parts_.config.data_dir,
                                            order.cluster, order.app);
    observed.folders = list_project_folders(path);
    return path;
}

void HostController::dispatch(const AppId& id, HostApp& state, Plan plan,
                              const ObservedHost& observed) {
    const std::string text = to_string(plan);
    const bool news = text != std::exchange(state.last_plan, text);
    const bool faults = std::any_of(plan.blocked.begin(), plan.blocked.end(),
                                    [](const Blocked& blocked) { return blocked.fault; });
    if (news && (faults || !plan.steps.empty())) spdlog::info("{}: plan\n{}", id.str(), text);
    for (const Step& step : plan.steps) {
        const auto* start = std::get_if<StartContainer>(&step.action);
        if (start == nullptr || !start->id) continue;
        for (const ObservedContainer& container : observed.containers) {
            const bool died = container.id == *start->id && container.finished_at != TimePoint{};
            if (died) state.restarts[to_string(start->instance)] = container.finished_at;
        }
    }
    begin_walk(id, state, std::move(plan));
}

void HostController::begin_walk(const AppId& id, HostApp& state, Plan plan) {
    if (plan.steps.empty() || stopping_) return;
    const Order* order = assignments_.find(id);
    PlanWalk::Options options{
        .owner = {order->assignment.cluster, id},
        .policy = parts_.config.policy,
        .on_end = [this, id, &state](const StepEnd& end) { on_step_end(id, state, end); }};
    PlanWalk& walk_ref = state.walks.emplace_back(parts_.executor, parts_.engine, std::move(plan),
                                                  std::move(options));
    walks_.spawn(walk(id, state, walk_ref));
}

asio::awaitable<void> HostController::walk(AppId id, HostApp& state, PlanWalk& walk) {
    co_await walk.run();
    state.walks.remove_if([&](const PlanWalk& other) { return &other == &walk; });
    add(id);
}

void HostController::on_step_end(const AppId& id, HostApp& state, const StepEnd& end) {
    const Action& action = end.step.action;
    const std::string object = object_of(action);
    if (end.skipped) return;
    parts_.metrics.action(action_name(action), end.result.has_value(), end.seconds);
    const auto* hooks = std::get_if<RunHooks>(&action);
    if (hooks != nullptr && (end.result || end.result.error().code == Errc::rejected)) {
        note_hooks(state.attempts, object, hooks->run,
                   end.result ? std::string() : end.result.error().message);
    } else if (end.result) {
        note_success(state, id, end);
    } else {
        if (!was_overtaken(state, end)) note_failed_step(state, id, end);
        view_.cache().distrust_lists();
    }
    if (end.container && !state.busy().contains(object)) view_.cache().touch(*end.container);
    add(id);
}

bool HostController::was_overtaken(HostApp& state, const StepEnd& end) {
    const Errc code = end.result.error().code;
    const bool went = code == Errc::not_found || code == Errc::conflict;
    if (!went || !end.container || std::holds_alternative<CreateContainer>(end.step.action)) {
        return false;
    }
    // Once for each container: should it stay in that state, it is a failure like any other.
    ContainerId& last = state.overtaken[object_of(end.step.action)];
    return std::exchange(last, *end.container) != *end.container;
}

void HostController::note_failed_step(HostApp& state, const AppId& id, const StepEnd& end) {
    const char* name = action_name(end.step.action);
    const std::string object = object_of(end.step.action);
    const std::string& message = end.result.error().message;
    spdlog::warn("{}: {} {} failed: {}", id.str(), name, object, message);
    note_failure(state.attempts, parts_.config.backoff, object,
                 std::string(name) + " failed: " + message, parts_.clock.now());
}

void HostController::note_success(HostApp& state, const AppId& id, const StepEnd& end) {
    const Action& action = end.step.action;
    const std::string object = object_of(action);
    EngineCache& cache = view_.cache();
    if (std::holds_alternative<CreateNetwork>(action) ||
        std::holds_alternative<RemoveNetwork>(action)) {
        cache.touch_networks();
        state.attempts.erase(object);
    } else if (std::holds_alternative<CreateVolume>(action)) {
        cache.touch_volumes();
        state.attempts.erase(object);
    } else if (std::holds_alternative<WriteFolder>(action) ||
               std::holds_alternative<RemoveFolder>(action)) {
        state.attempts.erase(object);
    } else if (const auto* pull = std::get_if<PullImage>(&action)) {
        cache.forget_image(pull->image);
        state.attempts.erase(object);
    } else if (const auto* start = std::get_if<StartContainer>(&action)) {
        const auto died = state.restarts.extract(object);
        if (died.empty()) return;
        const nanoseconds took = parts_.clock.now() - died.mapped();
        parts_.metrics.recovered(std::chrono::duration<double>(took).count());
        parts_.metrics.restarted(id, start->instance.service);
    } else if (const auto* restart = std::get_if<RestartContainer>(&action)) {
        parts_.metrics.restarted(id, restart->instance.service);
        if (restart->counts_as_failure) {
            note_failure(state.attempts, parts_.config.backoff, object, "it keeps being unhealthy",
                         parts_.clock.now());
        }
    }
}

void HostController::save_attempts(const AppId& id, HostApp& state) {
    if (state.attempts == state.saved_attempts) return;
    parts_.memory.save_attempts(id, state.attempts);
    state.saved_attempts = state.attempts;
}

asio::awaitable<void> HostController::resync() {
    while (true) {
        co_await sleep_for(resync_interval);
        view_.cache().distrust_lists();
        view_.cache().touch_info();
        add_all();
        co_await compare_reports();
        co_await look_for_unclaimed();
    }
}

}  // namespace nap
