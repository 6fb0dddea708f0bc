#pragma once

#include "manifest/yaml_field.hpp"

/// Every key of the Compose Specification and of the version-1 form, where it may stand: either
/// read, or refused by name.
namespace nap::keys {

inline constexpr std::string_view top_level_known[] = {"version", "name", "services", "networks",
                                                       "volumes"};
inline constexpr RefusedKey top_level_refused[] = {
    {"include", "put everything into one file"},
    {"models", ""},
    {"secrets", ""},
    {"configs", ""},
};

inline constexpr std::string_view service_known[] = {
    "image",       "command",        "entrypoint",  "environment",       "ports",
    "expose",      "links",          "depends_on",  "volumes",           "networks",
    "healthcheck", "restart",        "labels",      "hostname",          "user",
    "working_dir", "container_name", "extra_hosts", "stop_grace_period", "stop_signal",
    "mem_limit",   "cpus",           "deploy"};
inline constexpr RefusedKey service_refused[] = {
    {"annotations", ""},
    {"attach", ""},
    {"blkio_config", ""},
    {"build", "build the image beforehand and name it with `image`"},
    {"cap_add", ""},
    {"cap_drop", ""},
    {"cgroup", ""},
    {"cgroup_parent", ""},
    {"configs", ""},
    {"cpu_count", ""},
    {"cpu_percent", ""},
    {"cpu_period", ""},
    {"cpu_quota", "use `cpus`"},
    {"cpu_rt_period", ""},
    {"cpu_rt_runtime", ""},
    {"cpu_shares", ""},
    {"cpuset", ""},
    {"credential_spec", ""},
    {"develop", ""},
    {"device_cgroup_rules", ""},
    {"devices", ""},
    {"dns", ""},
    {"dns_opt", ""},
    {"dns_search", ""},
    {"dockerfile", "build the image beforehand and name it with `image`"},
    {"domainname", ""},
    {"env_file", "write the variables under `environment`"},
    {"extends", "write the service out, or use a YAML merge key"},
    {"external_links", ""},
    {"gpus", ""},
    {"group_add", ""},
    {"init", ""},
    {"ipc", ""},
    {"isolation", ""},
    {"label_file", "write the labels under `labels`"},
    {"log_driver", ""},
    {"log_opt", ""},
    {"logging", ""},
    {"mac_address", ""},
    {"mem_reservation", "use `deploy: {resources: {reservations: {memory: N}}}`"},
    {"mem_swappiness", ""},
    {"memswap_limit", ""},
    {"models", ""},
    {"net", ""},
    {"network_mode", ""},
    {"oom_kill_disable", ""},
    {"oom_score_adj", ""},
    {"pid", ""},
    {"pids_limit", ""},
    {"platform", ""},
    {"post_start", ""},
    {"pre_stop", ""},
    {"privileged", ""},
    {"profiles", ""},
    {"provider", ""},
    {"pull_policy", ""},
    {"pull_refresh_after", ""},
    {"read_only", ""},
    {"runtime", ""},
    {"scale", "use `deploy: {replicas: N}`"},
    {"secrets", ""},
    {"security_opt", ""},
    {"shm_size", ""},
    {"stdin_open", ""},
    {"storage_opt", ""},
    {"sysctls", ""},
    {"tmpfs", ""},
    {"tty", ""},
    {"ulimits", ""},
    {"use_api_socket", ""},
    {"userns_mode", ""},
    {"uts", ""},
    {"volume_driver", ""},
    {"volumes_from", ""},
};
inline constexpr KeyTable service{service_known, service_refused};

inline constexpr std::string_view deploy_known[] = {"mode", "replicas", "placement", "resources"};
inline constexpr RefusedKey deploy_refused[] = {
    {"endpoint_mode", ""},   {"labels", ""},        {"restart_policy", "use `restart`"},
    {"rollback_config", ""}, {"update_config", ""},
};
inline constexpr KeyTable deploy{deploy_known, deploy_refused};

inline constexpr std::string_view placement_known[] = {"constraints", "preferences",
                                                       "max_replicas_per_node"};
inline constexpr KeyTable placement{placement_known, {}};

inline constexpr std::string_view preference_known[] = {"spread"};
inline constexpr KeyTable preference{preference_known, {}};

inline constexpr std::string_view resources_known[] = {"limits", "reservations"};
inline constexpr KeyTable resources{resources_known, {}};

inline constexpr std::string_view limits_known[] = {"cpus", "memory"};
inline constexpr RefusedKey limits_refused[] = {{"pids", ""}};
inline constexpr KeyTable limits{limits_known, limits_refused};

inline constexpr std::string_view reservations_known[] = {"cpus", "memory"};
inline constexpr RefusedKey reservations_refused[] = {{"devices", ""}, {"generic_resources", ""}};
inline constexpr KeyTable reservations{reservations_known, reservations_refused};

inline constexpr std::string_view healthcheck_known[] = {"test",    "interval",     "timeout",
                                                         "retries", "start_period", "disable"};
inline constexpr RefusedKey healthcheck_refused[] = {{"start_interval", ""}};
inline constexpr KeyTable healthcheck{healthcheck_known, healthcheck_refused};

inline constexpr std::string_view port_known[] = {"target", "published", "protocol", "host_ip",
                                                  "mode"};
inline constexpr RefusedKey port_refused[] = {{"name", ""}, {"app_protocol", ""}};
inline constexpr KeyTable port{port_known, port_refused};

inline constexpr std::string_view mount_known[] = {"type", "source", "target", "read_only"};
inline constexpr RefusedKey mount_refused[] = {
    {"consistency", ""}, {"bind", ""}, {"volume", ""}, {"tmpfs", ""}, {"image", ""},
};
inline constexpr KeyTable mount{mount_known, mount_refused};

inline constexpr std::string_view service_network_known[] = {"aliases"};
inline constexpr RefusedKey service_network_refused[] = {
    {"driver_opts", ""},  {"gw_priority", ""},    {"interface_name", ""}, {"ipv4_address", ""},
    {"ipv6_address", ""}, {"link_local_ips", ""}, {"mac_address", ""},    {"priority", ""},
};
inline constexpr KeyTable service_network{service_network_known, service_network_refused};

inline constexpr std::string_view network_known[] = {"name",     "external",   "driver",
                                                     "internal", "attachable", "labels"};
inline constexpr RefusedKey network_refused[] = {
    {"driver_opts", ""},
    {"ipam", ""},
    {"enable_ipv4", ""},
    {"enable_ipv6", ""},
};
inline constexpr KeyTable network{network_known, network_refused};

inline constexpr std::string_view volume_known[] = {"name", "external", "driver", "driver_opts",
                                                    "labels"};
inline constexpr KeyTable volume{volume_known, {}};

inline constexpr std::string_view x_nap_known[] = {"relink", "on_relink", "restart_unhealthy",
                                                   "partition", "sticky"};
inline constexpr RefusedKey x_nap_refused[] = {
    {"colocate", "put it on the app, under a top-level `x-nap`"},
    {"strategy", "put it on the app, under a top-level `x-nap`"},
};
inline constexpr KeyTable x_nap{x_nap_known, x_nap_refused};

inline constexpr std::string_view app_x_nap_known[] = {"colocate", "strategy"};
inline constexpr RefusedKey app_x_nap_refused[] = {
    {"relink", "put it on a service"},
    {"on_relink", "put it on a service"},
    {"restart_unhealthy", "put it on a service"},
    {"partition", "put it on a service"},
    {"sticky", "put it on a service"},
};
inline constexpr KeyTable app_x_nap{app_x_nap_known, app_x_nap_refused};

}  // namespace nap::keys
