#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "clients/docker_codec.hpp"

namespace nap {

namespace {

using nlohmann::json;

json created(const ContainerConfig& config) {
    return json::parse(encode_create_container(config));
}

}  // namespace

TEST(DockerRequests, TheSmallestContainer) {
    ContainerConfig config;
    config.image = "redis:7";
    EXPECT_EQ(encode_create_container(config),
              R"({"HostConfig":{"NetworkMode":"default","RestartPolicy":{"Name":"no"}},)"
              R"("Image":"redis:7","Labels":{}})");
}

TEST(DockerRequests, OptionsStandWhereTheEngineReadsThem) {
    ContainerConfig config;
    config.image = "a";
    ContainerOptions& options = config.options;
    options.cpu_rt_period_us = 1000;
    options.swappiness = 0;
    options.ulimits = {{"nofile", 1, 2}};
    options.blkio_weights = {{"/dev/a", 10}};
    options.write_operations = {{"/dev/a", 7}};
    options.device_requests = {{"nvidia", 0, {"3"}, {"gpu", "utility"}, {{"k", "v"}}}};
    options.log_driver = "syslog";
    options.log_options = {{"tag", "x"}};
    options.storage_options = {{"size", "1G"}};
    options.init = false;
    options.system_paths_open = true;
    options.network_mode = "host";
    const json host = created(config)["HostConfig"];
    EXPECT_EQ(host["CpuRealtimePeriod"], 1000);
    EXPECT_EQ(host["MemorySwappiness"], 0);
    EXPECT_EQ(host["Ulimits"], json::parse(R"([{"Name":"nofile","Soft":1,"Hard":2}])"));
    EXPECT_EQ(host["BlkioWeightDevice"], json::parse(R"([{"Path":"/dev/a","Weight":10}])"));
    EXPECT_EQ(host["BlkioDeviceWriteIOps"], json::parse(R"([{"Path":"/dev/a","Rate":7}])"));
    EXPECT_EQ(host["DeviceRequests"],
              json::parse(R"([{"Driver":"nvidia","Count":0,"DeviceIDs":["3"],)"
                          R"("Capabilities":[["gpu","utility"]],"Options":{"k":"v"}}])"));
    EXPECT_EQ(host["LogConfig"], json::parse(R"({"Type":"syslog","Config":{"tag":"x"}})"));
    EXPECT_EQ(host["StorageOpt"], json::parse(R"({"size":"1G"})"));
    EXPECT_EQ(host["Init"], false);
    EXPECT_EQ(host["MaskedPaths"], json::array());
    EXPECT_EQ(host["ReadonlyPaths"], json::array());
    EXPECT_EQ(host["NetworkMode"], "host");
}

TEST(DockerRequests, FilesAreNoPartOfTheBody) {
    ContainerConfig config;
    config.image = "a";
    config.files = {{.path = "/run/secrets/a", .content = "hunter2"}};
    EXPECT_EQ(encode_create_container(config).find("hunter2"), std::string::npos);
}

TEST(DockerRequests, EveryField) {
    ContainerConfig config;
    config.image = "web";
    config.command = {"a", "b"};
    config.entrypoint = {"/e"};
    config.environment = {{"A", "b=c"}, {"E", ""}};
    config.labels = {{"l", "v"}};
    config.hostname = "h";
    config.user = "1:2";
    config.working_dir = "/w";
    config.extra_hosts = {"db:192.0.2.1"};
    config.stop_grace_period = milliseconds{1500};
    config.stop_signal = "SIGINT";
    config.memory_bytes_max = 1 << 20;
    config.nano_cpus_max = 500'000'000;
    config.networks = {{"n1", {"web", "x"}, {"app-db-1:db"}}, {"n2", {"y"}, {}}};
    const json body = created(config);
    EXPECT_EQ(body["Cmd"], (json{"a", "b"}));
    EXPECT_EQ(body["Entrypoint"], json::array({"/e"}));
    EXPECT_EQ(body["Env"], (json{"A=b=c", "E="}));
    EXPECT_EQ(body["Labels"], (json{{"l", "v"}}));
    EXPECT_EQ(body["Hostname"], "h");
    EXPECT_EQ(body["User"], "1:2");
    EXPECT_EQ(body["WorkingDir"], "/w");
    EXPECT_EQ(body["StopTimeout"], 2);
    EXPECT_EQ(body["StopSignal"], "SIGINT");
    EXPECT_EQ(body["HostConfig"]["ExtraHosts"], json::array({"db:192.0.2.1"}));
    EXPECT_EQ(body["HostConfig"]["Memory"], 1 << 20);
    EXPECT_EQ(body["HostConfig"]["NanoCpus"], 500'000'000);
    EXPECT_EQ(body["HostConfig"]["NetworkMode"], "n1");
    EXPECT_EQ(body["NetworkingConfig"].dump(),
              R"({"EndpointsConfig":{"n1":{"Aliases":["web","x"],"Links":["app-db-1:db"]}}})");
    EXPECT_EQ(encode_connect(ContainerId("c"), config.networks[1]),
              R"({"Container":"c","EndpointConfig":{"Aliases":["y"]}})");
}

TEST(DockerRequests, ClearingTheImagesCommands) {
    ContainerConfig config;
    config.command = std::vector<std::string>{};
    config.entrypoint = std::vector<std::string>{};
    EXPECT_EQ(created(config)["Cmd"], json::array());
    EXPECT_EQ(created(config)["Entrypoint"], json::array({""}));
}

TEST(DockerRequests, Ports) {
    ContainerConfig config;
    config.ports = {{80, 8080, "127.0.0.1", "tcp"}, {80, 0, "", "tcp"}, {53, 53, "", "udp"}};
    config.ports.push_back({.target = 90, .published_range = "9000-9010"});
    config.expose = {"9", "10/udp"};
    const json body = created(config);
    EXPECT_EQ(body["ExposedPorts"].dump(), R"({"10/udp":{},"53/udp":{},"80/tcp":{},"9/tcp":{},)"
                                           R"("90/tcp":{}})");
    EXPECT_EQ(body["HostConfig"]["PortBindings"].dump(),
              R"({"53/udp":[{"HostIp":"","HostPort":"53"}],)"
              R"("80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"},{"HostIp":"","HostPort":""}],)"
              R"("90/tcp":[{"HostIp":"","HostPort":"9000-9010"}]})");
}

TEST(DockerRequests, Mounts) {
    ContainerConfig config;
    config.mounts = {{MountKind::volume, "app_data", "/data", false},
                     {MountKind::bind, "/srv/x", "/x", true},
                     {MountKind::bind, "/srv/y", "/y", false},
                     {MountKind::bind, "/srv/a:b", "/z", false},
                     {MountKind::anonymous, "", "/tmp/a", false}};
    const json host = created(config)["HostConfig"];
    EXPECT_EQ(host["Binds"], (json{"/srv/x:/x:ro", "/srv/y:/y"}));
    EXPECT_EQ(host["Mounts"].dump(),
              R"([{"ReadOnly":false,"Source":"app_data","Target":"/data","Type":"volume"},)"
              R"({"ReadOnly":false,"Source":"/srv/a:b","Target":"/z","Type":"bind"},)"
              R"({"ReadOnly":false,"Target":"/tmp/a","Type":"volume"}])");
}

TEST(DockerRequests, ProjectFilesAreThereAlready) {
    ContainerConfig config;
    config.mounts = {{MountKind::project, "/n/files/d", "/etc/a", true, {.propagation = "rslave"}},
                     {MountKind::project, "/n/files/e", "/etc/b", true, {.selinux = "z"}}};
    config.volumes_from = {"id1", "id2:ro"};
    const json host = created(config)["HostConfig"];
    EXPECT_EQ(host["Binds"], (json{"/n/files/e:/etc/b:ro,z"}));
    EXPECT_EQ(host["Mounts"].dump(), R"([{"BindOptions":{"Propagation":"rslave"},"ReadOnly":true,)"
                                     R"("Source":"/n/files/d","Target":"/etc/a","Type":"bind"}])");
    EXPECT_EQ(host["VolumesFrom"], (json{"id1", "id2:ro"}));
}

// What the engines at hand refuse or leave out; docs/reference/manifest.md says so of each.
TEST(DockerRequests, WhatNeedsAnotherKernelOrDriver) {
    ContainerConfig config;
    ContainerOptions& options = config.options;
    options.storage_options = {{"size", "1G"}};
    options.cpu_rt_period_us = 1'000'000;
    options.cpu_rt_runtime_us = 950'000;
    options.isolation = "default";
    options.blkio_weights = {{"/dev/sda", 300}};
    options.read_bytes = {{"/dev/sda", 1'048'576}};
    options.read_operations = {{"/dev/sda", 100}};
    options.write_bytes = {{"/dev/sda", 2'097'152}};
    options.write_operations = {{"/dev/sda", 200}};
    json host = created(config)["HostConfig"];
    host.erase("NetworkMode");
    host.erase("RestartPolicy");
    EXPECT_EQ(host.dump(), R"({"BlkioDeviceReadBps":[{"Path":"/dev/sda","Rate":1048576}],)"
                           R"("BlkioDeviceReadIOps":[{"Path":"/dev/sda","Rate":100}],)"
                           R"("BlkioDeviceWriteBps":[{"Path":"/dev/sda","Rate":2097152}],)"
                           R"("BlkioDeviceWriteIOps":[{"Path":"/dev/sda","Rate":200}],)"
                           R"("BlkioWeightDevice":[{"Path":"/dev/sda","Weight":300}],)"
                           R"("CpuRealtimePeriod":1000000,"CpuRealtimeRuntime":950000,)"
                           R"("Isolation":"default","StorageOpt":{"size":"1G"}})");
}

TEST(DockerRequests, Healthchecks) {
    ContainerConfig config;
    config.healthcheck = Healthcheck{};
    config.healthcheck->test = {"CMD-SHELL", "true"};
    config.healthcheck->interval = milliseconds{1500};
    config.healthcheck->timeout = milliseconds{1};
    config.healthcheck->start_period = milliseconds{0};
    config.healthcheck->retries = 3;
    EXPECT_EQ(created(config)["Healthcheck"].dump(),
              R"({"Interval":1500000000,"Retries":3,"StartPeriod":0,)"
              R"("Test":["CMD-SHELL","true"],"Timeout":1000000})");
    config.healthcheck->disabled = true;
    EXPECT_EQ(created(config)["Healthcheck"].dump(), R"({"Test":["NONE"]})");
}

TEST(DockerRequests, TextThatIsNotUtf8DoesNotThrow) {
    ContainerConfig config;
    config.environment = {{"A", "\xff"}};
    EXPECT_EQ(created(config)["Env"][0], "A=\xef\xbf\xbd");
}

TEST(DockerRequests, NetworksAndVolumes) {
    NetworkSpec network;
    network.name = "a_default";
    network.labels = {{"l", "v"}};
    EXPECT_EQ(encode_create_network(network),
              R"({"CheckDuplicate":true,"Internal":false,"Labels":{"l":"v"},"Name":"a_default"})");
    network.driver = "overlay";
    network.internal = true;
    network.attachable = true;
    EXPECT_EQ(json::parse(encode_create_network(network))["Driver"], "overlay");
    EXPECT_EQ(json::parse(encode_create_network(network))["Attachable"], true);
    VolumeSpec volume;
    volume.name = "a_data";
    EXPECT_EQ(encode_create_volume(volume), R"({"Labels":{},"Name":"a_data"})");
    volume.driver = "local";
    volume.driver_opts = {{"type", "tmpfs"}};
    EXPECT_EQ(encode_create_volume(volume), R"({"Driver":"local","DriverOpts":{"type":"tmpfs"},)"
                                            R"("Labels":{},"Name":"a_data"})");
}

TEST(DockerRequests, PullsAlwaysNameATag) {
    const struct {
        const char* reference;
        const char* name;
        const char* tag;
    } cases[] = {
        {"redis", "redis", "latest"},
        {"redis:", "redis", "latest"},
        {"redis:7", "redis", "7"},
        {"host:5000/a/b", "host:5000/a/b", "latest"},
        {"host:5000/a/b:1.2", "host:5000/a/b", "1.2"},
        {"redis@sha256:ab", "redis", "sha256:ab"},
        {"host:5000/redis:7@sha256:ab", "host:5000/redis", "sha256:ab"},
    };
    for (const auto& expected : cases) {
        const PullReference split = split_reference(expected.reference);
        EXPECT_EQ(split.name, expected.name) << expected.reference;
        EXPECT_EQ(split.tag, expected.tag) << expected.reference;
    }
}

}  // namespace nap
