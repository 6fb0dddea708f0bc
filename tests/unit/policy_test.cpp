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

}  // namespace
}  // namespace nap
