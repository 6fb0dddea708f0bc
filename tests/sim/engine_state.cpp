// Containers of the simulated engine: their life from creation to removal.

#include "sim/engine_state.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace nap::sim {

namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using Begun = std::variant<Result<void>, nanoseconds>;

constexpr milliseconds grace_default = seconds(10);

Error no_such_container() {
    return {Errc::not_found, "No such container"};
}

bool is_up(const SimContainer& container) {
    return container.seen.state == ContainerState::running ||
           container.seen.state == ContainerState::paused;
}

std::string line_of(const ObservedContainer& container) {
    std::string line = to_string(container.state);
    const bool up = container.state == ContainerState::running;
    if (up) line += to_string(container.health);
    for (const Attachment& attachment : container.attachments)
        line += " " + attachment.network + "=" + attachment.address;
    return line;
}

}  // namespace

std::string EngineState::hex_id() {
    std::string id;
    for (int i = 0; i < 4; ++i)
        id += fmt::format("{:016x}", o_.kernel.random.next());
    return id;
}

void EngineState::after(nanoseconds delay, std::function<void()> event) {
    o_.kernel.after(delay, [this, boot = boots_, event = std::move(event)] {
        if (up_ && boot == boots_) event();
    });
}

void EngineState::told(const std::string& by, const std::string& op,
                       const SimContainer& container) {
    o_.on_mutation({.by = by,
                    .op = op,
                    .object = container.seen.name,
                    .owner = container.seen.owner,
                    .container = &container});
}

std::vector<ContainerSummary> EngineState::list() const {
    std::vector<ContainerSummary> list;
    for (const auto& [id, c] : containers_) {
        if (c.listed) list.push_back({id, c.seen.name, c.seen.owner, c.fingerprint, c.seen.state});
    }
    return list;
}

void EngineState::refresh_line(const ContainerId& id) {
    after(o_.kernel.random.between(nanoseconds{0}, milliseconds(20)), [this, id] {
        const auto found = containers_.find(id);
        if (found != containers_.end()) found->second.fingerprint = line_of(found->second.seen);
    });
}

void EngineState::operate(const ContainerId& id, Operation operation, Reply<void> reply) {
    const auto found = containers_.find(id);
    if (found == containers_.end() || !found->second.listed) return reply(no_such_container());
    SimContainer& container = found->second;
    const MonotonicTime now = o_.kernel.now();
    const MonotonicTime begins = std::max({now, container.free_at, container.hung_until});
    if (begins > now) {
        return after(begins - now, [this, id, operation, reply] { operate(id, operation, reply); });
    }
    const Begun begun = operation.begin(container);
    if (const auto* result = std::get_if<Result<void>>(&begun)) return reply(*result);
    const nanoseconds takes = std::get<nanoseconds>(begun);
    container.free_at = now + takes;
    after(takes, [this, id, finish = std::move(operation.finish), reply] {
        const auto still = containers_.find(id);
        if (still == containers_.end()) return reply(no_such_container());
        reply(finish(still->second));
    });
}

void EngineState::inspect(const ContainerId& id, Reply<ObservedContainer> reply) {
    const auto found = containers_.find(id);
    if (found == containers_.end() || !found->second.listed) return reply(no_such_container());
    const MonotonicTime hung_until = found->second.hung_until;
    if (hung_until > o_.kernel.now()) {
        return after(hung_until - o_.kernel.now(), [this, id, reply] { inspect(id, reply); });
    }
    reply(found->second.seen);
}

void EngineState::create(const std::string& by, const std::string& name,
                         const ContainerConfig& config, Reply<ContainerId> reply) {
    const auto image = images_.find(config.image);
    if (image == images_.end()) {
        return reply(Error{Errc::not_found, "create_container: No such image: " + config.image});
    }
    if (names_.contains(name)) {
        return reply(Error{Errc::conflict, "create_container: the name " + name + " is in use"});
    }
    const ContainerId id(hex_id());
    names_[name] = id;
    SimContainer& container = containers_[id];
    container.config = config;
    container.made_at = o_.kernel.now();
    container.seen.id = id;
    container.seen.name = name;
    container.seen.owner = owner_from_labels(config.labels);
    container.seen.image_id = image->second;
    container.seen.hooks = config.hooks;
    container.seen.created_at = o_.wall_time();
    const std::string network =
        config.networks.empty() ? std::string("bridge") : config.networks.front().network;
    container.seen.attachments.push_back({network, NetworkId(), ""});
    told(by, "create", container);
    Random& random = o_.kernel.random;
    nanoseconds takes = random.between(milliseconds(3), milliseconds(30));
    if (random.chance(o_.event_faults())) takes = random.between(seconds(5), seconds(70));
    after(takes, [this, id, reply] {
        SimContainer& made = containers_.at(id);
        made.listed = true;
        add_mounts(made);
        made.fingerprint = line_of(made.seen);
        emit(made, "create");
        reply(id);
    });
}

