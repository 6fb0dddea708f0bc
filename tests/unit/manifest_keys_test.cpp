#include <gtest/gtest.h>

#include "manifest/parse.hpp"

namespace nap {
namespace {

/// A place in a manifest, with `%` where a key goes.
struct Place {
    const char* text;
    const char* path;
    std::vector<const char*> refused;
};

const Place places[] = {
    {"services:\n  web:\n    image: a\n    %: x\n",
     "services.web.",
     {"annotations",
      "attach",
      "blkio_config",
      "build",
      "cap_add",
      "cap_drop",
      "cgroup",
      "cgroup_parent",
      "configs",
      "cpu_count",
      "cpu_percent",
      "cpu_period",
      "cpu_quota",
      "cpu_rt_period",
      "cpu_rt_runtime",
      "cpu_shares",
      "cpuset",
      "credential_spec",
      "develop",
      "device_cgroup_rules",
      "devices",
      "dns",
      "dns_opt",
      "dns_search",
      "dockerfile",
      "domainname",
      "external_links",
      "gpus",
      "group_add",
      "init",
      "ipc",
      "isolation",
      "log_driver",
      "log_opt",
      "logging",
      "mac_address",
      "mem_reservation",
      "mem_swappiness",
      "memswap_limit",
      "models",
      "net",
      "network_mode",
      "oom_kill_disable",
      "oom_score_adj",
      "pid",
      "pids_limit",
      "platform",
      "post_start",
      "pre_stop",
      "privileged",
      "profiles",
      "provider",
      "pull_policy",
      "pull_refresh_after",
      "read_only",
      "runtime",
      "scale",
      "secrets",
      "security_opt",
      "shm_size",
      "stdin_open",
      "storage_opt",
      "sysctls",
      "tmpfs",
      "tty",
      "ulimits",
      "use_api_socket",
      "userns_mode",
      "uts",
      "volume_driver",
      "volumes_from"}},
    {"web:\n  image: a\n  %: x\n",
     "web.",
     {"build", "dockerfile", "log_driver", "log_opt", "net", "volume_driver", "volumes_from"}},
    {"services: {web: {image: a}}\n%: x\n", "", {"models", "secrets", "configs"}},
    {"services:\n  web:\n    image: a\n    deploy:\n      %: x\n",
     "services.web.deploy.",
     {"endpoint_mode", "labels", "restart_policy", "rollback_config", "update_config"}},
    {"services:\n  web:\n    image: a\n    deploy:\n      placement:\n        %: x\n",
     "services.web.deploy.placement.",
     {}},
    {"services:\n  web:\n    image: a\n    deploy:\n      placement:\n        preferences:\n"
     "          - spread: node.id\n            %: x\n",
     "services.web.deploy.placement.preferences[0].",
     {}},
    {"services:\n  web:\n    image: a\n    deploy:\n      resources:\n        %: x\n",
     "services.web.deploy.resources.",
     {}},
    {"services:\n  web:\n    image: a\n    deploy:\n      resources:\n        limits:\n"
     "          %: x\n",
     "services.web.deploy.resources.limits.",
     {"pids"}},
    {"services:\n  web:\n    image: a\n    deploy:\n      resources:\n        reservations:\n"
     "          %: x\n",
     "services.web.deploy.resources.reservations.",
     {"devices", "generic_resources"}},
    {"services:\n  web:\n    image: a\n    healthcheck:\n      %: x\n",
     "services.web.healthcheck.",
     {"start_interval"}},
    {"services:\n  web:\n    image: a\n    ports:\n      - target: 1\n        %: x\n",
     "services.web.ports[0].",
     {"name", "app_protocol"}},
    {"services:\n  web:\n    image: a\n    volumes:\n      - type: volume\n        target: /d\n"
     "        %: x\n",
     "services.web.volumes[0].",
     {"consistency", "bind", "volume", "tmpfs", "image"}},
    {"services:\n  web:\n    image: a\n    networks:\n      default:\n        %: x\n",
     "services.web.networks.default.",
     {"driver_opts", "gw_priority", "interface_name", "ipv4_address", "ipv6_address",
      "link_local_ips", "mac_address", "priority"}},
    {"services: {web: {image: a}}\nnetworks:\n  n:\n    %: x\n",
     "networks.n.",
     {"driver_opts", "ipam", "enable_ipv4", "enable_ipv6"}},
    {"services: {web: {image: a}}\nvolumes:\n  v:\n    %: x\n", "volumes.v.", {}},
    {"services:\n  web:\n    image: a\n    x-nap:\n      %: x\n",
     "services.web.x-nap.",
     {"colocate", "strategy"}},
    {"services: {web: {image: a}}\nx-nap:\n  %: x\n",
     "x-nap.",
     {"relink", "on_relink", "restart_unhealthy", "partition", "sticky"}},
    {"web: {image: a}\nx-nap:\n  %: x\n", "x-nap.", {}},
};

std::vector<ManifestError> errors_with_key(const Place& place, const std::string& key) {
    std::string text = place.text;
    text.replace(text.find('%'), 1, key);
    return parse_manifest(AppId("shop"), {"shop.yml", text}).errors;
}

TEST(manifest_keys, every_unsupported_key_is_refused_by_name) {
    for (const Place& place : places) {
        for (const std::string key : place.refused) {
            const auto errors = errors_with_key(place, key);
            ASSERT_EQ(errors.size(), 1U) << place.path << key;
            EXPECT_EQ(errors[0].path, place.path + key);
            EXPECT_EQ(errors[0].message.find("`" + key + "` is not supported yet"), 0U)
                << errors[0].message;
            EXPECT_GT(errors[0].line, 0);
        }
    }
}

TEST(manifest_keys, unknown_keys_are_refused_everywhere) {
    for (const Place& place : places) {
        const auto errors = errors_with_key(place, "zzzzzzzzzz");
        ASSERT_EQ(errors.size(), 1U) << place.path;
        EXPECT_EQ(errors[0].path, std::string(place.path) + "zzzzzzzzzz");
        EXPECT_EQ(errors[0].message, "unknown key `zzzzzzzzzz`");
    }
}

TEST(manifest_keys, extension_fields_are_ignored) {
    for (const Place& place : places) {
        const bool in_x_nap = std::string(place.path).find("x-nap") != std::string::npos;
        EXPECT_EQ(errors_with_key(place, "x-mine").empty(), !in_x_nap) << place.path;
    }
}

TEST(manifest_keys, misspelt_keys_get_a_suggestion) {
    const std::pair<const char*, const char*> cases[] = {
        {"imagee", "image"},
        {"prots", "ports"},
        {"enviroment", "environment"},
        {"depend_on", "depends_on"},
        {"volume", "volumes"},
        {"restrat", "restart"},
        {"health_check", "healthcheck"},
        {"privilegd", "privileged"},
        {"Image", "image"},
        {"container-name", "container_name"},
    };
    for (const auto& [wrong, right] : cases) {
        const auto errors = errors_with_key(places[0], wrong);
        ASSERT_EQ(errors.size(), 1U) << wrong;
        EXPECT_EQ(errors[0].message,
                  "unknown key `" + std::string(wrong) + "`; did you mean `" + right + "`?");
    }
}

TEST(manifest_keys, all_refused_at_once) {
    std::string text = "services:\n  web:\n    image: a\n";
    for (const std::string key : places[0].refused)
        text += "    " + key + ": x\n";
    const auto errors = parse_manifest(AppId("shop"), {"shop.yml", text}).errors;
    EXPECT_EQ(errors.size(), places[0].refused.size());
}

}  // namespace
}  // namespace nap
