// Every key of the Compose Specification has a row in the tables of manifest/keys.hpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "manifest/keys.hpp"

namespace nap {
namespace {

/// The keys that may stand at a place. `*` is any name, `[]` an entry of a list.
struct Place {
    const char* path;
    const char* keys;
};

const Place specification[] = {
    {"", "configs include models name networks secrets services version volumes"},
    {"configs.*", "content environment external file labels name template_driver"},
    {"configs.*.external", "name"},
    {"include[]", "env_file path project_directory"},
    {"models.*", "context_size model name runtime_flags"},
    {"networks.*",
     "attachable driver driver_opts enable_ipv4 enable_ipv6 external internal ipam labels name"},
    {"networks.*.external", "name"},
    {"networks.*.ipam", "config driver options"},
    {"networks.*.ipam.config[]", "aux_addresses gateway ip_range subnet"},
    {"secrets.*", "driver driver_opts environment external file labels name template_driver"},
    {"secrets.*.external", "name"},
    {"services.*",
     "annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs "
     "container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime "
     "cpu_shares cpus cpuset credential_spec depends_on deploy develop device_cgroup_rules devices "
     "dns dns_opt dns_search domainname entrypoint env_file environment expose extends "
     "external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation "
     "label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness "
     "memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid pids_limit "
     "platform ports post_start pre_stop privileged profiles provider pull_policy "
     "pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open "
     "stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user "
     "userns_mode uts volumes volumes_from working_dir"},
    {"services.*.blkio_config",
     "device_read_bps device_read_iops device_write_bps device_write_iops weight weight_device"},
    {"services.*.blkio_config.device_read_bps[]", "path rate"},
    {"services.*.blkio_config.device_read_iops[]", "path rate"},
    {"services.*.blkio_config.device_write_bps[]", "path rate"},
    {"services.*.blkio_config.device_write_iops[]", "path rate"},
    {"services.*.blkio_config.weight_device[]", "path weight"},
    {"services.*.build",
     "additional_contexts args cache_from cache_to context dockerfile dockerfile_inline "
     "entitlements extra_hosts isolation labels network no_cache platforms privileged provenance "
     "pull sbom secrets shm_size ssh tags target ulimits"},
    {"services.*.build.secrets[]", "gid mode source target uid"},
    {"services.*.build.ulimits.*", "hard soft"},
    {"services.*.configs[]", "gid mode source target uid"},
    {"services.*.credential_spec", "config file registry"},
    {"services.*.depends_on.*", "condition required restart"},
    {"services.*.deploy",
     "endpoint_mode labels mode placement replicas resources restart_policy rollback_config "
     "update_config"},
    {"services.*.deploy.placement", "constraints max_replicas_per_node preferences"},
    {"services.*.deploy.placement.preferences[]", "spread"},
    {"services.*.deploy.resources", "limits reservations"},
    {"services.*.deploy.resources.limits", "cpus memory pids"},
    {"services.*.deploy.resources.reservations", "cpus devices generic_resources memory"},
    {"services.*.deploy.resources.reservations.devices[]",
     "capabilities count device_ids driver options"},
    {"services.*.deploy.resources.reservations.generic_resources[]", "discrete_resource_spec"},
    {"services.*.deploy.resources.reservations.generic_resources[].discrete_resource_spec",
     "kind value"},
    {"services.*.deploy.restart_policy", "condition delay max_attempts window"},
    {"services.*.deploy.rollback_config",
     "delay failure_action max_failure_ratio monitor order parallelism"},
    {"services.*.deploy.update_config",
     "delay failure_action max_failure_ratio monitor order parallelism"},
    {"services.*.develop", "watch"},
    {"services.*.develop.watch[]", "action exec ignore include initial_sync path target"},
    {"services.*.develop.watch[].exec", "command environment privileged user working_dir"},
    {"services.*.devices[]", "permissions source target"},
    {"services.*.env_file[]", "format path required"},
    {"services.*.extends", "file service"},
    {"services.*.gpus[]", "capabilities count device_ids driver options"},
    {"services.*.healthcheck", "disable interval retries start_interval start_period test timeout"},
    {"services.*.logging", "driver options"},
    {"services.*.models.*", "endpoint_var model_var"},
    {"services.*.networks.*",
     "aliases driver_opts gw_priority interface_name ipv4_address ipv6_address link_local_ips "
     "mac_address priority"},
    {"services.*.ports[]", "app_protocol host_ip mode name protocol published target"},
    {"services.*.post_start[]", "command environment privileged user working_dir"},
    {"services.*.pre_stop[]", "command environment privileged user working_dir"},
    {"services.*.provider", "options type"},
    {"services.*.secrets[]", "gid mode source target uid"},
    {"services.*.ulimits.*", "hard soft"},
    {"services.*.volumes[]", "bind consistency image read_only source target tmpfs type volume"},
    {"services.*.volumes[].bind", "create_host_path propagation recursive selinux"},
    {"services.*.volumes[].image", "subpath"},
    {"services.*.volumes[].tmpfs", "mode size"},
    {"services.*.volumes[].volume", "labels nocopy subpath"},
    {"volumes.*", "driver driver_opts external labels name"},
    {"volumes.*.external", "name"},
};

std::vector<std::string> words_of(std::string_view text) {
    std::istringstream stream{std::string(text)};
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

const KeyRow* find_row(const std::string& path, const std::string& key) {
    for (const KeySection* section : key_sections()) {
        // Top level and nap's own have no path.
        if (path.empty() && section != &keys::top_level) continue;
        const auto paths = words_of(section->paths);
        const bool here =
            path.empty() || std::find(paths.begin(), paths.end(), path) != paths.end();
        if (!here) continue;
        for (const KeyRow& row : section->rows) {
            if (row.key == key) return &row;
        }
    }
    return nullptr;
}

/// The path without its last part, and that part's key.
bool split(std::string& path, std::string& key) {
    while (path.ends_with(".*") || path.ends_with("[]"))
        path.resize(path.size() - 2);
    if (path.empty()) return false;
    const std::size_t dot = path.rfind('.');
    key = path.substr(dot == std::string::npos ? 0 : dot + 1);
    path.resize(dot == std::string::npos ? 0 : dot);
    return true;
}

/// Whether all that stands at `path` goes the way of a key further up: nap does not read it, or
/// whoever put the project's files together has read it before.
bool is_settled_above(std::string path) {
    static const std::set<std::string> resolved{"env_file", "extends", "include"};
    std::string key;
    while (split(path, key)) {
        const KeyRow* row = find_row(path, key);
        if (row != nullptr && row->status != KeyStatus::supported) return true;
        if (row != nullptr && resolved.contains(key)) return true;
    }
    return false;
}

TEST(manifest_spec, every_key_of_the_specification_has_a_row) {
    std::size_t keys_count = 0;
    for (const Place& place : specification) {
        for (const std::string& key : words_of(place.keys)) {
            ++keys_count;
            const bool is_older_external = std::string(place.path).ends_with(".external");
            if (find_row(place.path, key) != nullptr || is_older_external) continue;
            EXPECT_TRUE(is_settled_above(place.path)) << place.path << " has no row for " << key;
        }
    }
    EXPECT_EQ(keys_count, 344U);
}

TEST(manifest_spec, rows_say_what_they_are_about) {
    for (const KeySection* section : key_sections()) {
        std::set<std::string_view> seen;
        for (const KeyRow& row : section->rows) {
            EXPECT_TRUE(seen.insert(row.key).second) << section->title << ": " << row.key;
            EXPECT_FALSE(row.text.empty()) << section->title << ": " << row.key;
        }
    }
}

}  // namespace
}  // namespace nap