void EngineState::add_mounts(SimContainer& container) {
    for (const ContainerMount& mount : container.config.mounts) {
        std::string volume = mount.source;
        if (mount.kind == MountKind::anonymous) volume = hex_id();
        const bool binds = mount.kind == MountKind::bind || mount.kind == MountKind::project;
        if (binds) volume.clear();
        container.seen.mounts.push_back({volume, mount.target, binds ? mount.source : ""});
        if (volume.empty()) continue;
        volumes_.try_emplace(volume, ObservedVolume{volume, std::nullopt});
        emit("volume", "create", volume, "", {});
    }
}

void EngineState::start(const std::string& by, const ContainerId& id, Reply<void> reply) {
    Operation operation;
    operation.begin = [this, by](SimContainer& c) -> Begun {
        if (c.seen.state == ContainerState::running) return Result<void>{};
        if (c.seen.state == ContainerState::paused) {
            return Result<void>(Error{Errc::conflict, "cannot start a paused container"});
        }
        if (c.seen.state == ContainerState::removing || c.seen.state == ContainerState::dead) {
            return Result<void>(Error{Errc::conflict, "it is marked for removal"});
        }
        told(by, "start", c);
        return o_.habit(c).start_time;
    };
    operation.finish = [this](SimContainer& c) { return become_running(c); };
    operate(id, std::move(operation), std::move(reply));
}

Result<void> EngineState::become_running(SimContainer& container) {
    if (is_up(container)) return {};
    if (container.seen.state == ContainerState::removing) return no_such_container();
    const auto bound = bind_ports(container);
    auto attached = attach(container, bound.has_value());
    if (attached && !bound) attached = bound;
    if (!attached) {
        container.seen.error = attached.error().message;
        if (container.seen.exit_code == 0) container.seen.exit_code = 128;
        detach(container);
        return attached;
    }
    begin_run(container);
    return {};
}

void EngineState::begin_run(SimContainer& container) {
    ObservedContainer& seen = container.seen;
    const ContainerId id = seen.id;
    seen.state = ContainerState::running;
    seen.error.clear();
    seen.exit_code = 0;
    seen.oom_killed = false;
    seen.started_at = o_.wall_time();
    const auto& check = container.config.healthcheck;
    const bool checked = check && !check->disabled;
    seen.health = checked ? Health::starting : Health::none;
    emit(container, "start");
    refresh_line(id);
    o_.on_run(container);
    const Habit habit = o_.habit(container);
    const std::uint64_t run = ++container.run;
    const auto still = [this, id, run]() -> SimContainer* {
        const auto found = containers_.find(id);
        const bool same = found != containers_.end() && found->second.run == run &&
                          found->second.seen.state == ContainerState::running;
        return same ? &found->second : nullptr;
    };
    if (habit.lives) {
        o_.kernel.after(*habit.lives, [this, still, code = habit.exit_code] {
            if (SimContainer* c = still()) die(c->seen.id, code);
        });
    }
    if (!checked) return;
    check_later(id, run, habit.healthy ? Health::healthy : Health::unhealthy);
}

void EngineState::check_later(const ContainerId& id, std::uint64_t run, Health health) {
    o_.kernel.after(o_.kernel.random.between(milliseconds(100), seconds(2)), [=, this] {
        const auto found = containers_.find(id);
        const bool over = found == containers_.end() || found->second.run != run;
        if (over) return;
        // Nothing is checked while it is paused, or while the engine is down.
        const bool can = up_ && found->second.seen.state == ContainerState::running;
        if (can) return set_health(id, health);
        check_later(id, run, health);
    });
}

