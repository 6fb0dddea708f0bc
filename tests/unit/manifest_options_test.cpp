// What the keys that go to the engine become.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/parse.hpp"

namespace nap {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ParsedManifest parse(const std::string& text) {
    return parse_manifest(AppId("shop"), {"shop.yml", text});
}

AppSpec accept(const std::string& text) {
    auto parsed = parse(text);
    for (const ManifestError& error : parsed.errors)
        ADD_FAILURE() << to_string(error);
    return parsed.spec.value_or(AppSpec{});
}

ServiceSpec service_of(const std::string& lines) {
    return accept("services:\n  db: {image: a}\n  web:\n    image: a\n" + lines).services["web"];
}

std::string errors_of(const std::string& text) {
    std::string all;
    for (const ManifestError& error : parse(text).errors)
        all += error.path + ": " + error.message + "\n";
    return all;
}

std::string service_errors(const std::string& lines) {
    return errors_of("services:\n  db: {image: a}\n  web:\n    image: a\n" + lines);
}

TEST(manifest_options, numbers_switches_and_lists) {
    const ContainerOptions options = service_of(R"(
    cpu_quota: 50000
    cpu_rt_runtime: 400us
    cpu_rt_period: 1400
    mem_swappiness: 0
    pids_limit: -1
    oom_score_adj: -500
    cap_add: [net_admin, CAP_SYS_TIME]
    group_add: [audio, 44]
    dns: 192.0.2.1
    tmpfs: /run:size=1m,mode=1777
    sysctls: [net.core.somaxconn=1024]
    init: false
    security_opt: ["seccomp:unconfined", systempaths=unconfined]
)")
                                         .options;
    EXPECT_EQ(options.cpu_quota_us, 50'000);
    EXPECT_EQ(options.cpu_rt_runtime_us, 1000) << "durations are whole milliseconds";
    EXPECT_EQ(options.cpu_rt_period_us, 1400);
    EXPECT_EQ(options.swappiness, 0);
    EXPECT_EQ(options.pids_max, -1);
    EXPECT_EQ(options.oom_score_adj, -500);
    EXPECT_THAT(options.cap_add, ElementsAre("NET_ADMIN", "SYS_TIME"));
    EXPECT_THAT(options.groups, ElementsAre("audio", "44"));
    EXPECT_THAT(options.dns, ElementsAre("192.0.2.1"));
    EXPECT_EQ(options.tmpfs, (StringMap{{"/run", "size=1m,mode=1777"}}));
    EXPECT_EQ(options.sysctls, (StringMap{{"net.core.somaxconn", "1024"}}));
    EXPECT_EQ(options.init, false);
    EXPECT_THAT(options.security_opt, ElementsAre("seccomp=unconfined"));
    EXPECT_TRUE(options.system_paths_open);
}

TEST(manifest_options, devices_and_gpus) {
    const ContainerOptions options = service_of(R"(
    devices: [/dev/a, "/dev/b:/dev/c", "/dev/d:r", "/dev/e:/dev/f:rw"]
    gpus: [{driver: nvidia, count: 2, capabilities: [utility]}]
    deploy: {resources: {reservations: {devices: [{capabilities: [tpu], device_ids: ["3"]}]}}}
)")
                                         .options;
    ASSERT_EQ(options.devices.size(), 4U);
    EXPECT_EQ(options.devices[0].container, "/dev/a");
    EXPECT_EQ(options.devices[1].container, "/dev/c");
    EXPECT_EQ(options.devices[2].container, "/dev/d");
    EXPECT_EQ(options.devices[2].permissions, "r");
    EXPECT_EQ(options.devices[3].permissions, "rw");
    ASSERT_EQ(options.device_requests.size(), 2U);
    EXPECT_EQ(options.device_requests[0].count, 2);
    EXPECT_THAT(options.device_requests[0].capabilities, ElementsAre("utility", "gpu"));
    EXPECT_THAT(options.device_requests[1].ids, ElementsAre("3"));
    EXPECT_EQ(options.device_requests[1].count, 0);
}

TEST(manifest_options, the_version_1_form_has_older_names) {
    const AppSpec app = accept(
        "db: {image: a}\nweb: {image: a, net: 'container:db', log_driver: syslog, log_opt: {a: "
        "b}}");
    const ServiceSpec& web = app.services.at("web");
    EXPECT_EQ(web.options.network_mode, "service:db");
    EXPECT_EQ(web.options.log_driver, "syslog");
    EXPECT_EQ(web.options.log_options, (StringMap{{"a", "b"}}));
    EXPECT_THAT(dependencies_of(web), ElementsAre("db"));
}

TEST(manifest_options, network_modes) {
    const ServiceSpec host = service_of("    network_mode: host\n");
    EXPECT_TRUE(host.networks.empty());
    EXPECT_TRUE(has_own_network(host));
    EXPECT_EQ(host.relink, Relink::none);
    EXPECT_FALSE(has_own_network(service_of("    network_mode: bridge\n")));
    EXPECT_THAT(service_errors("    network_mode: container:x\n"), HasSubstr("service:NAME"));
    EXPECT_THAT(service_errors("    network_mode: service:x\n"), HasSubstr("no service `x`"));
    EXPECT_THAT(service_errors("    network_mode: hots\n"), HasSubstr("did you mean `host`?"));
    EXPECT_THAT(service_errors("    network_mode: service:db\n    ports: ['80:80']\n"),
                HasSubstr("publish the ports there"));
    EXPECT_THAT(service_errors("    network_mode: host\n    networks: [default]\n"),
                HasSubstr("`networks` says something else"));
    const auto warned = parse("services: {web: {image: a, network_mode: host, ports: ['80:80']}}");
    ASSERT_TRUE(warned.spec);
    EXPECT_TRUE(warned.spec->services.at("web").ports.empty());
    ASSERT_EQ(warned.warnings.size(), 1U);
}

TEST(manifest_options, what_cannot_be_is_said) {
    const std::pair<const char*, const char*> cases[] = {
        {"    memswap_limit: 1g\n", "needs `mem_limit`"},
        {"    mem_limit: 1g\n    memswap_limit: 1m\n", "at least `mem_limit`"},
        {"    mem_limit: 10m\n    mem_reservation: 20m\n", "more than the service's limit"},
        {"    cpus: 1\n    cpu_quota: 1\n", "drop one of the two"},
        {"    pids_limit: 1\n    deploy: {resources: {limits: {pids: 2}}}\n", "something else"},
        {"    scale: 2\n    deploy: {replicas: 3}\n", "something else"},
        {"    ulimits: {nofiles: 1}\n", "did you mean `nofile`?"},
        {"    ulimits: {nofile: {soft: 2, hard: 1}}\n", "above `hard`"},
        {"    ulimits: {nofile: {soft: 2}}\n", "the key `hard`"},
        {"    devices: [vendor.com/device=gpu]\n", "Docker 25"},
        {"    devices: [null0]\n", "the paths absolute"},
        {"    security_opt: ['seccomp:./p.json']\n", "there is no file `p.json`"},
        {"    security_opt: ['seccomp=../p.json']\n", "leads out of"},
        {"    volumes_from: [nobody]\n", "no service `nobody`"},
        {"    volumes_from: [web]\n", "cannot depend on itself"},
        {"    volumes_from: ['container:x']\n", "write the name of a service"},
        {"    volumes_from: ['db:x']\n", "found `db:x`"},
        {"    external_links: [a b]\n", "expected `container` or `container:alias`"},
        {"    external_links: ['db:a b']\n", "expected `container` or `container:alias`"},
        {"    external_links: [db]\n    network_mode: host\n", "has no effect with"},
        {"    post_start: [{user: root}]\n", "the key `command`"},
        {"    post_start: [{command: []}]\n", "expected a command"},
        {"    pre_stop: {command: a}\n", "expected a list"},
        {"    pre_stop: [{command: a, working_dir: b}]\n", "an absolute path"},
        {"    dns: [nowhere]\n", "expected an IP address"},
        {"    mac_address: '02:42'\n", "expected a MAC address"},
        {"    mac_address: '02:42:ac:11:65:43'\n    scale: 2\n", "fits one instance"},
        {"    isolation: hyperv\n", "Windows"},
        {"    pull_policy: alwys\n", "did you mean `always`?"},
        {"    tmpfs: run\n", "absolute paths"},
        {"    ipc: service:nobody\n", "no service `nobody`"},
        {"    networks: {default: {ipv4_address: 10.0.0.2}}\n", "subnet of its own"},
        {"    secrets: [nothing]\n", "is not declared; declare it under the top-level `secrets:`"},
    };
    for (const auto& [lines, message] : cases)
        EXPECT_THAT(service_errors(lines), HasSubstr(message)) << lines;
    EXPECT_THAT(errors_of("services: {web: {build: .}}"), HasSubstr("builds nothing"));
}

TEST(manifest_options, variables_without_a_value_are_left_out) {
    for (const char* environment : {"[A, B=1]", "{A: , B: 1}"}) {
        const auto parsed =
            parse("services: {web: {image: a, environment: " + std::string(environment) + "}}");
        ASSERT_TRUE(parsed.spec);
        EXPECT_EQ(parsed.spec->services.at("web").environment, (StringMap{{"B", "1"}}));
        ASSERT_EQ(parsed.warnings.size(), 1U);
        EXPECT_THAT(parsed.warnings[0].message, HasSubstr("give it "));
    }
}

TEST(manifest_options, files_of_a_read_only_root_are_mounted) {
    const AppSpec app = accept(R"(secrets: {pw: {content: hunter2}}
services:
  web:
    image: a
    read_only: true
    secrets: [{source: pw, mode: "0400", uid: "7", gid: "8"}]
)");
    const ServiceSpec& web = app.services.at("web");
    EXPECT_TRUE(web.files.empty());
    ASSERT_EQ(web.mounts.size(), 1U);
    EXPECT_EQ(web.mounts[0].kind, MountKind::project);
    EXPECT_EQ(web.mounts[0].target, "/run/secrets/pw");
    EXPECT_TRUE(web.mounts[0].read_only);
    EXPECT_EQ(*web.mounts[0].files.by_path, (StringMap{{"", "hunter2"}}));
    EXPECT_EQ(web.mounts[0].files.mode, 0400);
    EXPECT_EQ(web.mounts[0].files.uid, 7);
    EXPECT_EQ(web.mounts[0].files.gid, 8);
}

TEST(manifest_options, hooks_and_volumes_of_others) {
    const AppSpec app = accept(R"(services:
  db: {image: a}
  log: {image: a}
  web:
    image: a
    volumes_from: [db, "log:ro"]
    post_start:
      - {command: [sh, -c, "a b"], user: 0, privileged: true, working_dir: /x, environment: [A=1]}
      - command: echo 'a b'
    pre_stop: [{command: [bye]}]
)");
    const ServiceSpec& web = app.services.at("web");
    EXPECT_EQ(web.volumes_from, (std::vector<VolumesFrom>{{"db", false}, {"log", true}}));
    EXPECT_THAT(companions_of(web), ElementsAre("db", "log"));
    EXPECT_THAT(dependencies_of(web), ElementsAre("db", "log"));
    ASSERT_EQ(web.hooks.post_start.size(), 2U);
    const Hook first{{"sh", "-c", "a b"}, "0", "/x", {{"A", "1"}}, true};
    EXPECT_EQ(web.hooks.post_start[0], first);
    EXPECT_THAT(web.hooks.post_start[1].command, ElementsAre("echo", "a b"));
    ASSERT_EQ(web.hooks.pre_stop.size(), 1U);
    EXPECT_THAT(web.hooks.pre_stop[0].command, ElementsAre("bye"));
}

TEST(manifest_options, a_seccomp_profile_comes_from_a_file) {
    const auto read = [](const std::string& profile, const std::string& entry) {
        return parse_manifest(AppId("shop"),
                              {"shop/compose.yml",
                               "services: {web: {image: a, security_opt: ['" + entry + "']}}",
                               {{"etc/p.json", profile}}});
    };
    const std::string text =
        "{ \"defaultAction\": \"SCMP_ACT_ERRNO\",\n \"n\": [1, -2, true, null, \"a\\\"\\u0001\"] }";
    for (const char* entry : {"seccomp:etc/p.json", "seccomp=./etc/p.json"}) {
        const auto parsed = read(text, entry);
        ASSERT_TRUE(parsed.spec) << parsed.errors.front().message;
        EXPECT_THAT(
            parsed.spec->services.at("web").options.security_opt,
            ElementsAre("seccomp={\"defaultAction\":\"SCMP_ACT_ERRNO\",\"n\":[1,-2,true,null,"
                        "\"a\\\"\\u0001\"]}"));
    }
    for (const char* bad : {"[1]", "{", "x", "", "{a: 1, a: 2}"}) {
        const auto parsed = read(bad, "seccomp=etc/p.json");
        ASSERT_FALSE(parsed.errors.empty()) << bad;
        EXPECT_THAT(parsed.errors[0].message, HasSubstr("is no seccomp profile")) << bad;
    }
}

TEST(manifest_options, configs_and_secrets) {
    const std::string head =
        "secrets: {pw: {content: hunter2}}\nconfigs: {site: {content: 'a b'}}\n";
    const AppSpec app = accept(head + R"(services:
  web:
    image: a
    secrets: [pw, {source: pw, target: other, mode: "0400", uid: "7"}]
    configs: [{source: site, target: /etc/site}]
)");
    const auto& files = app.services.at("web").files;
    ASSERT_EQ(files.size(), 3U);
    EXPECT_EQ(files[0].path, "/etc/site");
    EXPECT_EQ(files[0].content, "a b");
    EXPECT_EQ(files[0].mode, 0444);
    EXPECT_EQ(files[1].path, "/run/secrets/pw");
    EXPECT_EQ(files[2].path, "/run/secrets/other");
    EXPECT_EQ(files[2].mode, 0400);
    EXPECT_EQ(files[2].uid, 7);
    const auto with = [&](const std::string& lines) {
        return errors_of(head + "services:\n  web:\n    image: a\n" + lines);
    };
    EXPECT_EQ(with("    secrets: [pw]\n    read_only: true\n    tmpfs: [/run]\n"), "");
    EXPECT_THAT(with("    secrets: [pw]\n    tmpfs: [/run]\n"), HasSubstr("hidden by the tmpfs"));
    EXPECT_THAT(with("    secrets: [pw]\n    volumes: ['/srv:/run/secrets']\n"),
                HasSubstr("the host's own folder"));
    EXPECT_EQ(with("    secrets: [pw, pw]\n"), "");
    EXPECT_THAT(with("    secrets: [pw]\n    volumes: ['/srv:/run/secrets/pw']\n"),
                HasSubstr("delivered twice"));
    EXPECT_THAT(with("    secrets: [{source: pw, mode: 440}]\n"), HasSubstr("as `0440`"));
    EXPECT_THAT(with("    secrets: [{source: pw, target: ../../etc/x}]\n"), HasSubstr("`..`"));
    EXPECT_THAT(errors_of("secrets: {pw: {external: true}}\nservices: {web: {image: a}}"),
                HasSubstr("`external` is not supported"));
}

TEST(manifest_options, depends_on_in_its_long_form) {
    const AppSpec app = accept(R"(services:
  db: {image: a, healthcheck: {test: "true"}}
  setup: {image: a}
  web:
    image: a
    depends_on:
      db: {condition: service_healthy, restart: true}
      setup: {condition: service_completed_successfully}
      absent: {condition: service_started, required: false}
)");
    const ServiceSpec& web = app.services.at("web");
    EXPECT_THAT(web.depends_on, ElementsAre("db", "setup"));
    EXPECT_EQ(web.terms.at("db").condition, DependencyCondition::healthy);
    EXPECT_TRUE(web.terms.at("db").restart);
    EXPECT_EQ(web.terms.at("setup").condition, DependencyCondition::completed);
    EXPECT_EQ(app.services.at("setup").restart.policy, RestartPolicy::on_failure);
    EXPECT_EQ(app.services.at("db").restart.policy, RestartPolicy::always);
    EXPECT_THAT(errors_of(R"(services:
  setup: {image: a, restart: always}
  off: {image: a, healthcheck: {disable: true}}
  web:
    image: a
    depends_on:
      setup: {condition: service_completed_successfully}
      off: {condition: service_healthy}
)"),
                testing::AllOf(HasSubstr("never completes"), HasSubstr("never gets healthy")));
}

TEST(manifest_options, profiles) {
    const std::string text = "services:\n  web: {image: a}\n  tool: {image: a, profiles: [t, u]}\n";
    const auto off = parse(text);
    ASSERT_TRUE(off.spec);
    EXPECT_FALSE(off.spec->services.contains("tool"));
    ASSERT_EQ(off.warnings.size(), 1U);
    EXPECT_THAT(off.warnings[0].message, HasSubstr("x-nap: {profiles: [t]}"));
    for (const char* profile : {"u", "'*'"}) {
        const auto on = accept(text + "x-nap: {profiles: [" + profile + "]}\n");
        EXPECT_TRUE(on.services.contains("tool"));
    }
    EXPECT_THAT(errors_of("services:\n  web: {image: a, depends_on: [tool]}\n"
                          "  tool: {image: a, profiles: [t]}\n"),
                HasSubstr("is left out"));
    EXPECT_THAT(errors_of("services: {tool: {image: a, profiles: [t]}}"),
                HasSubstr("every service is left out"));
}

TEST(manifest_options, networks_come_in_order_of_priority) {
    const AppSpec app = accept(R"(services:
  web:
    image: a
    networks: {a: , b: {priority: 5}, c: {priority: 9, mac_address: "02:42:ac:11:65:43"}}
networks: {a: , b: , c: {external: {name: other}}}
)");
    const ServiceSpec& web = app.services.at("web");
    ASSERT_EQ(web.networks.size(), 3U);
    EXPECT_EQ(web.networks[0].network, "c");
    EXPECT_EQ(web.networks[1].network, "b");
    EXPECT_EQ(web.networks[2].network, "a");
    EXPECT_EQ(web.options.mac_address, "02:42:ac:11:65:43");
    EXPECT_EQ(app.networks.at("c").name, "other");
    EXPECT_TRUE(app.networks.at("c").external);
}

TEST(manifest_options, mounts) {
    const ServiceSpec web = service_of(R"(
    volumes:
      - /srv:/a:ro,z,rslave
      - /srv:/b:cached
      - {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0700}}
      - {type: bind, source: /srv, target: /c, bind: {create_host_path: false}}
      - {type: volume, target: /v, volume: {nocopy: true}}
)");
    ASSERT_EQ(web.mounts.size(), 5U);
    EXPECT_TRUE(web.mounts[0].read_only);
    EXPECT_EQ(web.mounts[0].options.selinux, "z");
    EXPECT_EQ(web.mounts[0].options.propagation, "rslave");
    EXPECT_EQ(web.mounts[2].kind, MountKind::tmpfs);
    EXPECT_EQ(web.mounts[2].options.tmpfs_bytes_max, 1 << 20);
    EXPECT_EQ(web.mounts[2].options.tmpfs_mode, 0700);
    EXPECT_FALSE(web.mounts[3].options.create_host_path);
    EXPECT_FALSE(web.mounts[4].options.copy);
}

TEST(manifest_options, restart_policy_goes_before_restart) {
    const ServiceSpec web = service_of(
        "    restart: always\n    deploy: {restart_policy: {condition: on-failure, max_attempts: "
        "3}}\n");
    EXPECT_EQ(web.restart.policy, RestartPolicy::on_failure);
    EXPECT_EQ(web.restart.attempts_max, 3);
}

}  // namespace
}  // namespace nap
