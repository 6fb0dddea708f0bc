#include <gtest/gtest.h>

#include "manifest/parse.hpp"

namespace nap {
namespace {

using Words = std::vector<std::string>;

AppSpec accepted(const std::string& text) {
    ParsedManifest parsed = parse_manifest(AppId("shop"), {"shop.yml", text});
    for (const ManifestError& error : parsed.errors)
        ADD_FAILURE() << to_string(error);
    return parsed.spec.value_or(AppSpec{});
}

/// The service `web` with `lines` indented under it, in the `services:` form.
ServiceSpec web_with(const std::string& lines) {
    std::string text = "services:\n  db: {image: redis}\n  web:\n    image: nginx\n";
    std::string line;
    for (const char c : lines + "\n") {
        line += c;
        if (c != '\n') continue;
        text += "    " + line;
        line.clear();
    }
    return accepted(text + "volumes: {data: }\n").services["web"];
}

std::string show(const std::vector<PortSpec>& ports) {
    std::string text;
    for (const PortSpec& port : ports) {
        if (!text.empty()) text += " ";
        text += port.host_ip + "|" + std::to_string(port.published) + port.published_range + "|" +
                std::to_string(port.target) + "|" + port.protocol;
    }
    return text;
}

std::string show(const std::vector<MountSpec>& mounts) {
    std::string text;
    for (const MountSpec& mount : mounts) {
        constexpr const char* kinds[] = {"volume", "bind", "anonymous"};
        if (!text.empty()) text += " ";
        text += std::string(kinds[static_cast<int>(mount.kind)]) + "|" + mount.source + "|" +
                mount.target + (mount.read_only ? "|ro" : "");
    }
    return text;
}

TEST(manifest, version_1_guestbook) {
    const AppSpec spec = accepted(
        "web:\n  image: guestbook\n  ports: ['80:80']\n"
        "  links: [redis-master, 'redis-slave:slave']\n"
        "redis-master:\n  image: redis\n  volumes: ['data:/data']\n"
        "redis-slave:\n  image: redis-slave\n  links:\n    - redis-master\n"
        "x-note: [$anything, {goes: here}]\n");
    EXPECT_EQ(spec.app, AppId("shop"));
    ASSERT_EQ(spec.services.size(), 3U);
    const ServiceSpec& web = spec.services.at("web");
    EXPECT_EQ(web.image, "guestbook");
    EXPECT_EQ(show(web.ports), "|80|80|tcp");
    ASSERT_EQ(web.links.size(), 2U);
    EXPECT_EQ(web.links[0].service + ":" + web.links[0].alias, "redis-master:redis-master");
    EXPECT_EQ(web.links[1].service + ":" + web.links[1].alias, "redis-slave:slave");
    EXPECT_TRUE(web.networks.empty());
    EXPECT_TRUE(spec.networks.empty());
    EXPECT_EQ(web.restart.policy, RestartPolicy::always);
    EXPECT_EQ(web.replicas, 1);
    EXPECT_FALSE(web.command);
    EXPECT_FALSE(web.entrypoint);
    EXPECT_FALSE(web.healthcheck);
    EXPECT_EQ(web.relink, Relink::automatic);
    EXPECT_TRUE(web.restart_unhealthy);
    EXPECT_EQ(show(spec.services.at("redis-master").mounts), "volume|data|/data");
    EXPECT_EQ(spec.volumes.at("data").name, "shop_data");
}

TEST(manifest, forms_are_told_apart) {
    for (const char* version1 :
         {"web: {image: a}", "version: '1'\nweb: {image: a}", "version: 1.0\nweb: {image: a}",
          "{\"web\": {\"image\": \"a\"}}"}) {
        EXPECT_TRUE(accepted(version1).networks.empty()) << version1;
    }
    EXPECT_EQ(accepted("version: {image: a}").services.count("version"), 1U);
    for (const char* services :
         {"services: {web: {image: a}}", "version: '3.8'\nservices: {web: {image: a}}",
          "name: shop\nservices: {web: {image: a}}\nvolumes:\nnetworks:",
          "{\"services\": {\"web\": {\"image\": \"a\"}}}"}) {
        EXPECT_EQ(accepted(services).networks.count("default"), 1U) << services;
    }
    EXPECT_EQ(accepted("services: {x-ray: {image: a}}").services.count("x-ray"), 1U);
}

TEST(manifest, networks_and_volumes_that_are_used) {
    const AppSpec spec = accepted(
        "services:\n"
        "  a: {image: i, networks: [front, out]}\n"
        "  b: {image: i, networks: {front: {aliases: [x, y.z]}, back: }, volumes: [v:/v, w:/w]}\n"
        "networks:\n"
        "  front: {driver: bridge, internal: true, labels: [l=1, m]}\n"
        "  back: {name: backbone}\n"
        "  out: {external: true}\n"
        "  unused:\n"
        "volumes:\n"
        "  v: {driver: local, driver_opts: {type: nfs, n: 1}, labels: {k: v}}\n"
        "  w: {external: 'true', name: wide}\n"
        "  unused: {}\n");
    ASSERT_EQ(spec.networks.size(), 3U);
    const NetworkSpec& front = spec.networks.at("front");
    EXPECT_EQ(front.name, "shop_front");
    EXPECT_EQ(front.driver, "bridge");
    EXPECT_TRUE(front.internal);
    EXPECT_EQ(front.labels, (StringMap{{"l", "1"}, {"m", ""}}));
    EXPECT_EQ(spec.networks.at("back").name, "backbone");
    EXPECT_EQ(spec.networks.at("out").name, "out");
    EXPECT_TRUE(spec.networks.at("out").external);
    ASSERT_EQ(spec.services.at("b").networks.size(), 2U);
    EXPECT_EQ(spec.services.at("b").networks[0].aliases, (Words{"x", "y.z"}));
    ASSERT_EQ(spec.volumes.size(), 2U);
    EXPECT_EQ(spec.volumes.at("v").name, "shop_v");
    EXPECT_EQ(spec.volumes.at("v").driver_opts, (StringMap{{"type", "nfs"}, {"n", "1"}}));
    EXPECT_EQ(spec.volumes.at("w").name, "wide");
    EXPECT_TRUE(spec.volumes.at("w").external);
}

TEST(manifest, default_network_may_be_named_and_shaped) {
    const AppSpec spec = accepted(
        "services: {a: {image: i}, b: {image: i, networks: {default: {aliases: [c]}}}}\n"
        "networks: {default: {driver: macvlan}}");
    EXPECT_EQ(spec.networks.at("default").driver, "macvlan");
    EXPECT_EQ(spec.networks.at("default").name, "shop_default");
    EXPECT_EQ(spec.services.at("a").networks.at(0).network, "default");
    EXPECT_EQ(web_with("networks:").networks.at(0).network, "default");
    EXPECT_EQ(web_with("networks: [default]").networks.at(0).network, "default");
}

TEST(manifest, ports) {
    const std::pair<const char*, const char*> cases[] = {
        {"80", "|0|80|tcp"},
        {"'80'", "|0|80|tcp"},
        {"80:80", "|80|80|tcp"},
        {"22:22", "|22|22|tcp"},
        {"53:53/UDP", "|53|53|udp"},
        {"9:9/sctp", "|9|9|sctp"},
        {"'127.0.0.1:8080:80'", "127.0.0.1|8080|80|tcp"},
        {"'127.0.0.1::80'", "127.0.0.1|0|80|tcp"},
        {"'[::1]:8080:80'", "::1|8080|80|tcp"},
        {"3000-3001", "|0|3000|tcp |0|3001|tcp"},
        {"9090-9091:80-81/udp", "|9090|80|udp |9091|81|udp"},
        {"8000-8010:80/udp", "|08000-8010|80|udp"},
        {"{target: 80, published: 8000-8010}", "|08000-8010|80|tcp"},
        {"{target: 80}", "|0|80|tcp"},
        {"{target: '80', published: '8080', protocol: udp, host_ip: 10.0.0.1, mode: host, x-y: 1}",
         "10.0.0.1|8080|80|udp"},
        {"80:80, 80:80/udp", "|80|80|tcp |80|80|udp"},
        {"'1.1.1.1:80:80', '1.1.1.2:80:80'", "1.1.1.1|80|80|tcp 1.1.1.2|80|80|tcp"},
        {"'0.0.0.0:80:80', '[::]:80:80'", "0.0.0.0|80|80|tcp ::|80|80|tcp"},
        {"80:80, 81:80", "|80|80|tcp |81|80|tcp"},
    };
    for (const auto& [ports, shown] : cases) {
        EXPECT_EQ(show(web_with("ports: [" + std::string(ports) + "]").ports), shown) << ports;
    }
    EXPECT_EQ(web_with("ports: [80:80]\ndeploy: {replicas: 2}").replicas, 2);
    EXPECT_EQ(web_with("expose: [80, '53/udp', 90-91]").expose,
              (Words{"80/tcp", "53/udp", "90/tcp", "91/tcp"}));
}

TEST(manifest, volumes) {
    const std::pair<const char*, const char*> cases[] = {
        {"data:/d", "volume|data|/d"},
        {"data:/d:ro", "volume|data|/d|ro"},
        {"data:/d:rw", "volume|data|/d"},
        {"/srv/x:/d:ro", "bind|/srv/x|/d|ro"},
        {"/d", "anonymous||/d"},
        {"{type: volume, source: data, target: /d, read_only: true}", "volume|data|/d|ro"},
        {"{type: bind, source: /srv, target: /d}", "bind|/srv|/d"},
        {"{type: volume, target: /d}", "anonymous||/d"},
        {"data:/a, data:/b", "volume|data|/a volume|data|/b"},
    };
    for (const auto& [volumes, shown] : cases) {
        EXPECT_EQ(show(web_with("volumes: [" + std::string(volumes) + "]").mounts), shown);
    }
}

TEST(manifest, commands) {
    EXPECT_EQ(web_with("command: sh -c 'sleep 1'").command, (Words{"sh", "-c", "sleep 1"}));
    EXPECT_EQ(web_with("command: [a, 'b c']").command, (Words{"a", "b c"}));
    EXPECT_EQ(web_with("command: ''").command, Words{});
    EXPECT_EQ(web_with("command: []").command, Words{});
    EXPECT_FALSE(web_with("command:").command);
    EXPECT_EQ(web_with("entrypoint: /run.sh x").entrypoint, (Words{"/run.sh", "x"}));
    EXPECT_EQ(web_with("command: echo $$HOME $$$$").command, (Words{"echo", "$HOME", "$$"}));
}

TEST(manifest, environment_and_labels) {
    const StringMap expected = {{"A", "1"}, {"B", "x=y"}, {"C", ""}, {"D", "true"}, {"E", "$z"}};
    EXPECT_EQ(web_with("environment: {A: 1, B: x=y, C: '', D: true, E: $$z}").environment,
              expected);
    EXPECT_EQ(web_with("environment: [A=1, B=x=y, C=, D=true, E=$$z]").environment, expected);
    EXPECT_EQ(web_with("labels: {a.b: 1, c: , x-d: $$}").labels,
              (StringMap{{"a.b", "1"}, {"c", ""}, {"x-d", "$"}}));
    EXPECT_EQ(web_with("labels: [a=1, b]").labels, (StringMap{{"a", "1"}, {"b", ""}}));
}

TEST(manifest, healthchecks) {
    const auto check = web_with(
                           "healthcheck: {test: curl x, interval: 1m30s, timeout: 500ms, "
                           "retries: '3', start_period: 0s, x-note: 1}")
                           .healthcheck;
    ASSERT_TRUE(check);
    EXPECT_EQ(check->test, (Words{"CMD-SHELL", "curl x"}));
    EXPECT_EQ(check->interval, milliseconds(90'000));
    EXPECT_EQ(check->timeout, milliseconds(500));
    EXPECT_EQ(check->start_period, milliseconds(0));
    EXPECT_EQ(check->retries, 3);
    EXPECT_FALSE(check->disabled);
    EXPECT_EQ(web_with("healthcheck: {test: [CMD, a, b]}").healthcheck->test,
              (Words{"CMD", "a", "b"}));
    EXPECT_EQ(web_with("healthcheck: {test: [CMD-SHELL, a b]}").healthcheck->test,
              (Words{"CMD-SHELL", "a b"}));
    for (const char* off : {"healthcheck: {test: [NONE]}", "healthcheck: {disable: true}",
                            "healthcheck: {disable: true, test: x}"}) {
        EXPECT_TRUE(web_with(off).healthcheck->disabled) << off;
        EXPECT_EQ(web_with(off).healthcheck->test, Words{"NONE"}) << off;
    }
    EXPECT_TRUE(web_with("healthcheck: {interval: 5s}").healthcheck->test.empty());
}

TEST(manifest, restart_policies) {
    const std::tuple<const char*, RestartPolicy, int> cases[] = {
        {"no", RestartPolicy::no, 0},
        {"'no'", RestartPolicy::no, 0},
        {"always", RestartPolicy::always, 0},
        {"unless-stopped", RestartPolicy::unless_stopped, 0},
        {"on-failure", RestartPolicy::on_failure, 0},
        {"on-failure:5", RestartPolicy::on_failure, 5},
    };
    for (const auto& [text, policy, attempts] : cases) {
        const Restart restart = web_with(std::string("restart: ") + text).restart;
        EXPECT_EQ(restart.policy, policy) << text;
        EXPECT_EQ(restart.attempts_max, attempts) << text;
    }
}

TEST(manifest, plain_settings) {
    const ServiceSpec web = web_with(
        "hostname: h.example\nuser: '1000:1000'\nworking_dir: /w\ncontainer_name: my_web\n"
        "stop_grace_period: 1.5s\nstop_signal: SIGQUIT\nmem_limit: 64m\ncpus: 0.5\n"
        "depends_on: [db]\nextra_hosts: ['a:10.0.0.1', 'b=::1', 'c:host-gateway', 'd:[::2]']\n"
        "x-mine: {any: $thing}");
    EXPECT_EQ(web.hostname, "h.example");
    EXPECT_EQ(web.user, "1000:1000");
    EXPECT_EQ(web.working_dir, "/w");
    EXPECT_EQ(web.container_name, "my_web");
    EXPECT_EQ(web.stop_grace_period, milliseconds(1500));
    EXPECT_EQ(web.stop_signal, "SIGQUIT");
    EXPECT_EQ(web.memory_bytes_max, 64 << 20);
    EXPECT_EQ(web.nano_cpus_max, 500'000'000);
    EXPECT_EQ(web.depends_on, Words{"db"});
    EXPECT_EQ(web.extra_hosts, (Words{"a:10.0.0.1", "b:::1", "c:host-gateway", "d:::2"}));
    EXPECT_EQ(web_with("extra_hosts: {a: 10.0.0.1, b: [1.1.1.1, '::1']}").extra_hosts,
              (Words{"a:10.0.0.1", "b:1.1.1.1", "b:::1"}));
    EXPECT_EQ(web_with("mem_limit: 67108864").memory_bytes_max, 64 << 20);
    EXPECT_EQ(web_with("mem_limit: 0").memory_bytes_max, 0);
    EXPECT_EQ(web_with("cpus: '2'").nano_cpus_max, 2'000'000'000);
    EXPECT_EQ(web_with("stop_signal: 9").stop_signal, "9");
    EXPECT_EQ(web_with("deploy: {replicas: 0}").replicas, 0);
}

TEST(manifest, nap_settings) {
    EXPECT_EQ(web_with("x-nap: {relink: dns}").relink, Relink::dns);
    EXPECT_EQ(web_with("x-nap: {relink: hosts}").relink, Relink::hosts);
    EXPECT_EQ(web_with("x-nap: {relink: none}").relink, Relink::none);
    EXPECT_EQ(web_with("x-nap: {on_relink: restart}").on_relink.kind, OnRelinkKind::restart);
    EXPECT_EQ(web_with("x-nap: {on_relink: none}").on_relink.kind, OnRelinkKind::none);
    EXPECT_EQ(web_with("x-nap: {on_relink: 'signal:HUP'}").on_relink.kind, OnRelinkKind::signal);
    EXPECT_EQ(web_with("x-nap: {on_relink: 'signal:HUP'}").on_relink.signal, "HUP");
    EXPECT_FALSE(web_with("x-nap: {restart_unhealthy: false}").restart_unhealthy);
    EXPECT_EQ(web_with("x-nap: {partition: keep}").partition, PartitionPolicy::keep);
    EXPECT_EQ(web_with("x-nap: {partition: stop}").partition, PartitionPolicy::stop);
    EXPECT_EQ(web_with("x-nap: {sticky: auto}").sticky, Sticky::automatic);
    EXPECT_EQ(web_with("x-nap: {sticky: always}").sticky, Sticky::always);
    EXPECT_EQ(web_with("x-nap: {sticky: never}").sticky, Sticky::never);
    EXPECT_EQ(accepted("web: {image: a, x-nap: {relink: hosts}}").services["web"].relink,
              Relink::hosts);
}

TEST(manifest, nap_settings_of_an_app) {
    EXPECT_FALSE(accepted("web: {image: a}").colocate);
    EXPECT_EQ(accepted("web: {image: a}").strategy, Strategy::spread);
    const AppSpec spec =
        accepted("services: {web: {image: a}}\nx-nap: {colocate: true, strategy: binpack}");
    EXPECT_TRUE(spec.colocate);
    EXPECT_EQ(spec.strategy, Strategy::binpack);
    const AppSpec version1 = accepted("x-nap: {colocate: true, strategy: random}\nweb: {image: a}");
    EXPECT_TRUE(version1.colocate);
    EXPECT_EQ(version1.strategy, Strategy::random);
    EXPECT_EQ(version1.services.size(), 1U);
}

std::string show(const std::vector<Constraint>& constraints) {
    std::string text;
    for (const Constraint& constraint : constraints) {
        if (!text.empty()) text += " ";
        text += constraint.attribute + (constraint.equal ? "=" : "!") + constraint.value;
    }
    return text;
}

TEST(manifest, deploy_mode_and_placement) {
    EXPECT_EQ(web_with("deploy: {mode: replicated, replicas: 3}").replicas, 3);
    EXPECT_EQ(web_with("deploy: {mode: replicated}").mode, DeployMode::replicated);
    const ServiceSpec global = web_with("deploy: {mode: global}\ncontainer_name: one");
    EXPECT_EQ(global.mode, DeployMode::global);
    EXPECT_EQ(global.container_name, "one");
    const ServiceSpec web = web_with(
        "deploy:\n  placement:\n    constraints:\n      - node.hostname==a.b-c\n"
        "      - node.labels.zone != west\n      - node.labels.zone !=  old  wing \n"
        "      - ' node.role== worker '\n      - engine.labels.com.x.gpu==1\n      - node.id!=q\n"
        "      - node.platform.os==linux\n      - node.platform.arch!=x86_64\n"
        "      - node.labels.a==X\n      - node.labels.a==x\n"
        "    preferences:\n      - spread: node.labels.zone\n      - spread: node.hostname\n"
        "    max_replicas_per_node: 2");
    EXPECT_EQ(show(web.placement.constraints),
              "node.hostname=a.b-c node.labels.zone!west node.labels.zone!old  wing "
              "node.role=worker engine.labels.com.x.gpu=1 node.id!q node.platform.os=linux "
              "node.platform.arch!x86_64 node.labels.a=X node.labels.a=x");
    EXPECT_EQ(web.placement.spread_over, (Words{"node.labels.zone", "node.hostname"}));
    EXPECT_EQ(web.placement.per_node_max, 2);
    EXPECT_EQ(web_with("deploy: {placement: {max_replicas_per_node: 0}}").placement.per_node_max,
              0);
}

TEST(manifest, services_apart_may_have_constraints_that_exclude_each_other) {
    const AppSpec spec = accepted(
        "services:\n  a: {image: x, deploy: {placement: {constraints: [node.id==p]}}}\n"
        "  b: {image: x, deploy: {placement: {constraints: [node.id==q]}}}\n");
    EXPECT_EQ(spec.services.size(), 2U);
}

TEST(manifest, resources) {
    const ServiceSpec web = web_with(
        "deploy: {resources: {limits: {cpus: '0.5', memory: 64m}, "
        "reservations: {cpus: 0.25, memory: 1024}}}");
    EXPECT_EQ(web.nano_cpus_max, 500'000'000);
    EXPECT_EQ(web.memory_bytes_max, 64 << 20);
    EXPECT_EQ(web.nano_cpus_reserved, 250'000'000);
    EXPECT_EQ(web.memory_bytes_reserved, 1024);
    const ServiceSpec twice = web_with(
        "mem_limit: 64m\ncpus: 0.50\n"
        "deploy: {resources: {limits: {cpus: 0.5, memory: 67108864}}}");
    EXPECT_EQ(twice.memory_bytes_max, 64 << 20);
    EXPECT_EQ(twice.nano_cpus_max, 500'000'000);
    EXPECT_EQ(web_with("deploy: {resources: {reservations: {cpus: 8}}}").nano_cpus_reserved,
              8'000'000'000);
    EXPECT_EQ(web_with("cpus: 0\ndeploy: {resources: {reservations: {cpus: 8}}}").nano_cpus_max, 0);
}

TEST(manifest, networks_over_hosts) {
    const AppSpec spec = accepted(
        "services: {a: {image: i, networks: [o, p, q]}}\n"
        "networks: {o: {driver: overlay}, p: {driver: overlay, attachable: true}, "
        "q: {attachable: true}}");
    EXPECT_EQ(spec.networks.at("o").driver, "overlay");
    EXPECT_TRUE(spec.networks.at("o").attachable);
    EXPECT_TRUE(spec.networks.at("p").attachable);
    EXPECT_TRUE(spec.networks.at("q").attachable);
    EXPECT_EQ(spec.networks.at("q").driver, "");
}

TEST(manifest, anchors_and_merge_keys_share_settings) {
    const AppSpec spec = accepted(
        "x-common: &common {image: base, environment: &env {A: 1, B: 2}}\n"
        "services:\n  a: {<<: *common}\n"
        "  b: {<<: *common, image: other, environment: {<<: *env, B: 3}}\n");
    EXPECT_EQ(spec.services.at("a").image, "base");
    EXPECT_EQ(spec.services.at("b").image, "other");
    EXPECT_EQ(spec.services.at("b").environment, (StringMap{{"A", "1"}, {"B", "3"}}));
}

TEST(manifest, images) {
    for (const char* image : {"nginx", "nginx:1.25", "library/nginx", "127.0.0.1:5000/a/b:c",
                              "Registry.example/a", "a@sha256:0123", "a__b-c.d"}) {
        EXPECT_EQ(accepted("web: {image: '" + std::string(image) + "'}").services["web"].image,
                  image);
    }
}

TEST(manifest, app_names) {
    const std::string longest(63, 'a');
    for (const std::string& good : {std::string("a"), std::string("0-a_b"), longest}) {
        EXPECT_FALSE(app_name_problem(good)) << good;
    }
    for (const std::string& bad :
         {std::string(), std::string("A"), std::string("-a"), std::string("_a"), std::string("a.b"),
          std::string("a/b"), std::string("é"), longest + "a", std::string("a\nb")}) {
        EXPECT_TRUE(app_name_problem(bad)) << bad;
    }
    EXPECT_FALSE(parse_manifest(AppId("A"), {"A.yml", "web: {image: a}"}).spec);
}

}  // namespace
}  // namespace nap
