#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ports/engine.hpp"
#include "ports/wake.hpp"
#include "sim/conformance/both.hpp"

namespace nap::sim {

/// Calls to an engine, and what they said, with names instead of ids.
class EngineScript {
  public:
    using Task = asio::awaitable<void>;

    EngineScript(Engine& engine, TimePoint began, Transcript& said)
        : engine_(engine), began_(began), said_(said) {}

    /// Runs until it is told to end, which takes it a moment.
    static ContainerConfig sleeper() {
        ContainerConfig config{.image = "nap/busybox:1"};
        config.command = {"sh", "-c", "trap 'exit 143' TERM; while :; do sleep 0.05; done"};
        return config;
    }
    /// Does not heed the stop signal.
    static ContainerConfig deaf() {
        ContainerConfig config = sleeper();
        config.command = {"sh", "-c", "trap '' TERM; while :; do sleep 1; done"};
        config.environment["DEAF"] = "1";
        return config;
    }
    /// Ends by itself after a moment.
    static ContainerConfig ender(int exit_code) {
        ContainerConfig config = sleeper();
        config.command = {"sh", "-c", fmt::format("sleep 0.3; exit {}", exit_code)};
        config.environment["EXIT"] = std::to_string(exit_code);
        return config;
    }

    Task create(const char* name, ContainerConfig config) {
        const auto id = co_await engine_.create_container(name, std::move(config));
        say(fmt::format("create {}", name), id);
        if (id) ids_[name] = *id;
    }
    Task start(const char* name) {
        const auto done = co_await engine_.start_container(id_of(name));
        say(fmt::format("start {}", name), done);
    }
    Task stop(const char* name, std::optional<milliseconds> grace = {}) {
        const auto done = co_await engine_.stop_container(id_of(name), grace);
        say(fmt::format("stop {}", name), done);
    }
    Task restart(const char* name, std::optional<milliseconds> grace = {}) {
        const auto done = co_await engine_.restart_container(id_of(name), grace);
        say(fmt::format("restart {}", name), done);
    }
    Task unpause(const char* name) {
        const auto done = co_await engine_.unpause_container(id_of(name));
        say(fmt::format("unpause {}", name), done);
    }
    Task kill(const char* name, const char* signal) {
        const auto done = co_await engine_.signal_container(id_of(name), signal);
        say(fmt::format("send {} {}", name, signal), done);
    }
    Task run_hook(const char* name, const std::vector<std::string>& command) {
        Hook hook{.command = command};
        const auto end =
            co_await engine_.run_hook(id_of(name), std::move(hook), milliseconds(10'000));
        const std::string what = fmt::format("run {} in {}", command.back(), name);
        if (!end) return_error(what, end.error());
        if (end) note(fmt::format("{}: ended with {}", what, end->exit_code));
    }
    Task remove(const char* name) {
        const auto done = co_await engine_.remove_container(id_of(name));
        say(fmt::format("remove {}", name), done);
    }
    Task rename(const char* name, const char* to) {
        const auto done = co_await engine_.rename_container(id_of(name), to);
        say(fmt::format("rename {} to {}", name, to), done);
        if (done) ids_[to] = ids_.extract(name).mapped();
    }

    Task create_network(const char* name) {
        NetworkSpec spec{.name = name};
        const auto done = co_await engine_.create_network(std::move(spec));
        say(fmt::format("create network {}", name), done);
        co_await read_networks();
    }
    Task remove_network(const char* name) {
        const auto known = networks_.find(name);
        const NetworkId id = known == networks_.end() ? NetworkId("0123") : known->second;
        const auto done = co_await engine_.remove_network(id);
        say(fmt::format("remove network {}", name), done);
    }
    Task connect(const char* name, const char* network) {
        ContainerNetwork joined{.network = network};
        const auto done = co_await engine_.connect_network(id_of(name), std::move(joined));
        say(fmt::format("connect {} to {}", name, network), done);
    }
    Task create_volume(const char* name) {
        VolumeSpec spec{.name = name};
        const auto done = co_await engine_.create_volume(std::move(spec));
        say(fmt::format("create volume {}", name), done);
    }
    Task find_image(const char* reference) {
        const auto found = co_await engine_.find_image(reference);
        if (!found) return_error("find " + std::string(reference), found.error());
        if (found) note(fmt::format("find {}: {}", reference, *found ? "there" : "not there"));
    }

    /// As inspected. What a start or an end leads to may take a moment.
    Task look(const char* name) {
        co_await sleep_for(milliseconds(200));
        const auto container = co_await engine_.inspect_container(id_of(name));
        if (!container) return_error(fmt::format("look at {}", name), container.error());
        if (container) note(fmt::format("{}: {}", name, describe(*container)));
    }
    Task list() {
        co_await sleep_for(milliseconds(200));
        const auto containers = co_await engine_.list_containers();
        if (!containers) return_error("list", containers.error());
        if (!containers) co_return;
        std::set<std::string> lines;
        for (const ContainerSummary& container : *containers) {
            std::string& before = fingerprints_[container.id];
            lines.insert(fmt::format("{}{}{}", container.name,
                                     container.owner ? " of " + container.owner->app.str() : "",
                                     container.fingerprint == before ? "" : " (changed)"));
            before = container.fingerprint;
        }
        note("list: " + joined(lines));
    }
    Task list_networks() {
        co_await read_networks();
        std::set<std::string> names;
        for (const auto& [name, id] : networks_)
            names.insert(name);
        note("networks: " + joined(names));
    }
    Task list_volumes() {
        const auto volumes = co_await engine_.list_volumes();
        if (!volumes) return_error("volumes", volumes.error());
        if (!volumes) co_return;
        std::multiset<std::string> names;
        for (const ObservedVolume& volume : *volumes)
            names.insert(volume.name.size() == 64 ? "(unnamed)" : volume.name);
        note("volumes: " + joined(names));
    }

    /// All events since the script began. The volume it makes for that marks their end.
    Task tell_events() {
        co_await sleep_for(milliseconds(300));
        co_await create_volume("the-end");
        auto stream = co_await engine_.open_events(began_);
        if (!stream) return_error("events", stream.error());
        if (!stream) co_return;
        while (true) {
            const auto event = co_await (*stream)->next();
            if (!event) return_error("event", event.error());
            if (!event || event->id == "the-end") co_return;
            std::string line =
                fmt::format("event: {} {} {}", event->type, event->action, name_of(*event));
            if (event->exit_code) line += fmt::format(" with {}", *event->exit_code);
            if (event->owner) line += " of " + event->owner->app.str();
            note(std::move(line));
        }
    }

    void note(std::string line) { said_.push_back(std::move(line)); }
    Task pass(milliseconds time) { co_await sleep_for(time); }

  private:
    template <class T>
    void say(const std::string& what, const Result<T>& result) {
        note(fmt::format("{}: {}", what, result ? "done" : to_string(result.error().code)));
    }
    void return_error(const std::string& what, const Error& error) {
        note(fmt::format("{}: {}", what, to_string(error.code)));
    }

    template <class Names>
    static std::string joined(const Names& names) {
        std::string text;
        for (const std::string& name : names)
            text += (text.empty() ? "" : ", ") + name;
        return text.empty() ? "none" : text;
    }

    static std::string describe(const ObservedContainer& c) {
        std::string text =
            fmt::format("{} {} code {}", to_string(c.state), to_string(c.health), c.exit_code);
        text += c.error.empty() ? "" : ", an error";
        text += c.started_at == TimePoint{} ? "" : ", started";
        text += c.finished_at == TimePoint{} ? "" : ", finished";
        text += c.hosts_path.empty() ? "" : ", has a hosts file";
        std::set<std::string> on;
        for (const Attachment& attachment : c.attachments) {
            on.insert(attachment.network + (attachment.network_id.empty() ? "" : " by id") +
                      (attachment.address.empty() ? "" : " with an address"));
        }
        // Of IPv4 and IPv6 each.
        std::set<std::string> ports;
        for (const PortSpec& port : c.ports) {
            const int published = port.published >= 32768 ? 0 : port.published;
            ports.insert(fmt::format("{}:{}", published, port.target));
        }
        text += "; on " + joined(on) + "; ports " + joined(ports);
        for (const ObservedMount& mount : c.mounts) {
            text += fmt::format(
                "; {} at {}", mount.volume.size() == 64 ? "(unnamed)" : mount.volume, mount.target);
        }
        return text;
    }

    std::string name_of(const EngineEvent& event) const {
        for (const auto& [name, id] : ids_) {
            if (id.str() == event.id) return event.name.empty() ? "id of " + name : event.name;
        }
        if (event.type == "volume" && event.id.size() == 64) return "(unnamed)";
        return event.name.empty() ? event.id : event.name;
    }

    Task read_networks() {
        const auto networks = co_await engine_.list_networks();
        if (!networks) return_error("networks", networks.error());
        networks_.clear();
        if (!networks) co_return;
        for (const ObservedNetwork& network : *networks)
            networks_[network.name] = network.id;
    }

    [[nodiscard]] ContainerId id_of(const std::string& name) const {
        const auto found = ids_.find(name);
        return found == ids_.end() ? ContainerId("0123456789ab") : found->second;
    }

    Engine& engine_;
    TimePoint began_;
    Transcript& said_;
    std::map<std::string, ContainerId> ids_;
    std::map<std::string, NetworkId> networks_;
    std::map<ContainerId, std::string> fingerprints_;
};

}  // namespace nap::sim
