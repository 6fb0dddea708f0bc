#include "reconciler/container_config.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "model/labels.hpp"
#include "model/observed.hpp"

namespace nap::test {
namespace {

using std::chrono::seconds;

/// Every field set.
ContainerConfig full_config() {
    return {.image = "web:1",
            .command = std::vector<std::string>{"serve", "--all"},
            .entrypoint = std::vector<std::string>{"/init"},
            .environment = {{"A", "1"}, {"B", "2"}},
            .ports = {{.target = 80, .published = 8080, .host_ip = "127.0.0.1", .protocol = "tcp"}},
            .expose = {"80/tcp"},
            .mounts = {{MountKind::volume, "shop_data", "/data", true}},
            .networks = {{"shop_default", {"web"}, {"db:database"}}},
            .healthcheck = Healthcheck{.disabled = false,
                                       .test = {"CMD", "true"},
                                       .interval = seconds(5),
                                       .timeout = seconds(1),
                                       .start_period = seconds(2),
                                       .retries = 3},
            .labels = {{"k", "v"}},
            .hostname = "h",
            .user = "u",
            .working_dir = "/w",
            .extra_hosts = {"x:1.2.3.4"},
            .stop_grace_period = seconds(3),
            .stop_signal = "SIGINT",
            .memory_bytes_max = 1 << 20,
            .nano_cpus_max = 500'000'000};
}

/// Every option that can be set to something else, one after the other.
std::vector<ContainerOptions> all_options() {
    std::vector<ContainerOptions> all;
    const auto with = [&](auto field, auto value) {
        all.emplace_back();
        all.back().*field = std::move(value);
    };
    using O = ContainerOptions;
    for (const auto field :
         {&O::memory_bytes_soft, &O::memory_swap_bytes, &O::oom_score_adj, &O::pids_max,
          &O::cpu_shares, &O::cpu_period_us, &O::cpu_quota_us, &O::cpu_rt_period_us,
          &O::cpu_rt_runtime_us, &O::shm_bytes, &O::blkio_weight}) {
        with(field, 7);
    }
    for (const auto field : {&O::oom_kill_disable, &O::privileged, &O::system_paths_open,
                             &O::read_only, &O::tty, &O::stdin_open}) {
        with(field, true);
    }
    for (const auto field :
         {&O::cpuset, &O::network_mode, &O::ipc_mode, &O::pid_mode, &O::uts_mode, &O::userns_mode,
          &O::cgroup_mode, &O::cgroup_parent, &O::domainname, &O::mac_address, &O::log_driver,
          &O::runtime, &O::isolation, &O::platform}) {
        with(field, std::string("x"));
    }
    for (const auto field : {&O::device_cgroup_rules, &O::cap_add, &O::cap_drop, &O::security_opt,
                             &O::groups, &O::links, &O::dns, &O::dns_options, &O::dns_search}) {
        with(field, std::vector<std::string>{"x"});
    }
    for (const auto field : {&O::sysctls, &O::log_options, &O::tmpfs, &O::storage_options}) {
        with(field, StringMap{{"k", "v"}});
    }
    for (const auto field :
         {&O::read_bytes, &O::read_operations, &O::write_bytes, &O::write_operations}) {
        with(field, std::vector<BlkioRate>{{"/dev/a", 1}});
    }
    with(&O::swappiness, std::optional<std::int64_t>(0));
    with(&O::init, std::optional<bool>(false));
    with(&O::init, std::optional<bool>(true));
    with(&O::ulimits, std::vector<Ulimit>{{"nofile", 1, 2}});
    with(&O::blkio_weights, std::vector<BlkioWeight>{{"/dev/a", 10}});
    with(&O::devices, std::vector<DeviceMapping>{{"/dev/a", "/dev/b", "rwm"}});
    with(&O::device_requests, std::vector<DeviceRequest>{{"", -1, {}, {"gpu"}, {}}});
    return all;
}

// Another value here recreates every container of every user on an upgrade. Change it only for a
// reason that is worth that, and say so in CHANGELOG.md.
TEST(ConfigHash, IsPinned) {
    EXPECT_EQ(config_hash(full_config()), "1d83d00494c250188191b502aeee7440");
    EXPECT_EQ(config_hash(ContainerConfig{.image = "web:1"}), "c33d4795150958218d64ce9751bad17a");
    EXPECT_EQ(config_hash(NetworkSpec{.name = "n", .internal = true, .driver = "bridge"}),
              "f4d637bd4bc75a2a9cc17ae5262be545");
}

using Change = std::function<void(ContainerConfig&)>;

const std::vector<Change> changes = {
    [](auto& c) { c.image = "web:2"; },
    [](auto& c) { c.command->push_back("x"); },
    [](auto& c) { c.command = std::vector<std::string>{}; },
    [](auto& c) { c.command.reset(); },
    [](auto& c) { c.command = {{"serve --all"}}; },
    [](auto& c) { c.entrypoint.reset(); },
    [](auto& c) { c.entrypoint = {{"/other"}}; },
    [](auto& c) { c.environment["A"] = "2"; },
    [](auto& c) { c.environment["C"] = ""; },
    [](auto& c) {
        c.environment = {{"A", "1\nB=2"}};
    },
    [](auto& c) { c.ports[0].target = 81; },
    [](auto& c) { c.ports[0].published = 0; },
    [](auto& c) { c.ports[0].host_ip = ""; },
    [](auto& c) { c.ports[0].protocol = "udp"; },
    [](auto& c) { c.ports.clear(); },
    [](auto& c) { c.expose.push_back("81/tcp"); },
    [](auto& c) { c.mounts[0].kind = MountKind::bind; },
    [](auto& c) { c.mounts[0].source = "other"; },
    [](auto& c) { c.mounts[0].kind = MountKind::project; },
    [](auto& c) { c.volumes_from = {"db"}; },
    [](auto& c) { c.volumes_from = {"db:ro"}; },
    [](auto& c) { c.hooks.post_start = {Hook{.command = {"a"}}}; },
    [](auto& c) { c.hooks.pre_stop = {Hook{.command = {"a"}}}; },
    [](auto& c) {
        c.hooks.pre_stop = {Hook{.command = {"a"}}, Hook{.command = {"b"}}};
    },
    [](auto& c) {
        c.hooks.pre_stop = {Hook{.command = {"a", "b"}}};
    },
    [](auto& c) { c.hooks.pre_stop = {Hook{.command = {"a"}, .user = "b"}}; },
    [](auto& c) { c.hooks.pre_stop = {Hook{.command = {"a"}, .working_dir = "b"}}; },
    [](auto& c) {
        c.hooks.pre_stop = {Hook{.command = {"a"}, .environment = {{"b", "c"}}}};
    },
    [](auto& c) { c.hooks.pre_stop = {Hook{.command = {"a"}, .privileged = true}}; },
    [](auto& c) { c.mounts[0].target = "/other"; },
    [](auto& c) { c.mounts[0].read_only = false; },
    [](auto& c) { c.networks[0].network = "other"; },
    [](auto& c) { c.networks[0].aliases.push_back("www"); },
    [](auto& c) { c.networks[0].links.clear(); },
    [](auto& c) {
        c.networks.push_back({"second", {}, {}});
    },
    [](auto& c) { c.healthcheck.reset(); },
    [](auto& c) { c.healthcheck->disabled = true; },
    [](auto& c) {
        c.healthcheck->test = {"CMD", "false"};
    },
    [](auto& c) { c.healthcheck->interval.reset(); },
    [](auto& c) { c.healthcheck->timeout = seconds(9); },
    [](auto& c) { c.healthcheck->start_period = seconds(0); },
    [](auto& c) { c.healthcheck->retries = 0; },
    [](auto& c) { c.labels["k"] = "w"; },
    [](auto& c) { c.hostname = "i"; },
    [](auto& c) { c.user = ""; },
    [](auto& c) { c.working_dir = "/"; },
    [](auto& c) { c.extra_hosts.clear(); },
    [](auto& c) { c.stop_grace_period.reset(); },
    [](auto& c) { c.stop_signal = ""; },
    [](auto& c) { c.memory_bytes_max = 0; },
    [](auto& c) { c.nano_cpus_max += 1; },
};

const std::vector<Change> later_changes = {
    [](auto& c) { c.mounts[0].options.copy = false; },
    [](auto& c) { c.mounts[0].options.create_host_path = false; },
    [](auto& c) { c.mounts[0].options.propagation = "rslave"; },
    [](auto& c) { c.mounts[0].options.selinux = "z"; },
    [](auto& c) { c.mounts[0].options.tmpfs_bytes_max = 1; },
    [](auto& c) { c.mounts[0].options.tmpfs_mode = 0700; },
    [](auto& c) { c.networks[0].endpoint.ipv4_address = "10.0.0.1"; },
    [](auto& c) { c.networks[0].endpoint.ipv6_address = "fd00::1"; },
    [](auto& c) { c.networks[0].endpoint.link_local_ips = {"169.254.1.1"}; },
    [](auto& c) {
        c.networks[0].endpoint.driver_opts = {{"k", "v"}};
    },
    [](auto& c) { c.files = {{.path = "/a", .content = "x"}}; },
    [](auto& c) { c.files = {{.path = "/a", .content = "y"}}; },
    [](auto& c) { c.files = {{.path = "/b", .content = "x"}}; },
    [](auto& c) { c.files = {{.path = "/a", .content = "x", .uid = 1}}; },
    [](auto& c) { c.files = {{.path = "/a", .content = "x", .gid = 1}}; },
    [](auto& c) { c.files = {{.path = "/a", .content = "x", .mode = 0400}}; },
};

TEST(ConfigHash, SeesEachField) {
    std::vector<Change> all = changes;
    all.insert(all.end(), later_changes.begin(), later_changes.end());
    std::set<std::string> seen{config_hash(full_config())};
    for (std::size_t i = 0; i < all.size(); ++i) {
        ContainerConfig config = full_config();
        all[i](config);
        EXPECT_TRUE(seen.insert(config_hash(config)).second) << "change " << i;
    }
    for (const ContainerOptions& options : all_options()) {
        ContainerConfig config = full_config();
        config.options = options;
        EXPECT_TRUE(seen.insert(config_hash(config)).second) << "option " << seen.size();
    }
}

// A field that is added must be tried above: this counts those that reach the engine.
TEST(ConfigHash, EveryOptionIsTried) {
    std::size_t places = 0;
    each_option(ContainerOptions{}, [&](std::string_view, const auto&) { ++places; });
    EXPECT_EQ(places, 53U);
    EXPECT_EQ(all_options().size(), places + 2) << "`init` both ways, and `platform`";
}

TEST(ConfigHash, OfANetworkSeesEachField) {
    const std::vector<std::function<void(NetworkSpec&)>> network_changes = {
        [](auto& n) { n.driver = "overlay"; },
        [](auto& n) { n.internal = true; },
        [](auto& n) {
            n.labels = {{"k", "v"}};
        },
        [](auto& n) {
            n.driver_opts = {{"k", "v"}};
        },
        [](auto& n) { n.enable_ipv6 = true; },
        [](auto& n) { n.ipam_driver = "other"; },
        [](auto& n) {
            n.ipam_options = {{"k", "v"}};
        },
        [](auto& n) {
            n.pools = {{"10.0.0.0/24", "", "", {}}};
        },
        [](auto& n) {
            n.pools = {{"10.0.0.0/24", "10.0.0.0/25", "", {}}};
        },
        [](auto& n) {
            n.pools = {{"10.0.0.0/24", "", "10.0.0.1", {}}};
        },
        [](auto& n) {
            n.pools = {{"10.0.0.0/24", "", "", {{"router", "10.0.0.2"}}}};
        },
    };
    std::set<std::string> seen{config_hash(NetworkSpec{.name = "n"})};
    for (std::size_t i = 0; i < network_changes.size(); ++i) {
        NetworkSpec network{.name = "n"};
        network_changes[i](network);
        EXPECT_TRUE(seen.insert(config_hash(network)).second) << "change " << i;
    }
}

AppSpec shop() {
    AppSpec app;
    app.app = AppId("shop");
    app.networks["default"] = {.name = "shop_default"};
    app.volumes["data"] = {.name = "shop_data"};
    app.services["db"].image = "db:1";
    ServiceSpec& web = app.services["web"];
    web.image = "web:1";
    web.networks = {{"default", {"www"}}};
    web.mounts = {{MountKind::volume, "data", "/data", true},
                  {MountKind::bind, "/srv", "/srv", false},
                  {MountKind::anonymous, "", "/cache", false}};
    web.links = {{"db", "database"}, {"db", "db"}};
    return app;
}

std::string web_hash(const AppSpec& app) {
    return config_hash(container_config(app, "web"));
}

TEST(ConfigHash, WhatAContainerDoesNotHoldRecreatesNothing) {
    const std::string before = web_hash(shop());
    AppSpec app = shop();
    ServiceSpec& web = app.services["web"];
    web.replicas = 7;
    web.restart = {RestartPolicy::on_failure, 3};
    web.relink = Relink::hosts;
    web.on_relink = {OnRelinkKind::signal, "HUP"};
    web.depends_on = {"db"};
    web.restart_unhealthy = false;
    web.container_name = "front";
    app.services["db"].image = "db:2";
    EXPECT_EQ(web_hash(app), before);
}

TEST(ContainerConfig, HasEngineNames) {
    const ContainerConfig config = container_config(shop(), "web");
    ASSERT_EQ(config.networks.size(), 1U);
    EXPECT_EQ(config.networks[0].network, "shop_default");
    EXPECT_EQ(config.networks[0].aliases, (std::vector<std::string>{"web", "www"}));
    EXPECT_EQ(config.networks[0].links, (std::vector<std::string>{"db:database"}));
    ASSERT_EQ(config.mounts.size(), 3U);
    EXPECT_EQ(config.mounts[0].source, "shop_data");
    EXPECT_TRUE(config.mounts[0].read_only);
    EXPECT_EQ(config.mounts[1].source, "/srv");
    EXPECT_EQ(config.mounts[2].source, "");
}

TEST(FolderDigest, IsOfContentNamesAndPermissions) {
    const auto of = [](StringMap files, int uid = 0, int gid = 0, int mode = 0) {
        return folder_digest({std::make_shared<const StringMap>(std::move(files)), uid, gid, mode});
    };
    const std::set<std::string> all = {of({{"a", "b"}}),
                                       of({{"", "b"}}),
                                       of({{"a", ""}}),
                                       of({{"a", "b"}, {"c", ""}}),
                                       of({{"a", "b"}}, 1),
                                       of({{"a", "b"}}, 0, 1),
                                       of({{"a", "b"}}, 0, 0, 0400)};
    EXPECT_EQ(all.size(), 7U);
    EXPECT_EQ(of({{"a", "b"}}), of({{"a", "b"}}));
}

TEST(ContainerName, IsComposes) {
    AppSpec app = shop();
    EXPECT_EQ(container_name(app, {"web", 2}), "shop-web-2");
    app.services["web"].container_name = "front";
    EXPECT_EQ(container_name(app, {"web", 1}), "front");
}

TEST(Labels, CannotBeForgedByTheManifest) {
    StringMap found{{labels::cluster, "forged"}, {labels::app, "forged"}, {"mine", "kept"}};
    const Ownership owner{ClusterId("u"), AppId("shop"), RevisionId("r")};
    add_container_labels(found, owner, {"web", 2}, "h");
    const auto read = owner_from_labels(found);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->cluster, owner.cluster);
    EXPECT_EQ(read->app, owner.app);
    EXPECT_EQ(read->instance, (InstanceId{"web", 2}));
    EXPECT_EQ(read->revision, owner.revision);
    EXPECT_EQ(read->config_hash, "h");
    EXPECT_EQ(found["mine"], "kept");
    EXPECT_EQ(found[labels::compose_project], "shop");
    EXPECT_EQ(found[labels::compose_number], "2");
}

}  // namespace
}  // namespace nap::test
