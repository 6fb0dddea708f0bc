#include "model/policy.hpp"

#include <gtest/gtest.h>

namespace nap {
namespace {

TEST(policy, ordinary_paths_may_be_mounted) {
    for (const char* path :
         {"/srv", "/srv/data/", "/home/ann", "/opt/app", "/mnt", "/etcetera", "/var/www",
          "/var/lib/mysql", "/var/lib/docker2", "/rooted", "/data/..hidden", "/data/a..b"}) {
        EXPECT_FALSE(denied_bind({}, path)) << path;
    }
}

TEST(policy, system_paths_and_what_contains_them_are_denied) {
    for (const char* path : {"/",
                             "//",
                             "/.",
                             "/etc",
                             "/etc/",
                             "//etc",
                             "/./etc",
                             "/etc/nap/nap.yml",
                             "/root",
                             "/root/.ssh",
                             "/proc",
                             "/proc/1",
                             "/sys",
                             "/dev",
                             "/dev/sda",
                             "/boot",
                             "/run",
                             "/run/docker.sock",
                             "/var/run",
                             "/var/run/docker.sock",
                             "/var/lib/docker",
                             "/var/lib/docker/volumes",
                             "/var/lib/containerd",
                             "/var/lib/nap",
                             "/var/lib",
                             "/var",
                             "/var/",
                             "/var//lib/./docker"}) {
        EXPECT_TRUE(denied_bind({}, path)) << path;
    }
}

TEST(policy, climbing_and_relative_paths_are_denied_whatever_is_allowed) {
    const HostPolicy everything{{"bind:/"}};
    for (const char* path :
         {"/srv/..", "/srv/../etc", "/..", "/srv/../srv/data", "srv", "", "./a", "~/a"}) {
        EXPECT_TRUE(denied_bind(everything, path)) << path;
    }
    EXPECT_FALSE(denied_bind(everything, "/etc/shadow"));
}

TEST(policy, an_entry_opens_its_path_and_what_lies_below) {
    const HostPolicy policy{{"privileged", "bind:/etc//ssl/", "bind:/dev/net/tun",
                             "bind:", "bind:x", "bind:/srv/../root"}};
    EXPECT_FALSE(denied_bind(policy, "/etc/ssl"));
    EXPECT_FALSE(denied_bind(policy, "/etc/ssl/certs"));
    EXPECT_FALSE(denied_bind(policy, "/dev/net/tun"));
    for (const char* path : {"/etc", "/etc/ssl2", "/dev/net", "/dev", "/root", "/"}) {
        EXPECT_TRUE(denied_bind(policy, path)) << path;
    }
}

TEST(policy, the_reason_names_the_line_that_opens_the_path) {
    EXPECT_EQ(denied_bind({}, "/etc//foo/"),
              "the host path `/etc//foo/` lies in /etc, which this host keeps closed to manifests; "
              "to open it, add `bind:/etc/foo` to `policy.allow` in /etc/nap/nap.yml");
    EXPECT_NE(denied_bind({}, "/var")->find("contains /var/lib/containerd"), std::string::npos);
}

/// What `denied_options` names, apart by blanks.
std::string wanted(const ContainerOptions& options, std::vector<std::string> allow = {}) {
    const auto reason = denied_options({std::move(allow)}, options);
    if (!reason) return "";
    std::string entries;
    std::size_t at = reason->find("add ");
    const std::size_t end = reason->find(" to `policy.allow`");
    EXPECT_NE(end, std::string::npos) << *reason;
    while ((at = reason->find('`', at)) < end) {
        const std::size_t close = reason->find('`', at + 1);
        entries += (entries.empty() ? "" : " ") + reason->substr(at + 1, close - at - 1);
        at = close + 1;
    }
    return entries;
}

TEST(policy, ordinary_options_are_free) {
    ContainerOptions options;
    options.cap_add = {"NET_RAW", "SYS_CHROOT"};
    options.cap_drop = {"ALL"};
    options.security_opt = {"no-new-privileges=true", "apparmor=docker-default"};
    options.network_mode = "host";
    options.ipc_mode = "private";
    options.pid_mode = "service:db";
    options.sysctls = {{"net.core.somaxconn", "1"}};
    EXPECT_EQ(wanted(options), "");
}

TEST(policy, hooks_and_profiles_are_denied_by_name_too) {
    ContainerOptions options;
    options.security_opt = {"seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}"};
    EXPECT_EQ(wanted(options), "security_opt:seccomp=profile");
    EXPECT_FALSE(denied_options({{"security_opt:seccomp=profile"}}, options));
    Hooks hooks;
    hooks.post_start = {Hook{.command = {"a"}}};
    EXPECT_FALSE(denied_options({}, {}, hooks));
    hooks.pre_stop = {Hook{.command = {"a"}, .privileged = true}};
    EXPECT_TRUE(denied_options({}, {}, hooks));
    EXPECT_FALSE(denied_options({{"privileged"}}, {}, hooks));
}

TEST(policy, a_hold_on_the_host_is_denied_by_name) {
    ContainerOptions options;
    options.privileged = true;
    options.pid_mode = options.ipc_mode = options.uts_mode = options.userns_mode =
        options.cgroup_mode = "host";
    options.cap_add = {"NET_ADMIN", "CHOWN", "ALL"};
    options.security_opt = {"seccomp=unconfined", "apparmor=unconfined", "label=disable"};
    options.system_paths_open = true;
    options.devices = {{"/dev/snd/a", "/dev/a", "rwm"}};
    options.device_cgroup_rules = {"a *:* rwm"};
    options.device_requests = {{"", -1, {}, {"gpu"}, {}}};
    const std::string all =
        "privileged pid:host ipc:host uts:host userns:host cgroup:host cap_add:NET_ADMIN "
        "cap_add:ALL security_opt:seccomp=unconfined security_opt:apparmor=unconfined "
        "security_opt:label=disable security_opt:systempaths=unconfined device:/dev/snd/a "
        "device_cgroup_rules gpus";
    EXPECT_EQ(wanted(options), all);
    std::vector<std::string> allow;
    std::size_t at = 0;
    while (at < all.size()) {
        const std::size_t blank = std::min(all.find(' ', at), all.size());
        allow.push_back(all.substr(at, blank - at));
        EXPECT_TRUE(is_policy_entry(allow.back())) << allow.back();
        at = blank + 1;
    }
    EXPECT_EQ(wanted(options, allow), "");
    allow.pop_back();
    EXPECT_EQ(wanted(options, allow), "gpus");
}

TEST(policy, a_device_entry_opens_what_is_below_it) {
    ContainerOptions options;
    options.devices = {{"/dev/snd/a", "/dev/a", "rwm"}};
    EXPECT_EQ(wanted(options, {"device:/dev/snd"}), "");
    EXPECT_EQ(wanted(options, {"device:/dev/sn"}), "device:/dev/snd/a");
    options.devices = {{"/dev/snd/../sda", "/dev/a", "rwm"}};
    EXPECT_NE(wanted(options, {"device:/dev/snd"}), "");
}

TEST(policy, entries_that_open_nothing_are_told_apart) {
    for (const char* entry : {"", "privilege", "cap_add:", "security_opt:", "device:dev", "bind:x",
                              "pid:", "network:host"}) {
        EXPECT_FALSE(is_policy_entry(entry)) << entry;
    }
    EXPECT_TRUE(is_policy_entry("bind:/"));
    EXPECT_TRUE(is_policy_entry("cap_add:SYS_ADMIN"));
}

}  // namespace
}  // namespace nap
