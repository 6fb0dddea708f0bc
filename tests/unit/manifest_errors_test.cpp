#include <gtest/gtest.h>

#include <algorithm>

#include "manifest/parse.hpp"

namespace nap {
namespace {

std::vector<ManifestError> errors_of(const std::string& text) {
    const ParsedManifest parsed = parse_manifest(AppId("shop"), {"shop.yml", text});
    EXPECT_NE(parsed.spec.has_value(), !parsed.errors.empty()) << text;
    return parsed.errors;
}

std::string all_of(const std::vector<ManifestError>& errors) {
    std::string text;
    for (const ManifestError& error : errors)
        text += to_string(error) + "\n";
    return text;
}

/// One service with one line in it that is wrong: at line 5, the error within `services.web`.
struct LineCase {
    const char* line;
    const char* path;
    const char* message;

    friend void PrintTo(const LineCase& c, std::ostream* out) { *out << c.line; }
};

class ManifestLine : public testing::TestWithParam<LineCase> {};

TEST_P(ManifestLine, is_refused) {
    const std::string text = "services:\n  db: {image: redis}\n  web:\n    image: nginx\n    " +
                             std::string(GetParam().line) +
                             "\nvolumes: {data: }\nnetworks: {front: }\n";
    const auto errors = errors_of(text);
    ASSERT_EQ(errors.size(), 1U) << all_of(errors);
    EXPECT_EQ(errors[0].line, 5);
    EXPECT_GE(errors[0].column, 5);
    EXPECT_EQ(errors[0].path, "services.web." + std::string(GetParam().path));
    EXPECT_NE(errors[0].message.find(GetParam().message), std::string::npos) << errors[0].message;
}

INSTANTIATE_TEST_SUITE_P(
    process, ManifestLine,
    testing::Values(
        LineCase{"command: 5", "command", "expected a string, found an integer; put it in quotes"},
        LineCase{"command: {a: b}", "command", "expected a string or a list of strings"},
        LineCase{"command: [a, 1]", "command[1]", "expected a string, found an integer"},
        LineCase{"command: \"a 'b\"", "command", "a single quote is not closed"},
        LineCase{"entrypoint: 'a \"b'", "entrypoint", "a double quote is not closed"},
        LineCase{"command: 'a \\'", "command", "a backslash at the end"},
        LineCase{"command: echo $(x)", "command", "write `$$` for a literal dollar sign"},
        LineCase{"command: [a, '${X:-y']", "command[1]", "expected `}`"},
        LineCase{"command: 'a $$$ b'", "command", "expected the name of a variable"},
        LineCase{"user: 1000", "user", "put it in quotes"},
        LineCase{"user: a b", "user", "expected a user"},
        LineCase{"working_dir: here", "working_dir", "expected an absolute path"},
        LineCase{"hostname: a/b", "hostname", "expected a host name"},
        LineCase{"hostname: [a]", "hostname", "expected a string, found a list"},
        LineCase{"container_name: -x", "container_name", "expected at least two"},
        LineCase{"container_name: x", "container_name", "expected at least two"},
        LineCase{"stop_signal: SIGFOO", "stop_signal", "name or number of a signal"},
        LineCase{"stop_grace_period: 10", "stop_grace_period", "add the unit"},
        LineCase{"stop_grace_period: soon", "stop_grace_period", "expected a duration"},
        LineCase{"stop_grace_period:", "stop_grace_period", "found nothing"},
        LineCase{"mem_limit: 1x", "mem_limit", "expected a number of bytes"},
        LineCase{"mem_limit: -1", "mem_limit", "expected a number of bytes"},
        LineCase{"mem_limit: 1m", "mem_limit", "at least 6m"},
        LineCase{"mem_limit: 99999999999999g", "mem_limit", "expected a number of bytes"},
        LineCase{"cpus: many", "cpus", "expected a number of cores"},
        LineCase{"cpus: 0.001", "cpus", "at least 0.01"},
        LineCase{"cpus: {a: 1}", "cpus", "found a mapping"},
        LineCase{"restart: false", "restart", "found a boolean; write `no`"},
        LineCase{"restart: sometimes", "restart", "expected `no`, `always`"},
        LineCase{"restart: 'on-failure:x'", "restart", "expected a whole number"},
        LineCase{"restart: 'on-failure:99999999999'", "restart", "expected a whole number"},
        LineCase{"restart:", "restart", "expected a string, found nothing"},
        LineCase{"deploy: 3", "deploy", "expected a mapping, found an integer"},
        LineCase{"deploy: {replicas: -1}", "deploy.replicas", "from 0 to 1000"},
        LineCase{"deploy: {replicas: 1001}", "deploy.replicas", "from 0 to 1000"},
        LineCase{"deploy: {replicas: 1.5}", "deploy.replicas", "found a number"},
        LineCase{"deploy: {replica: 1}", "deploy.replica", "did you mean `replicas`?"}));

INSTANTIATE_TEST_SUITE_P(
    deploy, ManifestLine,
    testing::Values(
        LineCase{"deploy: {mode: swarm}", "deploy.mode", "expected `replicated` or `global`"},
        LineCase{"deploy: {mode: globl}", "deploy.mode", "did you mean `global`?"},
        LineCase{"deploy: {mode: replicated-job}", "deploy.mode", "`replicated-job` is not"},
        LineCase{"deploy: {mode: global-job}", "deploy.mode", "nap keeps services running"},
        LineCase{"deploy: {mode: }", "deploy.mode", "expected a string, found nothing"},
        LineCase{"deploy: {replicas: 2, mode: global}", "deploy.replicas", "with mode `global`"},
        LineCase{"deploy: {mode: global, placement: {max_replicas_per_node: 1}}",
                 "deploy.placement.max_replicas_per_node", "with mode `global`"},
        LineCase{"deploy: {mode: global, placement: {preferences: [{spread: node.id}]}}",
                 "deploy.placement.preferences", "with mode `global`"},
        LineCase{"deploy: {placement: [a]}", "deploy.placement", "expected a mapping"},
        LineCase{"deploy: {placement: {constraint: []}}", "deploy.placement.constraint",
                 "did you mean `constraints`?"},
        LineCase{"deploy: {placement: {max_replicas_per_node: -1}}",
                 "deploy.placement.max_replicas_per_node", "from 0 to 1000"},
        LineCase{"deploy: {placement: {preferences: {spread: node.id}}}",
                 "deploy.placement.preferences", "expected a list, found a mapping"},
        LineCase{"deploy: {placement: {preferences: [node.id]}}", "deploy.placement.preferences[0]",
                 "as `spread: node.labels.zone`"},
        LineCase{"deploy: {placement: {preferences: [{}]}}", "deploy.placement.preferences[0]",
                 "expected the key `spread`"},
        LineCase{"deploy: {placement: {preferences: [{spread: node.label.zone}]}}",
                 "deploy.placement.preferences[0].spread", "did you mean `node.labels.zone`?"}));

INSTANTIATE_TEST_SUITE_P(
    constraints, ManifestLine,
    testing::Values(
        LineCase{"deploy: {placement: {constraints: node.id==a}}", "deploy.placement.constraints",
                 "expected a list, found a string"},
        LineCase{"deploy: {placement: {constraints: [5]}}", "deploy.placement.constraints[0]",
                 "expected a string"},
        LineCase{"deploy: {placement: {constraints: [node.id=a]}}",
                 "deploy.placement.constraints[0]", "`attribute==value` or `attribute!=value`"},
        LineCase{"deploy: {placement: {constraints: [node.role===manager]}}",
                 "deploy.placement.constraints[0]", "expected a value after `==`"},
        LineCase{"deploy: {placement: {constraints: ['node.id!= ']}}",
                 "deploy.placement.constraints[0]", "expected a value after `!=`"},
        LineCase{"deploy: {placement: {constraints: ['==a']}}", "deploy.placement.constraints[0]",
                 "unknown attribute ``"},
        LineCase{"deploy: {placement: {constraints: [node.hostnme==a]}}",
                 "deploy.placement.constraints[0]", "did you mean `node.hostname`?"},
        LineCase{"deploy: {placement: {constraints: [node.label.zone==a]}}",
                 "deploy.placement.constraints[0]", "did you mean `node.labels.zone`?"},
        LineCase{"deploy: {placement: {constraints: [engine.lables.gpu==a]}}",
                 "deploy.placement.constraints[0]", "did you mean `engine.labels.gpu`?"},
        LineCase{"deploy: {placement: {constraints: [node.labels.==a]}}",
                 "deploy.placement.constraints[0]", "unknown attribute `node.labels.`"},
        LineCase{"deploy: {placement: {constraints: [zone==a]}}", "deploy.placement.constraints[0]",
                 "expected node.hostname, node.id, node.role, node.platform.os, "
                 "node.platform.arch, node.labels.NAME or engine.labels.NAME"},
        LineCase{"deploy: {placement: {constraints: [node.role==mangaer]}}",
                 "deploy.placement.constraints[0]", "did you mean `manager`?"},
        LineCase{"deploy: {placement: {constraints: [node.id==a, node.id==b]}}",
                 "deploy.placement.constraints[1]", "no node can meet this and `node.id==a` too"},
        LineCase{"deploy: {placement: {constraints: [node.id==a, node.id!=a]}}",
                 "deploy.placement.constraints[1]", "no node can meet this and `node.id==a` too"},
        LineCase{"deploy: {placement: {constraints: [node.id!=a, node.id==a]}}",
                 "deploy.placement.constraints[1]", "no node can meet this and `node.id!=a` too"}));

INSTANTIATE_TEST_SUITE_P(
    resources, ManifestLine,
    testing::Values(
        LineCase{"deploy: {resources: 1}", "deploy.resources", "expected a mapping"},
        LineCase{"deploy: {resources: {limit: {}}}", "deploy.resources.limit", "mean `limits`?"},
        LineCase{"deploy: {resources: {limits: [a]}}", "deploy.resources.limits",
                 "expected a mapping"},
        LineCase{"deploy: {resources: {limits: {memory: 1m}}}", "deploy.resources.limits.memory",
                 "at least 6m"},
        LineCase{"deploy: {resources: {limits: {cpus: x}}}", "deploy.resources.limits.cpus",
                 "expected a number of cores"},
        LineCase{"deploy: {resources: {reservations: {memory: 1x}}}",
                 "deploy.resources.reservations.memory", "expected a number of bytes"},
        LineCase{"deploy: {resources: {reservations: {cpus: }}}",
                 "deploy.resources.reservations.cpus", "found nothing"},
        LineCase{"deploy: {resources: {limits: {cpus: 1}, reservations: {cpus: 1.5}}}",
                 "deploy.resources.reservations.cpus", "more than the service's limit"}));

INSTANTIATE_TEST_SUITE_P(
    health, ManifestLine,
    testing::Values(
        LineCase{"healthcheck: x", "healthcheck", "expected a mapping"},
        LineCase{"healthcheck: {test: }", "healthcheck.test", "expected a string or a list"},
        LineCase{"healthcheck: {test: ''}", "healthcheck.test", "found an empty string"},
        LineCase{"healthcheck: {test: [curl, x]}", "healthcheck.test", "`CMD-SHELL` or `NONE`"},
        LineCase{"healthcheck: {test: [CMD]}", "healthcheck.test", "expected a command"},
        LineCase{"healthcheck: {test: [NONE, x]}", "healthcheck.test", "nothing after `NONE`"},
        LineCase{"healthcheck: {interval: 5}", "healthcheck.interval", "add the unit"},
        LineCase{"healthcheck: {timeout: -1s}", "healthcheck.timeout", "expected a duration"},
        LineCase{"healthcheck: {retries: many}", "healthcheck.retries", "whole number"}));

INSTANTIATE_TEST_SUITE_P(
    maps, ManifestLine,
    testing::Values(
        LineCase{"environment: x", "environment", "expected a mapping or a list"},
        LineCase{"environment: {A: [x]}", "environment.A", "found a list"},
        LineCase{"environment: {A=B: x}", "environment", "has no `=` in it"},
        LineCase{"environment: ['=x']", "environment[0]", "found no key"},
        LineCase{"environment: {A: $(B)}", "environment.A", "literal dollar sign"},
        LineCase{"environment: {x-a: $(B)}", "environment.x-a", "literal dollar sign"},
        LineCase{"labels: {io.nap.app: x}", "labels.io.nap.app", "is reserved"},
        LineCase{"labels: [com.docker.compose.project=x]", "labels", "is reserved"},
        LineCase{"labels: 5", "labels", "expected a mapping or a list"},
        LineCase{"extra_hosts: [a]", "extra_hosts[0]", "expected `name:address`"},
        LineCase{"extra_hosts: ['a:b']", "extra_hosts[0]", "expected an IP address"},
        LineCase{"extra_hosts: ['a b:1.1.1.1']", "extra_hosts[0]", "expected a host name"},
        LineCase{"extra_hosts: {a: b}", "extra_hosts.a", "expected an IP address"},
        LineCase{"extra_hosts: {a: [b]}", "extra_hosts.a[0]", "expected an IP address"},
        LineCase{"extra_hosts: a", "extra_hosts", "expected a list of"},
        LineCase{"links: db", "links", "expected a list, found a string"},
        LineCase{"links: [web]", "links[0]", "cannot depend on itself"},
        LineCase{"links: [dd]", "links[0]", "no service `dd`; did you mean `db`?"},
        LineCase{"links: ['db:']", "links[0]", "expected `service` or `service:alias`"},
        LineCase{"depends_on: [nowhere]", "depends_on[0]", "add it, or remove this entry"},
        LineCase{"depends_on: {db: {condition: service_healty}}", "depends_on.db.condition",
                 "did you mean `service_healthy`?"},
        LineCase{"depends_on: {nowhere: {required: true}}", "depends_on.nowhere",
                 "add it, or remove this entry"},
        LineCase{"depends_on: [1]", "depends_on[0]", "expected a string"},
        LineCase{"networks: [fornt]", "networks[0]", "did you mean `front`?"},
        LineCase{"networks: {elsewhere: }", "networks.elsewhere", "is not declared; declare it"},
        LineCase{"networks: 1", "networks", "expected a list or a mapping"},
        LineCase{"networks: {front: 1}", "networks.front", "expected a mapping"},
        LineCase{"networks: {front: {aliases: [a b]}}", "networks.front.aliases[0]",
                 "expected a host name"},
        LineCase{"x-nap: true", "x-nap", "expected a mapping"},
        LineCase{"x-nap: {relink: dsn}", "x-nap.relink", "expected `dns`, `hosts`, `none`"},
        LineCase{"x-nap: {on_relink: reload}", "x-nap.on_relink", "as `signal:HUP`"},
        LineCase{"x-nap: {on_relink: 'signal:FOO'}", "x-nap.on_relink", "as `signal:HUP`"},
        LineCase{"x-nap: {partition: halt}", "x-nap.partition", "expected `keep`, `stop`"},
        LineCase{"x-nap: {sticky: nevr}", "x-nap.sticky", "did you mean `never`?"},
        LineCase{"x-nap: {sticky: true}", "x-nap.sticky", "found a boolean; put it in quotes"},
        LineCase{"x-nap: {colocate: true}", "x-nap.colocate", "put it on the app"},
        LineCase{"x-nap: {relnk: dns}", "x-nap.relnk", "did you mean `relink`?"},
        LineCase{"x-nap: {x-other: 1}", "x-nap.x-other", "found an extension field"}));

INSTANTIATE_TEST_SUITE_P(
    ports, ManifestLine,
    testing::Values(
        LineCase{"ports: 80", "ports", "expected a list, found an integer"},
        LineCase{"ports: [0]", "ports[0]", "ports from 1 to 65535"},
        LineCase{"ports: [65536]", "ports[0]", "ports from 1 to 65535"},
        LineCase{"ports: [80.5]", "ports[0]", "ports from 1 to 65535"},
        LineCase{"ports: [-1]", "ports[0]", "ports from 1 to 65535"},
        LineCase{"ports: ['99999999999999999999:80']", "ports[0]", "ports from 1 to 65535"},
        LineCase{"ports: ['']", "ports[0]", "expected `[[host ip:]host port:]port[/protocol]`"},
        LineCase{"ports: ['80:']", "ports[0]", "expected `[[host ip"},
        LineCase{"ports: ['80/icmp']", "ports[0]", "tcp, udp or sctp"},
        LineCase{"ports: ['::1:80:80']", "ports[0]", "IPv6 address in brackets"},
        LineCase{"ports: ['[::1:80:80']", "ports[0]", "expected `[[host ip"},
        LineCase{"ports: ['[::1]:80']", "ports[0]", "between the host ip and the port"},
        LineCase{"ports: ['[]:80:80']", "ports[0]", "expected `[[host ip"},
        LineCase{"ports: ['localhost:80:80']", "ports[0]", "`localhost` is not an IP address"},
        LineCase{"ports: [80-70]", "ports[0]", "expected `[[host ip"},
        LineCase{"ports: ['80-90:80-81']", "ports[0]", "11 host ports for 2 ports"},
        LineCase{"ports: ['80:80-90']", "ports[0]", "1 host ports for 11 ports"},
        LineCase{"ports: [1-20001]", "ports[0]", "more than 20000 ports"},
        LineCase{"ports: ['80:80', '80:81']", "ports[1]", "published twice"},
        LineCase{"ports: ['127.0.0.1:80:80', '80:81']", "ports[1]", "published twice"},
        LineCase{"ports: ['80:80', '[::1]:80:81']", "ports[1]", "published twice"},
        LineCase{"ports: ['0.0.0.0:80:80', '1.1.1.1:80:81']", "ports[1]", "published twice"},
        LineCase{"ports: ['[::1]:80:80', '[::]:80:81']", "ports[1]", "published twice"},
        LineCase{"ports: [[80]]", "ports[0]", "found a list"},
        LineCase{"ports: [{published: 80}]", "ports[0]", "expected the key `target`"},
        LineCase{"ports: [{target: 0}]", "ports[0].target", "from 1 to 65535"},
        LineCase{"ports: [{target: 80-90}]", "ports[0].target", "short form"},
        LineCase{"ports: [{target: 80, published: 90-80}]", "ports[0].published", "or a range"},
        LineCase{"ports: [{target: 80, protocol: x}]", "ports[0].protocol", "tcp, udp or sctp"},
        LineCase{"ports: [{target: 80, host_ip: x}]", "ports[0].host_ip", "not an IP address"},
        LineCase{"ports: [{target: 80, mode: x}]", "ports[0].mode", "`host` or `ingress`"},
        LineCase{"ports: [{target: 80, publish: 1}]", "ports[0].publish", "mean `published`?"},
        LineCase{"expose: 80", "expose", "expected a list"},
        LineCase{"expose: [x]", "expose[0]", "expected `port[/protocol]`"},
        LineCase{"expose: ['80:80']", "expose[0]", "expected `port[/protocol]`"},
        LineCase{"expose: ['80/x']", "expose[0]", "expected `port[/protocol]`"},
        LineCase{"expose: [1-65535]", "expose[0]", "more than 20000 ports"}));

INSTANTIATE_TEST_SUITE_P(
    volumes, ManifestLine,
    testing::Values(
        LineCase{"volumes: data", "volumes", "expected a list"},
        LineCase{"volumes: ['./x:/d:ro']", "volumes[0]", "there is no file or folder `./x`"},
        LineCase{"volumes: ['../x:/d']", "volumes[0]", "leads out of"},
        LineCase{"volumes: ['~/x:/d']", "volumes[0]", "whoever runs Compose"},
        LineCase{"volumes: ['a/b:/d']", "volumes[0]", "expected the name of a volume"},
        LineCase{"volumes: [':/d']", "volumes[0]", "expected the name of a volume"},
        LineCase{"volumes: ['data:/d:rslave']", "volumes[0]", "expected the options `ro`, `rw`"},
        LineCase{"volumes: ['data:/d:ro:x']", "volumes[0]", "found more parts"},
        LineCase{"volumes: ['data:d']", "volumes[0]", "absolute path in the container"},
        LineCase{"volumes: ['data:/']", "volumes[0]", "other than `/`"},
        LineCase{"volumes: [data]", "volumes[0]", "absolute path in the container"},
        LineCase{"volumes: ['']", "volumes[0]", "absolute path in the container"},
        LineCase{"volumes: ['dtaa:/d']", "volumes[0]", "did you mean `data`?"},
        LineCase{"volumes: [1]", "volumes[0]", "expected a string"},
        LineCase{"volumes: [{target: /d}]", "volumes[0]", "expected the key `type`"},
        LineCase{"volumes: [{type: bind, source: /s}]", "volumes[0]", "the key `target`"},
        LineCase{"volumes: [{type: bind, target: /d}]", "volumes[0]", "the key `source`"},
        LineCase{"volumes: [{type: bind, source: ./s, target: /d, read_only: true}]", "volumes[0]",
                 "there is no file or folder `./s`"},
        LineCase{"volumes: [{type: image, target: /d}]", "volumes[0].type",
                 "expected volume, bind"},
        LineCase{"volumes: [{type: volume, source: /s, target: /d}]", "volumes[0].source",
                 "expected the name of a volume"},
        LineCase{"volumes: [{type: volume, target: /d, read_only: 1}]", "volumes[0].read_only",
                 "`true` or `false`"}));

/// A whole manifest, and the errors it must give, all of them.
struct WholeCase {
    const char* text;
    std::vector<const char*> errors;  ///< beginnings of `line:column: path: message`

