#include "reconciler/container_config.hpp"

#include <fmt/format.h>

#include "model/labels.hpp"
#include "reconciler/canonical.hpp"
#include "reconciler/digest.hpp"

namespace nap {

namespace {

void add_healthcheck(Canonical& text, const Healthcheck& check) {
    if (check.disabled) text.put("healthcheck", "disabled");
    text.add("healthcheck.test", check.test);
    text.add("healthcheck.interval", check.interval);
    text.add("healthcheck.timeout", check.timeout);
    text.add("healthcheck.start_period", check.start_period);
    if (check.retries) text.put("healthcheck.retries", std::to_string(*check.retries));
}

void add_networks(Canonical& text, const std::vector<ContainerNetwork>& networks) {
    for (const ContainerNetwork& network : networks) {
        text.put("network", network.network);
        text.add("alias", network.aliases);
        text.add("link", network.links);
        text.add("ipv4_address", network.endpoint.ipv4_address);
        text.add("ipv6_address", network.endpoint.ipv6_address);
        text.add("link_local_ip", network.endpoint.link_local_ips);
        text.add("endpoint.driver_opt", network.endpoint.driver_opts);
    }
}

void add_mount(Canonical& text, const ContainerMount& mount) {
    text.put("mount", std::to_string(static_cast<int>(mount.kind)));
    text.put("mount.source", mount.source);
    text.put("mount.target", mount.target);
    if (mount.read_only) text.put("mount.mode", "ro");
    text.add("mount.nocopy", !mount.options.copy);
    text.add("mount.no_host_path", !mount.options.create_host_path);
    text.add("mount.propagation", mount.options.propagation);
    text.add("mount.selinux", mount.options.selinux);
    text.add("mount.tmpfs_bytes", mount.options.tmpfs_bytes_max);
    text.add("mount.tmpfs_mode", static_cast<std::int64_t>(mount.options.tmpfs_mode));
}

/// Of the content only its digest, which goes into a label with the rest.
void add_file(Canonical& text, const ContainerFile& file) {
    text.put("file", file.path);
    text.put("file.content", digest(file.content));
    text.put("file.mode", fmt::format("{}:{}:{:o}", file.uid, file.gid, file.mode));
}

void add_hooks(Canonical& text, std::string_view key, const std::vector<Hook>& hooks) {
    for (const Hook& hook : hooks) {
        text.put(key, std::to_string(hook.command.size()));
        text.add("hook.command", hook.command);
        text.add("hook.user", hook.user);
        text.add("hook.working_dir", hook.working_dir);
        text.add("hook.environment", hook.environment);
        text.add("hook.privileged", hook.privileged);
    }
}

std::vector<std::string> resolve_volumes_from(const ServiceSpec& service) {
    std::vector<std::string> sources;
    for (const VolumesFrom& from : service.volumes_from)
        sources.push_back(from.service + (from.read_only ? ":ro" : ""));
    return sources;
}

std::vector<ContainerNetwork> resolve_networks(const AppSpec& app, const std::string& name,
                                               const ServiceSpec& service) {
    std::vector<ContainerNetwork> networks;
    for (const ServiceNetwork& wanted : service.networks) {
        ContainerNetwork network;
        network.network = app.networks.at(wanted.network).name;
        network.aliases.push_back(name);
        for (const std::string& alias : wanted.aliases)
            network.aliases.push_back(alias);
        network.endpoint = wanted.endpoint;
        for (const LinkSpec& link : service.links) {
            if (link.alias != link.service) {
                network.links.push_back(link.service + ":" + link.alias);
            }
        }
        network.links.insert(network.links.end(), service.options.links.begin(),
                             service.options.links.end());
        networks.push_back(std::move(network));
    }
    return networks;
}

std::vector<ContainerMount> resolve_mounts(const AppSpec& app, const ServiceSpec& service) {
    std::vector<ContainerMount> mounts;
    for (const MountSpec& wanted : service.mounts) {
        std::string source = wanted.source;
        if (wanted.kind == MountKind::volume) source = app.volumes.at(wanted.source).name;
        if (wanted.kind == MountKind::project) source = folder_digest(wanted.files);
        mounts.push_back({.kind = wanted.kind,
                          .source = std::move(source),
                          .target = wanted.target,
                          .read_only = wanted.read_only,
                          .options = wanted.options,
                          .files = wanted.files});
    }
    return mounts;
}

void add_owner(StringMap& labels, const Ownership& owner) {
    labels[labels::cluster] = owner.cluster.str();
    labels[labels::app] = owner.app.str();
    labels[labels::compose_project] = owner.app.str();
}

}  // namespace

std::string container_name(const AppSpec& app, const InstanceId& instance) {
    const ServiceSpec& service = app.services.at(instance.service);
    if (!service.container_name.empty()) return service.container_name;
    return fmt::format("{}-{}-{}", app.app.str(), instance.service, instance.slot);
}

namespace {

/// As the engine's own grace period is, which holds where the manifest gives none.
constexpr milliseconds default_grace{10'000};

Hooks resolve_hooks(const ServiceSpec& service) {
    Hooks hooks = service.hooks;
    hooks.pre_stop_max = service.stop_grace_period.value_or(default_grace);
    return hooks;
}

}  // namespace

ContainerConfig container_config(const AppSpec& app, const std::string& name) {
    const ServiceSpec& service = app.services.at(name);
    ContainerOptions options = service.options;
    if (!service.networks.empty()) options.links.clear();
    return {.image = service.image,
            .command = service.command,
            .entrypoint = service.entrypoint,
            .environment = service.environment,
            .ports = service.ports,
            .expose = service.expose,
            .mounts = resolve_mounts(app, service),
            .networks = resolve_networks(app, name, service),
            .healthcheck = service.healthcheck,
            .labels = service.labels,
            .hostname = service.hostname,
            .user = service.user,
            .working_dir = service.working_dir,
            .extra_hosts = service.extra_hosts,
            .stop_grace_period = service.stop_grace_period,
            .stop_signal = service.stop_signal,
            .memory_bytes_max = service.memory_bytes_max,
            .nano_cpus_max = service.nano_cpus_max,
            .files = service.files,
            .volumes_from = resolve_volumes_from(service),
            .hooks = resolve_hooks(service),
            .options = std::move(options)};
}

std::string folder_digest(const BoundFiles& files) {
    Canonical text;
    if (files.by_path) text.add("file", *files.by_path);
    text.add("uid", static_cast<std::int64_t>(files.uid));
    text.add("gid", static_cast<std::int64_t>(files.gid));
    text.add("mode", static_cast<std::int64_t>(files.mode));
    return digest(text.text());
}

std::string config_hash(const ContainerConfig& config) {
    Canonical text;
    text.add("image", config.image);
    text.add("command", config.command);
    text.add("entrypoint", config.entrypoint);
    text.add("environment", config.environment);
    for (const PortSpec& port : config.ports) {
        text.put("port", fmt::format("[{}]:{}:{}/{}", port.host_ip, port.published, port.target,
                                     port.protocol));
        text.add("port.range", port.published_range);
    }
    text.add("expose", config.expose);
    for (const ContainerMount& mount : config.mounts)
        add_mount(text, mount);
    add_networks(text, config.networks);
    if (config.healthcheck) add_healthcheck(text, *config.healthcheck);
    text.add("labels", config.labels);
    text.add("hostname", config.hostname);
    text.add("user", config.user);
    text.add("working_dir", config.working_dir);
    text.add("extra_hosts", config.extra_hosts);
    text.add("stop_grace_period", config.stop_grace_period);
    text.add("stop_signal", config.stop_signal);
    text.add("memory_bytes_max", config.memory_bytes_max);
    text.add("nano_cpus_max", config.nano_cpus_max);
    for (const ContainerFile& file : config.files)
        add_file(text, file);
    text.add("volumes_from", config.volumes_from);
    add_hooks(text, "post_start", config.hooks.post_start);
    add_hooks(text, "pre_stop", config.hooks.pre_stop);
    each_option(config.options,
                [&](std::string_view place, const auto& value) { text.add(place, value); });
    text.add("platform", config.options.platform);
    return digest(text.text());
}

std::string config_hash(const NetworkSpec& network) {
    Canonical text;
    text.add("driver", network.driver);
    if (network.internal) text.put("internal", "true");
    text.add("labels", network.labels);
    text.add("driver_opts", network.driver_opts);
    text.add("enable_ipv6", network.enable_ipv6);
    text.add("ipam.driver", network.ipam_driver);
    text.add("ipam.options", network.ipam_options);
    for (const IpamPool& pool : network.pools) {
        text.put("ipam.subnet", pool.subnet);
        text.add("ipam.ip_range", pool.ip_range);
        text.add("ipam.gateway", pool.gateway);
        text.add("ipam.aux_addresses", pool.aux_addresses);
    }
    return digest(text.text());
}

void add_container_labels(StringMap& labels, const Ownership& owner, const InstanceId& instance,
                          const std::string& hash) {
    add_owner(labels, owner);
    labels[labels::service] = instance.service;
    labels[labels::slot] = std::to_string(instance.slot);
    labels[labels::revision] = owner.revision.str();
    labels[labels::config_hash] = hash;
    labels[labels::compose_service] = instance.service;
    labels[labels::compose_number] = std::to_string(instance.slot);
    labels[labels::compose_oneoff] = "False";
    labels[labels::compose_config_hash] = hash;
}

void add_network_labels(StringMap& labels, const Ownership& owner, const std::string& key,
                        const std::string& hash) {
    add_owner(labels, owner);
    labels[labels::config_hash] = hash;
    labels[labels::compose_network] = key;
}

void add_volume_labels(StringMap& labels, const Ownership& owner, const std::string& key) {
    add_owner(labels, owner);
    labels[labels::compose_volume] = key;
}

}  // namespace nap
