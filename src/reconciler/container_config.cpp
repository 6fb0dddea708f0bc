#include "reconciler/container_config.hpp"

#include <fmt/format.h>

#include "model/labels.hpp"
#include "reconciler/digest.hpp"

namespace nap {

namespace {

/// Text in which no two different configs look alike: every value carries its length.
class Canonical {
  public:
    void add(std::string_view key, std::string_view value) {
        if (!value.empty()) put(key, value);
    }
    void add(std::string_view key, std::int64_t value) {
        if (value != 0) put(key, std::to_string(value));
    }
    void add(std::string_view key, const std::optional<milliseconds>& value) {
        if (value) put(key, std::to_string(value->count()));
    }
    void add(std::string_view key, const std::vector<std::string>& values) {
        for (const std::string& value : values)
            put(key, value);
    }
    void add(std::string_view key, const std::optional<std::vector<std::string>>& values) {
        if (!values) return;
        put(key, std::to_string(values->size()));
        for (const std::string& value : *values)
            put(key, value);
    }
    void add(std::string_view key, const StringMap& values) {
        for (const auto& [name, value] : values)
            put(key, fmt::format("{}:{}={}", name.size(), name, value));
    }
    void put(std::string_view key, std::string_view value) {
        text_ += fmt::format("{}:{}:{}\n", key, value.size(), value);
    }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string text_;
};

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
    }
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
        for (const LinkSpec& link : service.links) {
            if (link.alias != link.service) {
                network.links.push_back(link.service + ":" + link.alias);
            }
        }
        networks.push_back(std::move(network));
    }
    return networks;
}

std::vector<ContainerMount> resolve_mounts(const AppSpec& app, const ServiceSpec& service) {
    std::vector<ContainerMount> mounts;
    for (const MountSpec& wanted : service.mounts) {
        const bool named = wanted.kind == MountKind::volume;
        mounts.push_back({.kind = wanted.kind,
                          .source = named ? app.volumes.at(wanted.source).name : wanted.source,
                          .target = wanted.target,
                          .read_only = wanted.read_only});
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

ContainerConfig container_config(const AppSpec& app, const std::string& name) {
    const ServiceSpec& service = app.services.at(name);
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
            .nano_cpus_max = service.nano_cpus_max};
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
    }
    text.add("expose", config.expose);
    for (const ContainerMount& mount : config.mounts) {
        text.put("mount", std::to_string(static_cast<int>(mount.kind)));
        text.put("mount.source", mount.source);
        text.put("mount.target", mount.target);
        if (mount.read_only) text.put("mount.mode", "ro");
    }
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
    return digest(text.text());
}

std::string config_hash(const NetworkSpec& network) {
    Canonical text;
    text.add("driver", network.driver);
    if (network.internal) text.put("internal", "true");
    text.add("labels", network.labels);
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
