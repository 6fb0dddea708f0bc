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

// Another value here recreates every container of every user on an upgrade. Change it only for a
// reason that is worth that, and say so in CHANGELOG.md.
TEST(ConfigHash, IsPinned) {
    EXPECT_EQ(config_hash(full_config()), "1d83d00494c250188191b502aeee7440");
    EXPECT_EQ(config_hash(ContainerConfig{.image = "web:1"}), "c33d4795150958218d64ce9751bad17a");
    EXPECT_EQ(config_hash(NetworkSpec{.name = "n", .internal = true, .driver = "bridge"}),
              "f4d637bd4bc75a2a9cc17ae5262be545");
}

TEST(ConfigHash, SeesEachField) {
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
    std::set<std::string> seen{config_hash(full_config())};
    for (std::size_t i = 0; i < changes.size(); ++i) {
        ContainerConfig config = full_config();
        changes[i](config);
        EXPECT_TRUE(seen.insert(config_hash(config)).second) << "change " << i;
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
