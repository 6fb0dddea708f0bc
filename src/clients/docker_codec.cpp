#include "clients/docker_codec.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "clients/docker_hooks.hpp"
#include "clients/json_reader.hpp"
#include "model/labels.hpp"

namespace nap {

namespace {

constexpr std::size_t health_output_bytes_max = 200;

std::string without_slash(std::string name) {
    if (name.starts_with('/')) name.erase(0, 1);
    return name;
}

/// Links show as further names, `/other/alias`; a container's own has one slash.
std::string own_name(const JsonReader& names) {
    for (const auto& element : names.elements()) {
        const auto name = element.as<std::string>();
        if (name.find('/', 1) == std::string::npos) return without_slash(name);
    }
    return {};
}

/// The list shows health only inside its text, beside an uptime that keeps changing.
std::string_view health_in_status(std::string_view status) {
    for (const std::string_view health : {"(healthy)", "(unhealthy)", "(health: starting)"}) {
        if (status.ends_with(health)) return health;
    }
    return {};
}

ContainerState read_state(const JsonReader& reader) {
    using S = ContainerState;
    const auto text = reader.as<std::string>();
    for (const S state :
         {S::created, S::running, S::paused, S::restarting, S::removing, S::exited, S::dead}) {
        if (text == to_string(state)) return state;
    }
    reader.expected("a container state");
    return S::created;
}

ContainerSummary read_summary(const JsonReader& reader) {
    ContainerSummary summary;
    summary.id = ContainerId(reader.get<std::string>("Id"));
    summary.name = own_name(reader.at("Names"));
    summary.owner = owner_from_labels(reader.string_map("Labels"));
    summary.state = read_state(reader.at("State"));
    summary.fingerprint = to_string(summary.state);
    summary.fingerprint += health_in_status(reader.get_or<std::string>("Status", ""));
    for (const auto& [name, network] : reader.at("NetworkSettings").members("Networks")) {
        summary.fingerprint +=
            fmt::format(" {}={}", name, network.get_or<std::string>("IPAddress", ""));
    }
    return summary;
}

std::string last_line(std::string text) {
    const auto end = text.find_last_not_of(" \r\n\t");
    if (end == std::string::npos) return {};
    text.erase(end + 1);
    const auto start = text.rfind('\n');
    if (start != std::string::npos) text.erase(0, start + 1);
    if (text.size() > health_output_bytes_max) text.resize(health_output_bytes_max);
    return text;
}

void read_health(const JsonReader& reader, ObservedContainer& container) {
    const auto status = reader.get_or<std::string>("Status", "none");
    for (const Health health : {Health::starting, Health::healthy, Health::unhealthy}) {
        if (status == to_string(health)) container.health = health;
    }
    const auto log = reader.elements("Log");
    if (!log.empty()) {
        container.health_output = last_line(log.back().get_or<std::string>("Output", ""));
    }
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
    T number{};
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return number;
}

/// `"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]`, or null when not published.
std::vector<PortSpec> read_ports(const JsonReader& settings) {
    std::vector<PortSpec> ports;
    for (const auto& [key, bindings] : settings.members("Ports")) {
        const auto slash = std::min(key.find('/'), key.size());
        const auto target = parse_number<std::uint16_t>(std::string_view(key).substr(0, slash));
        if (!target) bindings.expected("a port as 80/tcp");
        for (const auto& binding : bindings.elements()) {
            const auto published =
                parse_number<std::uint16_t>(binding.get<std::string>("HostPort"));
            if (!published) binding.at("HostPort").expected("a port number");
            ports.push_back({.target = target.value_or(0),
                             .published = published.value_or(0),
                             .host_ip = binding.get_or<std::string>("HostIp", ""),
                             .protocol = slash < key.size() ? key.substr(slash + 1) : "tcp"});
        }
    }
    std::sort(ports.begin(), ports.end());
    return ports;
}

/// `container:ID`, which the engine makes of a name at creation.
void read_shares(const JsonReader& host, ObservedContainer& container) {
    constexpr std::string_view prefix = "container:";
    const auto add = [&](const std::string& text) {
        const ContainerId id(text);
        auto& all = container.shares;
        if (std::find(all.begin(), all.end(), id) == all.end()) all.push_back(id);
    };
    for (const char* key : {"NetworkMode", "PidMode", "IpcMode"}) {
        const auto mode = host.get_or<std::string>(key, "");
        if (mode.starts_with(prefix)) add(mode.substr(prefix.size()));
    }
    // `ID:ro`, as it was asked for.
    for (const auto& source : host.elements("VolumesFrom")) {
        const auto text = source.as<std::string>();
        add(text.substr(0, text.find(':')));
    }
}

ObservedContainer read_container(const JsonReader& reader) {
    ObservedContainer container;
    container.id = ContainerId(reader.get<std::string>("Id"));
    container.name = without_slash(reader.get<std::string>("Name"));
    const StringMap labels = reader.at("Config").string_map("Labels");
    container.owner = owner_from_labels(labels);
    if (const auto hooks = labels.find(labels::hooks); hooks != labels.end()) {
        container.hooks = decode_hooks(hooks->second);
    }
    container.image_id = ImageId(reader.get<std::string>("Image"));
    container.created_at = reader.time("Created");
    container.hosts_path = reader.get_or<std::string>("HostsPath", "");
    const JsonReader state = reader.at("State");
    container.state = read_state(state.at("Status"));
    container.exit_code = state.get<int>("ExitCode");
    container.oom_killed = state.get_or("OOMKilled", false);
    container.error = state.get_or<std::string>("Error", "");
    container.started_at = state.time("StartedAt");
    container.finished_at = state.time("FinishedAt");
    read_health(state.at("Health"), container);
    const JsonReader settings = reader.at("NetworkSettings");
    container.ports = read_ports(settings);
    for (const auto& [name, network] : settings.members("Networks")) {
        container.attachments.push_back(
            {.network = name,
             .network_id = NetworkId(network.get_or<std::string>("NetworkID", "")),
             .address = network.get_or<std::string>("IPAddress", "")});
    }
    for (const auto& mount : reader.elements("Mounts")) {
        container.mounts.push_back({.volume = mount.get_or<std::string>("Name", ""),
                                    .target = mount.get<std::string>("Destination")});
        if (mount.get_or<std::string>("Type", "") != "bind") continue;
        container.mounts.back().source = mount.get_or<std::string>("Source", "");
    }
    read_shares(reader.at("HostConfig"), container);
    return container;
}

}  // namespace

Result<std::vector<ContainerSummary>> decode_container_list(std::string_view text) {
    using List = std::vector<ContainerSummary>;
    return read_document<List>(text, "containers", [](const JsonReader& reader) {
        List list;
        for (const auto& element : reader.elements()) {
            list.push_back(read_summary(element));
        }
        return list;
    });
}

Result<ObservedContainer> decode_container(std::string_view text) {
    return read_document<ObservedContainer>(text, "container", read_container);
}

Result<std::vector<ObservedNetwork>> decode_network_list(std::string_view text) {
    using List = std::vector<ObservedNetwork>;
    return read_document<List>(text, "networks", [](const JsonReader& reader) {
        List list;
        for (const auto& element : reader.elements()) {
            list.push_back({.id = NetworkId(element.get<std::string>("Id")),
                            .name = element.get<std::string>("Name"),
                            .owner = owner_from_labels(element.string_map("Labels")),
                            .swarm = element.get_or<std::string>("Scope", "") == "swarm"});
        }
        return list;
    });
}

Result<std::vector<ObservedVolume>> decode_volume_list(std::string_view text) {
    using List = std::vector<ObservedVolume>;
    return read_document<List>(text, "volumes", [](const JsonReader& reader) {
        List list;
        for (const auto& element : reader.elements("Volumes")) {
            list.push_back({.name = element.get<std::string>("Name"),
                            .owner = owner_from_labels(element.string_map("Labels"))});
        }
        return list;
    });
}

Result<ImageId> decode_image(std::string_view text) {
    return read_document<ImageId>(text, "image", [](const JsonReader& reader) {
        return ImageId(reader.get<std::string>("Id"));
    });
}

Result<ContainerId> decode_created(std::string_view text) {
    return read_document<ContainerId>(text, "created container", [](const JsonReader& reader) {
        return ContainerId(reader.get<std::string>("Id"));
    });
}

Result<EngineInfo> decode_version(std::string_view text) {
    return read_document<EngineInfo>(text, "version", [](const JsonReader& reader) {
        EngineInfo info;
        info.version = reader.get<std::string>("Version");
        info.api_version = reader.get<std::string>("ApiVersion");
        return info;
    });
}

namespace {

/// The kernel's name for an architecture as images call it.
std::string image_architecture(const std::string& machine) {
    if (machine == "x86_64") return "amd64";
    if (machine == "aarch64") return "arm64";
    if (machine.starts_with("armv")) return "arm";
    return machine;
}

/// Only managers are told the swarm's own id; the least of its managers names it to all.
void read_swarm(const JsonReader& swarm, EngineInfo& info) {
    if (swarm.get_or<std::string>("LocalNodeState", "") != "active") return;
    info.swarm_manager = swarm.get_or("ControlAvailable", false);
    for (const JsonReader& manager : swarm.elements("RemoteManagers")) {
        auto id = manager.get<std::string>("NodeID");
        if (info.swarm.empty() || id < info.swarm) info.swarm = std::move(id);
    }
}

}  // namespace

Result<EngineInfo> decode_info(std::string_view text) {
    return read_document<EngineInfo>(text, "info", [](const JsonReader& reader) {
        EngineInfo info;
        info.root_dir = reader.get<std::string>("DockerRootDir");
        info.id = reader.get_or<std::string>("ID", "");
        info.os = reader.get_or<std::string>("OSType", "");
        info.architecture = image_architecture(reader.get_or<std::string>("Architecture", ""));
        info.nano_cpus = reader.get_or<std::int64_t>("NCPU", 0) * 1'000'000'000;
        info.memory_bytes = reader.get_or<std::int64_t>("MemTotal", 0);
        for (const JsonReader& label : reader.elements("Labels")) {
            const auto pair = label.as<std::string>();
            const std::size_t equals = pair.find('=');
            info.labels[pair.substr(0, equals)] =
                equals == std::string::npos ? "" : pair.substr(equals + 1);
        }
        if (const auto swarm = reader.at("Swarm"); !swarm.is_absent()) read_swarm(swarm, info);
        return info;
    });
}

namespace {

void set_subject(const JsonReader& actor, EngineEvent& event) {
    const StringMap attributes = actor.string_map("Attributes");
    const auto attribute = [&attributes](const char* key) {
        const auto found = attributes.find(key);
        return found == attributes.end() ? std::string{} : found->second;
    };
    event.id = actor.get_or<std::string>("ID", "");
    const std::string container = attribute("container");
    if (event.type == "network" && !container.empty()) {
        event.type = "container";
        event.id = container;
        return;
    }
    event.name = attribute("name");
    if (event.type == "image" && !event.name.empty()) event.id = event.name;
    if (event.type != "container") return;
    event.owner = owner_from_labels(attributes);
    if (event.action == "die") event.exit_code = parse_number<int>(attribute("exitCode"));
}

}  // namespace

Result<EngineEvent> decode_event(std::string_view line) {
    return read_document<EngineEvent>(line, "event", [](const JsonReader& reader) {
        EngineEvent event;
        event.type = reader.get<std::string>("Type");
        event.action = reader.get<std::string>("Action");
        event.time = TimePoint{nanoseconds{reader.get<std::int64_t>("timeNano")}};
        set_subject(reader.at("Actor"), event);
        return event;
    });
}

Result<void> check_pull_line(std::string_view line) {
    auto failure = read_document<std::string>(line, "pull", [](const JsonReader& reader) {
        return reader.get_or<std::string>("error", "");
    });
    if (!failure) return failure.error();
    if (!failure->empty()) return Error{Errc::internal, *failure};
    return {};
}

namespace {

Errc error_class(std::string_view op, int status, std::string_view message) {
    const auto says = [message](std::string_view words) {
        return message.find(words) != std::string_view::npos;
    };
    // A swarm's network that another of its hosts has just removed: 500 from some engines.
    if (op == "remove_network" && says(" not found")) return Errc::not_found;
    if (status >= 500) return Errc::internal;
    // A swarm's network that a container on another host is still on: 400.
    if (status == 409 || says("is in use by task")) return Errc::conflict;
    // 403 is how a network says that an endpoint exists already, or that it is in use.
    if (status == 403 && (says("already exists") || says("active endpoints"))) {
        return Errc::conflict;
    }
    if (status != 404) return Errc::rejected;
    // For these two, 404 also means that something else they need is missing.
    if (op == "create_container" && !says("No such image")) return Errc::internal;
    if (op == "start_container" && !says("No such container")) return Errc::internal;
    return Errc::not_found;
}

}  // namespace

namespace {

/// What the swarm says, without the wrapping of its calls and without the id of a task: that is
/// another one at each try.
std::string plain_words(std::string message) {
    constexpr std::string_view description = " desc = ";
    const auto call = message.find("rpc error: code = ");
    const auto words = call == std::string::npos ? call : message.find(description, call);
    if (words != std::string::npos) message.erase(call, words + description.size() - call);
    const auto task = message.find(" by task ");
    if (task != std::string::npos) message.erase(task);
    return message;
}

}  // namespace

Error docker_error(std::string_view op, int status, std::string_view body) {
    const auto parsed = read_document<std::string>(
        body, "error", [](const JsonReader& reader) { return reader.get<std::string>("message"); });
    const std::string message =
        parsed ? *parsed : fmt::format("the engine answered {} {}", status, body.substr(0, 200));
    return {error_class(op, status, message), fmt::format("{}: {}", op, plain_words(message))};
}

}  // namespace nap
