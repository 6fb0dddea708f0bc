#pragma once

#include <string>

#include "model/app_spec.hpp"
#include "model/container_config.hpp"
#include "model/ids.hpp"

namespace nap {

/// `<app>-<service>-<slot>`, or the manifest's container_name.
[[nodiscard]] std::string container_name(const AppSpec& app, const InstanceId& instance);

/// How a container of `service` is created, names resolved, without nap's own labels.
[[nodiscard]] ContainerConfig container_config(const AppSpec& app, const std::string& service);

/// Address of files that are mounted: the name of their folder on every host.
[[nodiscard]] std::string folder_digest(const BoundFiles& files);

/// Address of everything in `config` that a container must be recreated for. Only fields that are
/// set take part, so that a field added to nap later leaves the hashes of old manifests alone.
[[nodiscard]] std::string config_hash(const ContainerConfig& config);

/// Address of what a network must be recreated for.
[[nodiscard]] std::string config_hash(const NetworkSpec& network);

/// What every object of an app is labelled with.
struct Ownership {
    ClusterId cluster;
    AppId app;
    RevisionId revision;
};

void add_container_labels(StringMap& labels, const Ownership& owner, const InstanceId& instance,
                          const std::string& hash);
void add_network_labels(StringMap& labels, const Ownership& owner, const std::string& key,
                        const std::string& hash);
void add_volume_labels(StringMap& labels, const Ownership& owner, const std::string& key);

}  // namespace nap