void EngineState::end_run(SimContainer& container, int exit_code) {
    ObservedContainer& seen = container.seen;
    seen.state = ContainerState::exited;
    if (seen.health != Health::none) seen.health = Health::unhealthy;
    seen.exit_code = exit_code;
    seen.finished_at = o_.wall_time();
    seen.ports.clear();
    for (Attachment& attachment : seen.attachments)
        attachment.address.clear();
    ++container.run;
}

void EngineState::die(const ContainerId& id, int exit_code) {
    const auto found = containers_.find(id);
    if (found == containers_.end() || !is_up(found->second)) return;
    end_run(found->second, exit_code);
    if (!up_) return;
    emit(found->second, "die", exit_code);
    for (std::size_t i = 0; i < found->second.seen.attachments.size(); ++i)
        emit("container", "disconnect", id.str(), "", {});
    refresh_line(id);
}

void EngineState::pause(const ContainerId& id) {
    const auto found = containers_.find(id);
    const bool runs =
        found != containers_.end() && found->second.seen.state == ContainerState::running;
    if (!runs || !up_) return;
    found->second.seen.state = ContainerState::paused;
    emit(found->second, "pause");
    refresh_line(id);
}

void EngineState::unpause(const std::string& by, const ContainerId& id, Reply<void> reply) {
    Operation operation;
    operation.begin = [this, by](SimContainer& c) -> Begun {
        // An error of the engine, which nap's client takes for "already so".
        if (c.seen.state != ContainerState::paused) return Result<void>{};
        told(by, "unpause", c);
        return nanoseconds(milliseconds(10));
    };
    operation.finish = [this](SimContainer& c) -> Result<void> {
        if (c.seen.state != ContainerState::paused) return {};
        c.seen.state = ContainerState::running;
        emit(c, "unpause");
        refresh_line(c.seen.id);
        return {};
    };
    operate(id, std::move(operation), std::move(reply));
}

void EngineState::stop(const std::string& by, const ContainerId& id,
                       std::optional<milliseconds> grace, Reply<void> reply) {
    Operation operation;
    operation.begin = [this, by, grace](SimContainer& c) -> Begun {
        if (!is_up(c)) return Result<void>{};
        told(by, "stop", c);
        const nanoseconds patience =
            grace.value_or(c.config.stop_grace_period.value_or(grace_default));
        const nanoseconds wants = o_.habit(c).stop_time;
        c.killed = wants.count() == 0 || wants > patience;
        return c.killed ? patience + milliseconds(50) : wants;
    };
    operation.finish = [this](SimContainer& c) -> Result<void> {
        die(c.seen.id, c.killed ? 137 : 143);
        return {};
    };
    operate(id, std::move(operation), std::move(reply));
}

void EngineState::restart(const std::string& by, const ContainerId& id,
                          std::optional<milliseconds> grace, Reply<void> reply) {
    Operation operation;
    operation.begin = [this, by, grace](SimContainer& c) -> Begun {
        if (c.seen.state == ContainerState::removing || c.seen.state == ContainerState::dead) {
            return Result<void>(Error{Errc::conflict, "it is marked for removal"});
        }
        told(by, "restart", c);
        const Habit habit = o_.habit(c);
        const nanoseconds patience = grace.value_or(grace_default);
        const nanoseconds wants = habit.stop_time;
        c.killed = wants.count() == 0 || wants > patience;
        const nanoseconds ends = c.killed ? patience : wants;
        return (is_up(c) ? ends : nanoseconds{0}) + habit.start_time;
    };
    operation.finish = [this](SimContainer& c) {
        die(c.seen.id, c.killed ? 137 : 143);
        return become_running(c);
    };
    operate(id, std::move(operation), std::move(reply));
}

void EngineState::signal(const std::string& by, const ContainerId& id, const std::string& signal,
                         Reply<void> reply) {
    Operation operation;
    operation.begin = [this, by](SimContainer& c) -> Begun {
        if (!is_up(c)) return Result<void>(Error{Errc::conflict, "the container is not running"});
        told(by, "signal", c);
        return nanoseconds(milliseconds(2));
    };
    operation.finish = [this, kills = signal == "KILL"](SimContainer& c) -> Result<void> {
        if (kills) die(c.seen.id, 137);
        return {};
    };
    operate(id, std::move(operation), std::move(reply));
}

