#include <fmt/core.h>

#include <chrono>

#include "clients/docker_codec.hpp"
#include "clients/docker_hooks.hpp"
#include "clients/docker_options.hpp"
#include "clients/json_reader.hpp"
#include "model/labels.hpp"

namespace nap {

namespace {

using nlohmann::json;

std::int64_t whole_seconds(milliseconds time) {
    return std::chrono::ceil<std::chrono::seconds>(time).count();
}

std::string port_key(const PortSpec& port) {
    return fmt::format("{}/{}", port.target, port.protocol);
}

/// Empty: the engine chooses.
std::string host_port(const PortSpec& port) {
    return port.published > 0 ? std::to_string(port.published) : port.published_range;
}

std::int64_t nanos(milliseconds time) {
    return nanoseconds(time).count();
}

json encode_healthcheck(const Healthcheck& check) {
    if (check.disabled) return {{"Test", json::array({"NONE"})}};
    json encoded = json::object();
    if (!check.test.empty()) encoded["Test"] = check.test;
    if (check.interval) encoded["Interval"] = nanos(*check.interval);
    if (check.timeout) encoded["Timeout"] = nanos(*check.timeout);
    if (check.start_period) encoded["StartPeriod"] = nanos(*check.start_period);
    if (check.retries) encoded["Retries"] = *check.retries;
    return encoded;
}

json encode_endpoint(const ContainerNetwork& network) {
    json endpoint = json::object();
    if (!network.aliases.empty()) endpoint["Aliases"] = network.aliases;
    if (!network.links.empty()) endpoint["Links"] = network.links;
    const EndpointOptions& options = network.endpoint;
    if (!options.driver_opts.empty()) endpoint["DriverOpts"] = options.driver_opts;
    json addresses = json::object();
    if (!options.ipv4_address.empty()) addresses["IPv4Address"] = options.ipv4_address;
    if (!options.ipv6_address.empty()) addresses["IPv6Address"] = options.ipv6_address;
    if (!options.link_local_ips.empty()) addresses["LinkLocalIPs"] = options.link_local_ips;
    if (!addresses.empty()) endpoint["IPAMConfig"] = std::move(addresses);
    return endpoint;
}

/// The short form creates a host path that is missing, as Compose has it; it cannot hold colons.
/// Project files are there already, and an empty folder in their stead would do harm; but only the
/// short form can say `z`.
bool is_short_bind(const ContainerMount& mount) {
    const bool creates = mount.kind == MountKind::project ? !mount.options.selinux.empty()
                                                          : mount.options.create_host_path;
    return (mount.kind == MountKind::bind || mount.kind == MountKind::project) && creates &&
           mount.source.find(':') == std::string::npos &&
           mount.target.find(':') == std::string::npos;
}

std::string short_bind(const ContainerMount& mount) {
    std::string bind = mount.source + ":" + mount.target;
    char separator = ':';
    for (const std::string& mode : {std::string(mount.read_only ? "ro" : ""), mount.options.selinux,
                                    mount.options.propagation}) {
        if (mode.empty()) continue;
        bind += separator + mode;
        separator = ',';
    }
    return bind;
}

const char* mount_type(MountKind kind) {
    switch (kind) {
        case MountKind::bind:
        case MountKind::project:
            return "bind";
        case MountKind::tmpfs:
            return "tmpfs";
        case MountKind::volume:
        case MountKind::anonymous:
            break;
    }
    return "volume";
}

json encode_mount(const ContainerMount& mount) {
    json encoded = {
        {"Type", mount_type(mount.kind)}, {"Target", mount.target}, {"ReadOnly", mount.read_only}};
    if (!mount.source.empty()) encoded["Source"] = mount.source;
    const MountOptions& options = mount.options;
    if (!options.propagation.empty()) encoded["BindOptions"]["Propagation"] = options.propagation;
    if (!options.copy) encoded["VolumeOptions"]["NoCopy"] = true;
    if (options.tmpfs_bytes_max > 0) {
        encoded["TmpfsOptions"]["SizeBytes"] = options.tmpfs_bytes_max;
    }
    if (options.tmpfs_mode > 0) encoded["TmpfsOptions"]["Mode"] = options.tmpfs_mode;
    return encoded;
}

void add_mounts(json& host, const std::vector<ContainerMount>& mounts) {
    json binds = json::array();
    json others = json::array();
    for (const auto& mount : mounts) {
        if (is_short_bind(mount)) {
            binds.push_back(short_bind(mount));
        } else {
            others.push_back(encode_mount(mount));
        }
    }
    if (!binds.empty()) host["Binds"] = std::move(binds);
    if (!others.empty()) host["Mounts"] = std::move(others);
}

void add_ports(json& body, json& host, const ContainerConfig& config) {
    json exposed = json::object();
    json bindings = json::object();
    for (const auto& port : config.ports) {
        const std::string key = port_key(port);
        exposed[key] = json::object();
        bindings[key].push_back({{"HostIp", port.host_ip}, {"HostPort", host_port(port)}});
    }
    for (const auto& port : config.expose) {
        const bool has_protocol = port.find('/') != std::string::npos;
        exposed[has_protocol ? port : port + "/tcp"] = json::object();
    }
    if (!exposed.empty()) body["ExposedPorts"] = std::move(exposed);
    if (!bindings.empty()) host["PortBindings"] = std::move(bindings);
}

json encode_host(const ContainerConfig& config) {
    // Restarts are nap's: the engine would revive what has moved elsewhere.
    json host = {{"RestartPolicy", {{"Name", "no"}}}};
    host["NetworkMode"] = config.networks.empty() ? "default" : config.networks.front().network;
    if (!config.extra_hosts.empty()) host["ExtraHosts"] = config.extra_hosts;
    if (config.memory_bytes_max > 0) host["Memory"] = config.memory_bytes_max;
    if (config.nano_cpus_max > 0) host["NanoCpus"] = config.nano_cpus_max;
    add_mounts(host, config.mounts);
    if (!config.volumes_from.empty()) host["VolumesFrom"] = config.volumes_from;
    return host;
}

void add_process(json& body, const ContainerConfig& config) {
    if (config.command) body["Cmd"] = *config.command;
    if (config.entrypoint) {
        // An empty list would keep the image's command; one empty string clears both.
        body["Entrypoint"] =
            config.entrypoint->empty() ? std::vector<std::string>{""} : *config.entrypoint;
    }
    json environment = json::array();
    for (const auto& [name, value] : config.environment) {
        environment.push_back(name + "=" + value);
    }
    if (!environment.empty()) body["Env"] = std::move(environment);
    if (!config.hostname.empty()) body["Hostname"] = config.hostname;
    if (!config.user.empty()) body["User"] = config.user;
    if (!config.working_dir.empty()) body["WorkingDir"] = config.working_dir;
    if (!config.stop_signal.empty()) body["StopSignal"] = config.stop_signal;
    if (config.stop_grace_period) body["StopTimeout"] = whole_seconds(*config.stop_grace_period);
    if (config.healthcheck) body["Healthcheck"] = encode_healthcheck(*config.healthcheck);
}

}  // namespace

std::string encode_create_container(const ContainerConfig& config) {
    json body = {{"Image", config.image}, {"Labels", config.labels}};
    if (!config.hooks.empty()) body["Labels"][labels::hooks] = encode_hooks(config.hooks);
    add_process(body, config);
    json host = encode_host(config);
    add_ports(body, host, config);
    body["HostConfig"] = std::move(host);
    add_options(body, config.options);
    // Engines before API 1.44 take one network here; the others are connected before the start.
    if (!config.networks.empty()) {
        const auto& first = config.networks.front();
        body["NetworkingConfig"]["EndpointsConfig"][first.network] = encode_endpoint(first);
    }
    return json_text(body);
}

std::string encode_connect(const ContainerId& id, const ContainerNetwork& network) {
    return json_text({{"Container", id.str()}, {"EndpointConfig", encode_endpoint(network)}});
}

namespace {

json encode_ipam(const NetworkSpec& spec) {
    json ipam = {{"Driver", spec.ipam_driver.empty() ? "default" : spec.ipam_driver}};
    if (!spec.ipam_options.empty()) ipam["Options"] = spec.ipam_options;
    for (const IpamPool& pool : spec.pools) {
        json encoded = json::object();
        if (!pool.subnet.empty()) encoded["Subnet"] = pool.subnet;
        if (!pool.ip_range.empty()) encoded["IPRange"] = pool.ip_range;
        if (!pool.gateway.empty()) encoded["Gateway"] = pool.gateway;
        if (!pool.aux_addresses.empty()) encoded["AuxiliaryAddresses"] = pool.aux_addresses;
        ipam["Config"].push_back(std::move(encoded));
    }
    return ipam;
}

}  // namespace

std::string encode_create_network(const NetworkSpec& spec) {
    json body = {{"Name", spec.name},
                 {"CheckDuplicate", true},
                 {"Internal", spec.internal},
                 {"Labels", spec.labels}};
    if (!spec.driver.empty()) body["Driver"] = spec.driver;
    if (spec.attachable) body["Attachable"] = true;
    if (!spec.driver_opts.empty()) body["Options"] = spec.driver_opts;
    if (spec.enable_ipv6) body["EnableIPv6"] = true;
    if (!spec.ipam_driver.empty() || !spec.ipam_options.empty() || !spec.pools.empty()) {
        body["IPAM"] = encode_ipam(spec);
    }
    return json_text(body);
}

std::string encode_create_volume(const VolumeSpec& spec) {
    json body = {{"Name", spec.name}, {"Labels", spec.labels}};
    if (!spec.driver.empty()) body["Driver"] = spec.driver;
    if (!spec.driver_opts.empty()) body["DriverOpts"] = spec.driver_opts;
    return json_text(body);
}

PullReference split_reference(const std::string& reference) {
    const auto at = reference.find('@');
    const std::string named = reference.substr(0, at);
    const auto slash = named.rfind('/');
    const auto colon = named.find(':', slash == std::string::npos ? 0 : slash);
    PullReference split{named.substr(0, colon), "latest"};
    if (at != std::string::npos) {
        split.tag = reference.substr(at + 1);
    } else if (colon != std::string::npos && colon + 1 < named.size()) {
        split.tag = named.substr(colon + 1);
    }
    return split;
}

}  // namespace nap