    friend void PrintTo(const WholeCase& c, std::ostream* out) { *out << c.text; }
};

class ManifestWhole : public testing::TestWithParam<WholeCase> {};

TEST_P(ManifestWhole, is_refused) {
    const auto errors = errors_of(GetParam().text);
    ASSERT_EQ(errors.size(), GetParam().errors.size()) << all_of(errors);
    for (std::size_t i = 0; i < errors.size(); ++i) {
        const std::string expected = std::string("shop.yml:") + GetParam().errors[i];
        EXPECT_EQ(to_string(errors[i]).substr(0, expected.size()), expected);
    }
}

INSTANTIATE_TEST_SUITE_P(
    manifests, ManifestWhole,
    testing::Values(
        WholeCase{"x", {"1:1: expected a mapping, found a string"}},
        WholeCase{"[a]", {"1:1: expected a mapping, found a list"}},
        WholeCase{"{}", {"1:1: expected at least one service"}},
        WholeCase{"services: {}", {"1:11: services: expected at least one service"}},
        WholeCase{"services:", {"1:1: services: expected a mapping, found nothing"}},
        WholeCase{"services: {web: }", {"1:12: services.web: expected a mapping, found nothing"}},
        WholeCase{"version: '2'", {"1:1: expected the key `services`, found none"}},
        WholeCase{"services: {w: {image: a}}\nname: other",
                  {"2:7: name: expected the name of the app, `shop`, found `other`"}},
        WholeCase{"services: {w: {image: a}}\nx-nap: {relink: dns, colocat: true, strategy: best}",
                  {"2:9: x-nap.relink: `relink` is not supported: put it on a service",
                   "2:22: x-nap.colocat: unknown key `colocat`; did you mean `colocate`?",
                   "2:47: x-nap.strategy: expected `spread`, `binpack`, `random`, found `best`"}},
        WholeCase{"w: {image: a}\nx-nap: [colocate]", {"2:8: x-nap: expected a mapping"}},
        WholeCase{"w: {image: a}\nx-nap: {colocate: 1, x-mine: 2}",
                  {"2:19: x-nap.colocate: expected `true` or `false`",
                   "2:22: x-nap.x-mine: expected one of nap's own keys"}},
        WholeCase{"services:\n"
                  "  a: {image: x, deploy: {mode: global}}\n"
                  "  b: {image: x, deploy: {replicas: 2, placement: {max_replicas_per_node: 1}}}\n"
                  "  c: {image: x, deploy: {placement: {constraints: [node.id==p]}}}\n"
                  "  d: {image: x, deploy: {placement: {constraints: [node.id==q]}}}\n"
                  "x-nap: {colocate: true}\n",
                  {"2:32: services.a.deploy.mode: `global` runs on every node",
                   "3:74: services.b.deploy.placement.max_replicas_per_node: `x-nap.colocate` puts "
                   "all 2 instances on one node",
                   "5:52: services.d.deploy.placement.constraints[0]: no node can meet this and "
                   "`node.id==p` too"}},
        WholeCase{"services:\n"
                  "  a: {image: x, mem_limit: 64m, deploy: {resources: {limits: {memory: 65m}}}}\n"
                  "  b: {image: x, cpus: 1, deploy: {resources: {limits: {cpus: '1.0'},\n"
                  "      reservations: {cpus: 2}}}}\n",
                  {"2:71: services.a.deploy.resources.limits.memory: `mem_limit` of the service "
                   "says something else; drop one of the two",
                   "4:28: services.b.deploy.resources.reservations.cpus: sets aside more than"}},
        WholeCase{"servces: {web: {image: a}}",
                  {"1:1: servces: unknown key `servces`; did you mean `services`?"}},
        WholeCase{"services: {w: {image: a}}\nvolume: {}",
                  {"2:1: volume: unknown key `volume`; did you mean `volumes`?"}},
        WholeCase{"web: hello",
                  {"1:6: web: expected a service (a mapping), as there is no "
                   "top-level `services:`, found a string"}},
        WholeCase{"web: {ports: [80]}", {"1:6: web: expected the key `image`, found none"}},
        WholeCase{"web: {image: ''}", {"1:14: web.image: expected the name of an image"}},
        WholeCase{"web: {image: a b}", {"1:14: web.image: the name of an image has no blanks"}},
        WholeCase{"web: {image: 'a%b'}", {"1:14: web.image: the name of an image has only"}},
        WholeCase{"web: {image: Nginx}", {"1:14: web.image: the name of an image is written in"}},
        WholeCase{"web: {image: 'a:'}", {"1:14: web.image: the image's name ends"}},
        WholeCase{"web: {image: 'a//b'}", {"1:14: web.image: a part of the image's name"}},
        WholeCase{"web: {image: 5}", {"1:14: web.image: expected a string, found an integer"}},
        WholeCase{"a b: {image: x}", {"1:6: a b: expected a service name"}},
        WholeCase{"web: {image: a, networks: [x]}",
                  {"1:27: web.networks: needs the form with a top-level `services:` key"}},
        WholeCase{"web: {image: a, deploy: {replicas: 2}}",
                  {"1:25: web.deploy: needs the form with a top-level `services:` key"}},
        WholeCase{"web: {image: a, x-nap: {relink: dns}}",
                  {"1:33: web.x-nap.relink: `dns` has no effect in the version-1 form"}},
        WholeCase{"a: {image: x, links: [b]}\nb: {image: x, depends_on: [a]}",
                  {"1:23: a.links[0]: a dependency cycle: a -> b -> a; remove one"}},
        WholeCase{"d: {image: x, links: [c]}\nc: {image: x, links: [b]}\n"
                  "b: {image: x, links: [c, e]}\ne: {image: x}\n"
                  "y: {image: x, links: [z]}\nz: {image: x, links: [y]}\n",
                  {"3:23: b.links[0]: a dependency cycle: b -> c -> b",
                   "5:23: y.links[0]: a dependency cycle: y -> z -> y"}},
        WholeCase{"a: {image: x, container_name: one}\nb: {image: x, container_name: one}",
                  {"2:31: b.container_name: `a` has the container name `one` too"}},
        WholeCase{"services: {a: {image: x, container_name: one, deploy: {replicas: 2}}}",
                  {"1:42: services.a.container_name: a container name fits one instance"}},
        WholeCase{"services: {a: {image: x, volumes: ['v:/v']}}",
                  {"1:36: services.a.volumes[0]: the volume `v` is not declared; declare it"}},
        WholeCase{"services: {a: {image: x}}\nnetworks:\n  n: {external: {name: y}}\n"
                  "  o: {external: maybe}\n  p: 1\n  q: {name: '-'}\n  host: {name: "
                  "host}\n  r: {internal: maybe}\n  's t': {}\n"
                  "  u: {driver: overlay, attachable: false}\n",
                  {"4:17: networks.o.external: expected `true` or `false`",
                   "5:6: networks.p: expected a mapping", "6:13: networks.q.name: expected a name",
                   "7:9: networks.host: the engine's own network `host`",
                   "8:17: networks.r.internal: expected `true` or `false`",
                   "9:10: networks.s t: expected a name",
                   "10:36: networks.u.attachable: expected `true`: containers cannot join"}},
        WholeCase{"services: {a: {image: x}}\nvolumes:\n  n: {name: same}\n  o: {name: same}\n"
                  "  p: {driver_opts: [a=b]}\n  q: {driver: 1}\n",
                  {"4:6: volumes.o: `volumes.n` has the name `same` too",
                   "5:20: volumes.p.driver_opts: expected a mapping",
                   "6:15: volumes.q.driver: expected a string"}},
        WholeCase{"services: {a: {image: x}}\nvolumes:\n"
                  "  a: {driver_opts: {type: none, o: bind, device: etc}}\n"
                  "  b: {driver: local, driver_opts: {type: tmpfs, o: 'rw,rbind', device: /etc}}\n"
                  "  c: {driver_opts: {device: /dev/sda}}\n"
                  "  d: {driver_opts: {type: overlay, o: 'lowerdir=/etc'}}\n"
                  "  e: {driver_opts: {type: nfs, o: 'addr=10.0.0.1,rw', device: ':/x'}}\n"
                  "  f: {driver: plugin, driver_opts: {type: any}}\n",
                  {"3:20: volumes.a.driver_opts: expected an absolute host path",
                   "4:35: volumes.b.driver_opts: expected the `type` none",
                   "5:20: volumes.c.driver_opts: expected the key `type`",
                   "6:20: volumes.d.driver_opts: expected the `type` nfs"}},
        WholeCase{"services: {a: {image: x}}\nnetworks: []\nvolumes: x",
                  {"2:11: networks: expected a mapping", "3:10: volumes: expected a mapping"}},
        WholeCase{"web:\n  image: a\n  ports: [99999]\n  image: b\n  links: [c]\n",
                  {"3:11: web.ports[0]: expected", "4:3: the key `image` is already set at line 2",
                   "5:11: web.links[0]: there is no service `c`"}}));

TEST(manifest_errors, values_of_variables_are_never_shown) {
    for (const char* text : {
             "web: {image: a, environment: [A=hunter2$(x)]}",
             "web: {image: a, environment: {A: 'hunter2${x'}}",
             "web: {image: a, environment: hunter2}",
             "web: {image: a, environment: {A: [hunter2]}}",
             "web: {image: a, environment: ['=hunter2']}",
             "web: {image: a, command: \"hunter2 'x\"}",
             "web: {image: a, environment: {A: hunter2, A: hunter2}}",
             "web: {image: a, environment: {A: !x hunter2}}",
         }) {
        const auto errors = errors_of(text);
        ASSERT_FALSE(errors.empty()) << text;
        EXPECT_EQ(all_of(errors).find("hunter2"), std::string::npos) << all_of(errors);
    }
}

TEST(manifest_errors, too_large) {
    const auto errors = errors_of("web: {image: a}\n#" + std::string(manifest_bytes_max, 'x'));
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_NE(errors[0].message.find("at most 262144"), std::string::npos);
}

TEST(manifest_errors, are_sorted) {
    const auto errors = errors_of(
        "z: {image: a, ports: [0], links: [q]}\na: {image: A, prots: [1]}\nm: {build: .}\n");
    ASSERT_EQ(errors.size(), 5U) << all_of(errors);
    EXPECT_TRUE(std::is_sorted(errors.begin(), errors.end(), [](const auto& a, const auto& b) {
        return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    }));
}

}  // namespace
}  // namespace nap