void EngineState::run_hook(const std::string& by, const ContainerId& id, const Hook& hook,
                           Reply<HookEnd> reply) {
    const auto found = containers_.find(id);
    if (found == containers_.end() || !found->second.listed) return reply(no_such_container());
    const SimContainer& container = found->second;
    if (container.seen.state != ContainerState::running) {
        return reply(Error{Errc::conflict, "the container is not running"});
    }
    told(by, "hook", container);
    int exit_code = hook.command.front() == "false" ? 1 : 0;
    constexpr std::string_view exit_with = "exit ";
    if (hook.command.back().starts_with(exit_with)) {
        exit_code = std::stoi(hook.command.back().substr(exit_with.size()));
    }
    const std::uint64_t run = container.run;
    after(o_.kernel.random.between(milliseconds(2), milliseconds(200)),
          [this, id, run, exit_code, reply] {
              const auto still = containers_.find(id);
              const bool lives = still != containers_.end() && still->second.run == run &&
                                 still->second.seen.state == ContainerState::running;
              reply(HookEnd{.exit_code = lives ? exit_code : 137, .output = {}});
          });
}

void EngineState::remove(const std::string& by, const ContainerId& id, Reply<void> reply) {
    const auto found = containers_.find(id);
    const bool under_way =
        found != containers_.end() && found->second.seen.state == ContainerState::removing;
    if (under_way) return reply(Error{Errc::conflict, "removal is already in progress"});
    Operation operation;
    operation.begin = [this, by](SimContainer& c) -> Begun {
        if (is_up(c)) {
            return Result<void>(Error{Errc::conflict, "You cannot remove a running container"});
        }
        told(by, "remove", c);
        c.seen.state = ContainerState::removing;
        return o_.kernel.random.between(milliseconds(5), milliseconds(100));
    };
    operation.finish = [this](SimContainer& c) -> Result<void> {
        destroy(ContainerId(c.seen.id));
        return {};
    };
    operate(id, std::move(operation), std::move(reply));
}

void EngineState::destroy(const ContainerId& id) {
    const auto gone = containers_.extract(id);
    if (gone.empty()) return;
    names_.erase(gone.mapped().seen.name);
    emit(gone.mapped(), "destroy");
    std::error_code ignored;
    std::filesystem::remove_all(o_.folder + "/" + id.str(), ignored);
}

void EngineState::rename(const std::string& by, const ContainerId& id, const std::string& name,
                         Reply<void> reply) {
    Operation operation;
    operation.begin = [this, by, name](SimContainer& c) -> Begun {
        if (c.seen.name == name) {
            return Result<void>(Error{Errc::rejected, "it has this name already"});
        }
        if (names_.contains(name)) {
            return Result<void>(Error{Errc::conflict, "the name " + name + " is in use"});
        }
        told(by, "rename", c);
        names_.erase(c.seen.name);
        names_[name] = c.seen.id;
        c.seen.name = name;
        emit(c, "rename");
        return Result<void>{};
    };
    operate(id, std::move(operation), std::move(reply));
}

void EngineState::kill_and_remove(const ContainerId& id) {
    die(id, 137);
    if (up_ && containers_.contains(id) && containers_.at(id).listed) destroy(id);
}

void EngineState::set_health(const ContainerId& id, Health health) {
    const auto found = containers_.find(id);
    if (!up_ || found == containers_.end()) return;
    ObservedContainer& seen = found->second.seen;
    const bool same = seen.health == health || seen.health == Health::none;
    if (same || seen.state != ContainerState::running) return;
    seen.health = health;
    seen.health_output = health == Health::unhealthy ? "it does not answer" : "";
    emit(found->second, std::string("health_status: ") + to_string(health));
    refresh_line(id);
}

void EngineState::hang(const ContainerId& id, nanoseconds duration) {
    const auto found = containers_.find(id);
    if (found != containers_.end()) found->second.hung_until = o_.kernel.now() + duration;
}

void EngineState::end_hangs() {
    // What waits for the end of a hang has a time set for it: from here on nothing else waits.
    for (auto& [id, container] : containers_)
        container.hung_until = std::min(container.hung_until, o_.kernel.now());
}

void EngineState::write_hosts(SimContainer& container) {
    namespace fs = std::filesystem;
    const std::string folder = o_.folder + "/" + container.seen.id.str();
    container.seen.hosts_path = folder + "/hosts";
    std::error_code ignored;
    fs::create_directories(folder, ignored);
    std::ofstream(container.seen.hosts_path) << "127.0.0.1 localhost\n";
}

}  // namespace nap::sim
