// How people write Compose files where the engine runs them all the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/parse.hpp"

namespace nap {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using Files = std::map<std::string, std::string>;

ParsedManifest read(const std::string& text, const Files& files = {}) {
    return parse_manifest(AppId("shop"), {"shop/compose.yml", text, files});
}

std::string all(const std::vector<ManifestError>& problems) {
    std::string text;
    for (const ManifestError& problem : problems)
        text += to_string(problem) + "\n";
    return text;
}

/// The service `web` with these keys, in flow style.
ParsedManifest web(const std::string& keys, const std::string& more = "") {
    return read("services: {web: {image: x, " + keys + "}}\n" + more);
}

ServiceSpec good(const std::string& keys, const std::string& more = "") {
    const ParsedManifest parsed = web(keys, more);
    EXPECT_TRUE(parsed.spec) << keys << "\n" << all(parsed.errors);
    return parsed.spec ? parsed.spec->services.at("web") : ServiceSpec{};
}

std::string warning(const std::string& keys) {
    return all(web(keys).warnings);
}

std::string error(const std::string& keys) {
    const ParsedManifest parsed = web(keys);
    EXPECT_FALSE(parsed.spec) << keys;
    return all(parsed.errors);
}

TEST(manifest_habits, older_words_for_true_and_false) {
    for (const char* word : {"yes", "Y", "ON", "'yes'"}) {
        EXPECT_TRUE(good(std::string("tty: ") + word).options.tty) << word;
    }
    for (const char* word : {"no", "n", "Off"}) {
        EXPECT_FALSE(good(std::string("tty: ") + word).options.tty) << word;
    }
    EXPECT_THAT(warning("tty: yes"), HasSubstr("counts as `true`"));
    EXPECT_THAT(error("tty: yep"), HasSubstr("expected `true` or `false`"));
    EXPECT_EQ(good("restart: no").restart.policy, RestartPolicy::no);
}

TEST(manifest_habits, what_is_empty_is_not_said) {
    const ServiceSpec plain = good("tty: false");
    for (const char* key : {"user", "hostname", "container_name", "working_dir", "mac_address",
                            "restart", "stop_signal", "dns", "platform"}) {
        EXPECT_EQ(good(std::string(key) + ": ''"), plain) << key;
        EXPECT_EQ(good(std::string(key) + ": '${NOT_SET}'"), plain) << key;
    }
    EXPECT_THAT(good("dns: ['${NOT_SET}', 192.0.2.1]").options.dns, ElementsAre("192.0.2.1"));
    EXPECT_EQ(good("deploy: , pid: "), plain);
    EXPECT_TRUE(web("use_api_socket: false, annotations: {}, volume_driver: ''").spec);
    EXPECT_TRUE(web("volume_driver: local").spec);
    EXPECT_FALSE(web("volume_driver: rexray").spec);
    EXPECT_FALSE(web("use_api_socket: true").spec);
    const ParsedManifest named = read("services: {a: {image: x}}\nnetworks: {default: {name: ''}}");
    ASSERT_TRUE(named.spec) << all(named.errors);
    EXPECT_EQ(named.spec->networks.at("default").name, "shop_default");
}

TEST(manifest_habits, host_ports_that_are_left_to_the_engine) {
    for (const char* port : {"'80'", "':80'", "'0:80'", "'${P}:80'", "'::80'", "'${IP}:${P}:80'",
                             "{target: 80, published: 0}", "{target: 80, published: ''}",
                             "{target: 80, published: }", "{target: 80, host_ip: ''}"}) {
        const ServiceSpec service = good(std::string("ports: [") + port + "]");
        ASSERT_THAT(service.ports, SizeIs(1)) << port;
        EXPECT_EQ(service.ports[0], (PortSpec{.target = 80})) << port;
    }
    EXPECT_EQ(good("ports: ['${IP}:443:443']").ports.at(0).published, 443);
}

TEST(manifest_habits, of_what_is_listed_twice_the_last_counts) {
    EXPECT_THAT(good("environment: [A=1, B=2, A=3]").environment,
                ElementsAre(Pair("A", "3"), Pair("B", "2")));
    EXPECT_THAT(good("ports: ['80:80', '80:80/tcp']").ports, SizeIs(1));
    const auto mounts = good("volumes: ['/a:/x', '/y:/y', '/b:/x/']").mounts;
    ASSERT_THAT(mounts, SizeIs(2));
    EXPECT_EQ(mounts[0].source, "/b");
    const auto files = good("secrets: [{source: s, target: t}, {source: u, target: t}]",
                            "secrets: {s: {content: one}, u: {content: two}}")
                           .files;
    ASSERT_THAT(files, SizeIs(1));
    EXPECT_EQ(files[0].content, "two");
    for (const char* keys : {"environment: [A=1, A=2]", "ports: ['80:80', '80:80']",
                             "volumes: ['/a:/x', '/b:/x']", "networks: [default, default]"}) {
        EXPECT_THAT(warning(keys), HasSubstr("twice")) << keys;
    }
    EXPECT_THAT(error("ports: ['80:80', '80:81']"), HasSubstr("published twice"));
    EXPECT_THAT(error("environment: {A: 1, A: 2}"), HasSubstr("is already set"));
}

TEST(manifest_habits, a_shell_command_in_several_words) {
    const std::string test = "healthcheck: {test: [CMD-SHELL, pg_isready, -U, me]}";
    EXPECT_THAT(good(test).healthcheck->test, ElementsAre("CMD-SHELL", "pg_isready", "-U", "me"));
    EXPECT_THAT(warning(test), HasSubstr("only the first string"));
    EXPECT_THAT(good("healthcheck: {test: [], interval: 5s}").healthcheck->test, IsEmpty());
}

TEST(manifest_habits, words_of_restart_in_a_restart_policy) {
    const auto policy = [](const std::string& word) {
        return good("deploy: {restart_policy: {condition: " + word + "}}").restart.policy;
    };
    EXPECT_EQ(policy("unless-stopped"), RestartPolicy::unless_stopped);
    EXPECT_EQ(policy("always"), RestartPolicy::always);
    EXPECT_EQ(policy("any"), RestartPolicy::always);
    EXPECT_EQ(policy("no"), RestartPolicy::no);
    EXPECT_EQ(policy("none"), RestartPolicy::no);
    EXPECT_THAT(error("deploy: {restart_policy: {condition: on-failur}}"),
                HasSubstr("did you mean `on-failure`?"));
    EXPECT_THAT(error("restart: unless_stopped"), HasSubstr("did you mean `unless-stopped`?"));
}

TEST(manifest_habits, units_of_memory) {
    constexpr std::int64_t mebibyte = 1 << 20;
    for (const char* text : {"512m", "512mb", "512MiB", "512 MB", "512Mi", "0.5g", "'536870912'"}) {
        EXPECT_EQ(good(std::string("mem_limit: ") + text).memory_bytes_max, 512 * mebibyte) << text;
    }
    EXPECT_EQ(good("mem_limit: 1t").memory_bytes_max, 1024 * 1024 * mebibyte);
    for (const char* text : {"1i", "1ib", "1 x", "1  m", "m", "1mm"}) {
        EXPECT_THAT(error(std::string("mem_limit: '") + text + "'"), HasSubstr("number of bytes"))
            << text;
    }
}

TEST(manifest_habits, a_network_by_its_mode) {
    const ParsedManifest parsed = web("network_mode: proxy_net");
    ASSERT_TRUE(parsed.spec) << all(parsed.errors);
    const ServiceSpec& service = parsed.spec->services.at("web");
    ASSERT_THAT(service.networks, SizeIs(1));
    const NetworkSpec& network = parsed.spec->networks.at(service.networks[0].network);
    EXPECT_EQ(network.name, "proxy_net");
    EXPECT_TRUE(network.external);
    EXPECT_EQ(service.options.network_mode, "");
    EXPECT_THAT(error("network_mode: hosts"), HasSubstr("did you mean `host`?"));
    EXPECT_THAT(error("network_mode: proxy_net, networks: [default]"),
                HasSubstr("says something else"));
}

TEST(manifest_habits, what_the_engine_would_never_start) {
    EXPECT_THAT(error("sysctls: {vm.max_map_count: 262144}"), HasSubstr("sysctl -w"));
    EXPECT_TRUE(web("sysctls: {vm.max_map_count: 262144}, runtime: kata").spec);
    EXPECT_TRUE(web("sysctls: [kernel.msgmax=1, fs.mqueue.msg_max=1, net.core.somaxconn=1]").spec);
    EXPECT_THAT(error("sysctls: {net.core.somaxconn: 1}, network_mode: host"),
                HasSubstr("would be the host's"));
    EXPECT_THAT(error("sysctls: {kernel.sem: 1}, ipc: host"), HasSubstr("would be the host's"));
    EXPECT_THAT(error("mac_address: '02:42:ac:11:65:43', network_mode: host"),
                HasSubstr("no effect on the host's network"));
    EXPECT_THAT(error("uts: host, hostname: a"), HasSubstr("drop one of the two"));
    EXPECT_THAT(error("cap_add: [NET_ADMI]"), HasSubstr("did you mean `NET_ADMIN`?"));
    EXPECT_TRUE(web("cap_add: [all, cap_sys_time]").spec);
    EXPECT_THAT(error("tmpfs: /tmp, volumes: ['/a:/tmp/']"), HasSubstr("under `tmpfs` too"));
    const ParsedManifest shared =
        read("services: {a: {image: x}, b: {image: x, network_mode: 'service:a', expose: [80]}}");
    ASSERT_TRUE(shared.spec) << all(shared.errors);
    EXPECT_THAT(shared.spec->services.at("b").expose, IsEmpty());
}

TEST(manifest_habits, paths_that_mean_something_elsewhere) {
    EXPECT_THAT(error("volumes: ['~/x:/x']"), HasSubstr("whoever runs Compose"));
    EXPECT_THAT(error("volumes: ['C:\\x:/x']"), HasSubstr("Windows"));
    EXPECT_THAT(error("volumes: ['c:/x:/x:ro']"), HasSubstr("Windows"));
    EXPECT_THAT(error("volumes: [{type: image, source: a, target: /a}]"), HasSubstr("Docker 28"));
    EXPECT_THAT(
        all(read("include: ['https://example.test/a.git']\nservices: {a: {image: x}}").errors),
        HasSubstr("is somewhere else"));
    EXPECT_THAT(good("volumes: ['c:/x']", "volumes: {c: }").mounts.at(0).source, "c");
    const ParsedManifest here =
        read("services: {web: {image: x, volumes: ['${PWD}/conf:/c:ro', '.env:/e:ro']}}",
             {{"conf/a", "1"}, {".env", "B=2"}});
    ASSERT_TRUE(here.spec) << all(here.errors);
    EXPECT_EQ(here.spec->services.at("web").mounts.at(0).source, "conf");
    EXPECT_EQ(here.spec->services.at("web").mounts.at(1).source, ".env");
    EXPECT_THAT(warning("environment: ['A=${PWD}/x']"), HasSubstr("`PWD` is not set"));
}

TEST(manifest_habits, profiles_that_are_off_hide_what_is_wrong_with_a_service) {
    const std::string text =
        "services:\n"
        "  a: {image: x}\n"
        "  dev: {build: ., profiles: [dev], env_file: none.env, volumes: ['./src:/s:ro', no:/n],\n"
        "        depends_on: [nobody], networks: [nowhere]}\n";
    const ParsedManifest off = read(text);
    ASSERT_TRUE(off.spec) << all(off.errors);
    EXPECT_THAT(off.spec->services, SizeIs(1));
    EXPECT_THAT(off.warnings, SizeIs(1));
    EXPECT_THAT(all(off.warnings), HasSubstr("`dev` is left out"));
    for (const char* on : {"dev", "other, dev", "*", " dev "}) {
        const ParsedManifest wrong = read(text, {{".env", std::string("COMPOSE_PROFILES=") + on}});
        EXPECT_THAT(all(wrong.errors), HasSubstr("there is no file `none.env`")) << on;
        EXPECT_THAT(all(wrong.errors), HasSubstr("nap builds nothing")) << on;
    }
    const ParsedManifest both = read(
        "x-nap: {profiles: [a]}\n"
        "services: {a: {image: x, profiles: [a]}, b: {image: x, profiles: [b]},\n"
        "           c: {image: x, profiles: [c]}}\n",
        {{".env", "COMPOSE_PROFILES=${X:-b}\n"}});
    ASSERT_TRUE(both.spec) << all(both.errors);
    EXPECT_THAT(both.spec->services, ElementsAre(Pair("a", testing::_), Pair("b", testing::_)));
}

TEST(manifest_habits, one_cause_is_one_line) {
    const ParsedManifest shared = read(
        "x-web: &web\n"
        "  environment:\n"
        "    A: [1]\n"
        "services: {a: {<<: *web, image: x}, b: {<<: *web, image: x}, c: {!!merge <<: *web, image: "
        "x}}\n");
    EXPECT_THAT(all(shared.errors), HasSubstr("in 2 more places that share this line"));
    EXPECT_THAT(shared.errors, SizeIs(1));
    EXPECT_THAT(web("environment: [A, B, C]").warnings, SizeIs(1));
    EXPECT_THAT(warning("environment: [A, B, C]"), HasSubstr("3 variables have no value"));
    EXPECT_THAT(web("labels: ['r=^foo$']").errors, SizeIs(1));
    EXPECT_THAT(web("ports: ['${P:?no}:80']").errors, SizeIs(1));
    const ParsedManifest built = read("services:\n  a:\n    build:\n      context: .\n");
    EXPECT_THAT(all(built.errors), HasSubstr("compose.yml:3:5: services.a.build: nap builds"));
    EXPECT_THAT(built.warnings, IsEmpty());
    EXPECT_THAT(all(read("services:\n\ta: {image: x}\n").errors),
                HasSubstr(":2:1: expected spaces, found a tab"));
}

TEST(manifest_habits, volumes_of_the_local_driver_that_are_binds) {
    const auto with = [](const std::string& options) {
        return read(
            "services: {web: {image: x, volumes: ['data:/d']}}\n"
            "volumes: {data: {driver_opts: {" +
            options + "}}}");
    };
    const ParsedManifest bound = with("type: none, o: 'ro,bind', device: /srv/d");
    ASSERT_TRUE(bound.spec) << all(bound.errors);
    EXPECT_EQ(host_path_of(bound.spec->volumes.at("data")), "/srv/d");
    EXPECT_THAT(all(with("type: none, o: bind, device: ./d").errors),
                HasSubstr("absolute host path"));
    EXPECT_THAT(all(with("type: ext4, o: bind, device: /srv/d").errors), HasSubstr("`type` none"));
    EXPECT_THAT(all(with("type: none, o: ro, device: /srv/d").errors),
                HasSubstr("expected the `type`"));
    EXPECT_THAT(all(with("type: none, o: 'bind,remount', device: /").errors),
                HasSubstr("`remount`"));
    EXPECT_THAT(with("type: ext4, device: /dev/sda1").errors, SizeIs(1));
    EXPECT_EQ(host_path_of({.driver_opts = {{"type", "nfs"}, {"device", ":/x"}}}), "");
}

TEST(manifest_habits, what_is_external_may_say_more) {
    const ParsedManifest parsed = read(
        "services: {web: {image: x, networks: [proxy]}}\n"
        "networks: {proxy: {external: true, driver: overlay, attachable: false}}\n");
    ASSERT_TRUE(parsed.spec) << all(parsed.errors);
    EXPECT_THAT(parsed.warnings, SizeIs(2));
    EXPECT_EQ(parsed.spec->networks.at("proxy").driver, "");
}

TEST(manifest_habits, env_files_build_on_each_other) {
    const ParsedManifest parsed =
        read("services: {web: {image: x, env_file: [a.env, b.env]}}",
             {{"a.env", "HOST=db\nHOST=db2\nSELF=$HOST\n"}, {"b.env", "URL=http://$HOST/$SELF\n"}});
    ASSERT_TRUE(parsed.spec) << all(parsed.errors);
    EXPECT_EQ(parsed.spec->services.at("web").environment.at("URL"), "http://db2/db2");
    EXPECT_THAT(parsed.warnings, IsEmpty());
    EXPECT_THAT(all(read("services: {a: {image: x}}", {{".env", "LONELY\n"}}).warnings),
                HasSubstr("shop/.env:1:1: LONELY: has no value"));
}

TEST(manifest_habits, included_files_keep_their_variables) {
    const Files files{{"sub/i.yml",
                       "services: {i: {image: x, environment: [MINE, OTHER=1], secrets: [s]}}\n"
                       "secrets: {s: {environment: MINE}}\n"},
                      {"sub/.env", "MINE=here\n"}};
    const ParsedManifest parsed =
        read("include: [sub/i.yml]\nservices: {a: {image: x, environment: [MINE]}}", files);
    ASSERT_TRUE(parsed.spec) << all(parsed.errors);
    const ServiceSpec& included = parsed.spec->services.at("i");
    EXPECT_EQ(included.environment.at("MINE"), "here");
    EXPECT_EQ(included.files.at(0).content, "here");
    EXPECT_THAT(parsed.spec->services.at("a").environment, IsEmpty());
    EXPECT_THAT(parsed.warnings, SizeIs(1));
}

TEST(manifest_habits, small_things) {
    EXPECT_THAT(good("extra_hosts: ['a.test:192.0.2.1 ']").extra_hosts,
                ElementsAre("a.test:192.0.2.1"));
    EXPECT_EQ(good("stop_signal: sigint").stop_signal, "SIGINT");
    EXPECT_EQ(good("cpu_quota: -1").options.cpu_quota_us, 0);
    EXPECT_EQ(good("mem_swappiness: -1").options.swappiness, std::nullopt);
    EXPECT_THAT(warning("environment: ['N={{.Node.ID}}']"), HasSubstr("template of Swarm"));
    EXPECT_THAT(warning("logging: {options: {tag: '{{.Name}}'}}"), IsEmpty());
    EXPECT_THAT(all(read("name: other\nservices: {a: {image: x}}").errors),
                HasSubstr("give the app's key, file or folder that name"));
}

}  // namespace
}  // namespace nap
