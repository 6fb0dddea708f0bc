// Keys of a manifest, read back from the containers, networks and volumes they make.

#include <fmt/format.h>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Keys : public NapTest {
  protected:
    /// An agent whose host opens what `options` asks for.
    Agent& start_open_agent() {
        AgentOptions options = agent_options();
        options.more =
            "policy: {allow: [privileged, 'cap_add:NET_ADMIN', 'security_opt:seccomp=unconfined', "
            "'security_opt:systempaths=unconfined', 'device:/dev/null', 'device:/dev/zero', "
            "device_cgroup_rules, gpus, 'pid:host', 'ipc:host', 'uts:host', 'cgroup:host', "
            "'userns:host']}\n";
        return start_agent(options);
    }
    json host_config(const std::string& service) const {
        return instance("shop", service).at("HostConfig");
    }
    json config(const std::string& service) const { return instance("shop", service).at("Config"); }
};

json ulimit(const char* name, int soft, int hard) {
    return {{"Name", name}, {"Soft", soft}, {"Hard", hard}};
}

TEST_F(Keys, limits_reach_the_engine) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("web", R"(    mem_limit: 64m
    mem_reservation: 32m
    memswap_limit: 128m
    mem_swappiness: 10
    oom_kill_disable: true
    oom_score_adj: 200
    cpu_shares: 512
    cpu_period: 50ms
    cpu_quota: 25000
    cpuset: "0"
    shm_size: 16m
    ulimits: {nofile: {soft: 1000, hard: 2000}, nproc: 500}
    blkio_config: {weight: 300}
    deploy: {resources: {limits: {pids: 50}}}
)"));
    const json host = host_config("web");
    EXPECT_EQ(host.at("Memory"), 64 << 20);
    EXPECT_EQ(host.at("MemoryReservation"), 32 << 20);
    EXPECT_EQ(host.at("MemorySwap"), 128 << 20);
    EXPECT_EQ(host.at("OomScoreAdj"), 200);
    EXPECT_EQ(host.at("CpuShares"), 512);
    EXPECT_EQ(host.at("CpuPeriod"), 50'000);
    EXPECT_EQ(host.at("CpuQuota"), 25'000);
    EXPECT_EQ(host.at("CpusetCpus"), "0");
    EXPECT_EQ(host.at("ShmSize"), 16 << 20);
    EXPECT_EQ(host.at("PidsLimit"), 50);
    EXPECT_EQ(host.at("Ulimits"), (json{ulimit("nofile", 1000, 2000), ulimit("nproc", 500, 500)}));
    EXPECT_EQ(exec(id_of("shop", "web"), {"sh", "-c", "ulimit -n"}), "1000");
}

TEST_F(Keys, process_settings_reach_the_engine) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("web", R"(    init: true
    tty: true
    stdin_open: true
    read_only: true
    tmpfs: ["/run:size=1m", /tmp]
    group_add: ["29", 1234]
    domainname: example.test
    dns: [192.0.2.53]
    dns_search: example.test
    dns_opt: ["ndots:2"]
    sysctls: {net.core.somaxconn: 321}
    security_opt: ["no-new-privileges:true"]
    cap_add: [SYS_CHROOT]
    cap_drop: [cap_net_raw]
    logging: {driver: json-file, options: {max-size: 1m, max-file: 2}}
    runtime: runc
    platform: linux/amd64
    isolation: default
    ipc: private
    cgroup: private
    pull_policy: never
    mac_address: "02:42:ac:11:65:43"
)"));
    const json all = instance("shop", "web");
    const json& host = all.at("HostConfig");
    EXPECT_EQ(host.at("Init"), true);
    EXPECT_EQ(host.at("ReadonlyRootfs"), true);
    EXPECT_EQ(host.at("Tmpfs"), (json{{"/run", "size=1m"}, {"/tmp", ""}}));
    EXPECT_EQ(host.at("GroupAdd"), (json{"29", "1234"}));
    EXPECT_EQ(host.at("Dns"), json::array({"192.0.2.53"}));
    EXPECT_EQ(host.at("DnsSearch"), json::array({"example.test"}));
    EXPECT_EQ(host.at("DnsOptions"), json::array({"ndots:2"}));
    EXPECT_EQ(host.at("Sysctls"), (json{{"net.core.somaxconn", "321"}}));
    EXPECT_EQ(host.at("SecurityOpt"), json::array({"no-new-privileges=true"}));
    EXPECT_EQ(host.at("CapAdd"), json::array({"SYS_CHROOT"}));
    EXPECT_EQ(host.at("CapDrop"), json::array({"NET_RAW"}));
    EXPECT_EQ(host.at("LogConfig"),
              (json{{"Type", "json-file"}, {"Config", {{"max-size", "1m"}, {"max-file", "2"}}}}));
    EXPECT_EQ(host.at("Runtime"), "runc");
    EXPECT_EQ(host.at("IpcMode"), "private");
    EXPECT_EQ(host.at("CgroupnsMode"), "private");
    EXPECT_EQ(all.at("Config").at("Domainname"), "example.test");
    EXPECT_EQ(all.at("Config").at("Tty"), true);
    EXPECT_EQ(all.at("Config").at("OpenStdin"), true);
    EXPECT_EQ(all.at("NetworkSettings").at("Networks").at("shop_default").at("MacAddress"),
              "02:42:ac:11:65:43");
    EXPECT_EQ(exec(all.at("Id"), {"cat", "/proc/sys/net/core/somaxconn"}), "321");
}

TEST_F(Keys, containers_outside_the_app_are_linked_to) {
    docker().cli({"network", "create", "between"});
    docker().run_foreign("near", {"--network", "between"});
    start_agent();
    const std::string service = sleeper("web", "    external_links: ['near:db', near]\n");
    deploy("shop",
           "services:\n" + service + "networks: {default: {external: true, name: between}}\n");
    exec(id_of("shop", "web"), {"nslookup", "db"});

    // On the default bridge the engine creates nothing while the other is missing.
    put("old",
        "web:\n  image: nap/busybox:1\n  command: sleep 1000\n"
        "  external_links: ['late:db']\n");
    await_degraded("old", "late");
    docker().run_foreign("late");
    await_converged("old");
    EXPECT_THAT(exec(id_of("old", "web"), {"cat", "/etc/hosts"}), HasSubstr("\tdb "));
}

TEST_F(Keys, a_hold_on_the_host_needs_its_consent) {
    Agent& agent = start_agent();
    const std::string text = "services:\n" + sleeper("web", R"(    privileged: true
    pid: host
    cap_add: [NET_ADMIN]
    devices: ["/dev/zero:/dev/nothing:r"]
)");
    await("the cluster is founded", [&] { return consul().get_json(key("meta")).is_object(); });
    const Finished planned = agent.nap({"plan", "shop", "-f", write_manifest(text)});
    EXPECT_EQ(planned.exit_code, 1) << planned.err;
    const std::string asked =
        "add `privileged`, `pid:host`, `cap_add:NET_ADMIN`, `device:/dev/zero` "
        "to `policy.allow` in /etc/nap/nap.yml";
    EXPECT_THAT(planned.out, HasSubstr(asked));
    put("shop", text);
    await_degraded("shop", asked);
    EXPECT_TRUE(ids("shop").empty());
}

TEST_F(Keys, what_the_host_opens_reaches_the_engine) {
    start_open_agent();
    deploy("shop", "services:\n" + sleeper("web", R"(    pid: host
    ipc: host
    uts: host
    cgroup: host
    userns_mode: host
    cap_add: [NET_ADMIN]
    security_opt: ["seccomp:unconfined", "systempaths=unconfined"]
    devices: ["/dev/zero:/dev/nothing:r", {source: /dev/null}]
    device_cgroup_rules: ["c 1:3 mr"]
    cgroup_parent: /nap-test
)"));
    const json host = host_config("web");
    EXPECT_EQ(host.at("PidMode"), "host");
    EXPECT_EQ(host.at("IpcMode"), "host");
    EXPECT_EQ(host.at("UTSMode"), "host");
    EXPECT_EQ(host.at("CgroupnsMode"), "host");
    EXPECT_EQ(host.at("UsernsMode"), "host");
    EXPECT_EQ(host.at("CapAdd"), json::array({"NET_ADMIN"}));
    EXPECT_EQ(host.at("SecurityOpt").at(0), "seccomp=unconfined");
    EXPECT_EQ(host.at("MaskedPaths"), json::array());
    EXPECT_EQ(host.at("Devices").at(0), (json{{"PathOnHost", "/dev/zero"},
                                              {"PathInContainer", "/dev/nothing"},
                                              {"CgroupPermissions", "r"}}));
    EXPECT_EQ(host.at("Devices").at(1).at("PathInContainer"), "/dev/null");
    EXPECT_EQ(host.at("DeviceCgroupRules"), json::array({"c 1:3 mr"}));
    EXPECT_EQ(host.at("CgroupParent"), "/nap-test");
    // Where the tests run they may not be allowed all that this takes to start.
    put("root", "services:\n" + sleeper("a", "    privileged: true\n"));
    await("a container is made", [&] { return ids("root").size() == 1; });
    EXPECT_EQ(instance("root", "a").at("HostConfig").at("Privileged"), true);
}

TEST_F(Keys, gpus_are_asked_for_though_there_are_none) {
    start_open_agent();
    put("shop", "services:\n" + sleeper("web", "    gpus: all\n"));
    json requests;
    // It never starts, and may be made again at any time.
    await("a container is made", [&] {
        const auto all = ids("shop");
        const json made = all.size() == 1 ? docker().inspect(all.front()) : json();
        if (made.is_null()) return false;
        requests = made.at("HostConfig").at("DeviceRequests");
        return true;
    });
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].at("Count"), -1);
    EXPECT_EQ(requests[0].at("Capabilities"), json::parse(R"([["gpu"]])"));
}

TEST_F(Keys, networks_have_their_addresses) {
    start_agent();
    deploy("shop", "services:\n" + sleeper("web", R"(    networks:
      back: {aliases: [www], ipv4_address: 10.213.2.9}
      front: {priority: 10, ipv4_address: 10.213.1.9, link_local_ips: [169.254.8.8],
              mac_address: "02:42:0a:d5:01:63"}
)") + R"(networks:
  front:
    driver_opts: {com.docker.network.bridge.enable_icc: "false"}
    ipam:
      driver: default
      config:
        - {subnet: 10.213.1.0/24, ip_range: 10.213.1.128/25, gateway: 10.213.1.254,
           aux_addresses: {router: 10.213.1.200}}
    labels: {team: shop}
  back:
    internal: true
    enable_ipv6: true
    name: the-back
    ipam: {config: [{subnet: 10.213.2.0/24}, {subnet: "fd00:213::/64"}]}
)");
    const json front = docker().network("shop_front");
    EXPECT_EQ(front.at("Options"), (json{{"com.docker.network.bridge.enable_icc", "false"}}));
    EXPECT_EQ(front.at("Labels").at("team"), "shop");
    const json pool = front.at("IPAM").at("Config").at(0);
    EXPECT_EQ(pool.at("Subnet"), "10.213.1.0/24");
    EXPECT_EQ(pool.at("IPRange"), "10.213.1.128/25");
    EXPECT_EQ(pool.at("Gateway"), "10.213.1.254");
    EXPECT_EQ(pool.at("AuxiliaryAddresses"), (json{{"router", "10.213.1.200"}}));
    const json back = docker().network("the-back");
    EXPECT_EQ(back.at("Internal"), true);
    EXPECT_EQ(back.at("EnableIPv6"), true);

    const json web = instance("shop", "web");
    EXPECT_EQ(web.at("HostConfig").at("NetworkMode"), "shop_front");
    const json& on = web.at("NetworkSettings").at("Networks");
    EXPECT_EQ(on.at("shop_front").at("IPAddress"), "10.213.1.9");
    EXPECT_EQ(on.at("shop_front").at("MacAddress"), "02:42:0a:d5:01:63");
    EXPECT_EQ(on.at("shop_front").at("IPAMConfig").at("LinkLocalIPs"),
              json::array({"169.254.8.8"}));
    EXPECT_EQ(on.at("the-back").at("IPAddress"), "10.213.2.9");
    EXPECT_THAT(on.at("the-back").at("Aliases").dump(), HasSubstr("\"www\""));
}

TEST_F(Keys, mounts_and_volumes_are_as_written) {
    start_agent();
    const std::string folder = dir().string();
    deploy("shop", "services:\n" +
                       sleeper("web", fmt::format(R"(    volumes:
      - data:/data:nocopy
      - {{type: volume, source: cache, target: /cache, volume: {{nocopy: true}}, read_only: true}}
      - {{type: bind, source: {0}, target: /host, bind: {{propagation: private}}}}
      - {{type: bind, source: {0}, target: /host2, bind: {{create_host_path: false}}}}
      - {0}:/host3:ro,rprivate
      - {{type: tmpfs, target: /scratch, tmpfs: {{size: 1m, mode: 01700}}}}
)",
                                                  folder)) +
                       R"(volumes:
  data: {driver: local, driver_opts: {type: tmpfs, device: tmpfs, o: size=1m}, labels: {a: b}}
  cache: {name: the-cache}
)");
    EXPECT_EQ(docker().volumes(), (std::set<std::string>{"shop_data", "the-cache"}));
    const json web = instance("shop", "web");
    std::map<std::string, json> mounts;
    for (const json& mount : web.at("Mounts"))
        mounts[mount.at("Destination")] = mount;
    EXPECT_EQ(mounts.at("/data").at("Name"), "shop_data");
    EXPECT_EQ(mounts.at("/cache").at("RW"), false);
    EXPECT_EQ(mounts.at("/host").at("Propagation"), "private");
    EXPECT_EQ(mounts.at("/host2").at("Source"), folder);
    EXPECT_EQ(mounts.at("/host3").at("RW"), false);
    EXPECT_EQ(mounts.at("/scratch").at("Type"), "tmpfs");
    const std::string written = web.at("HostConfig").at("Mounts").dump();
    EXPECT_THAT(written, HasSubstr("\"NoCopy\":true"));
    EXPECT_THAT(written, HasSubstr("\"SizeBytes\":1048576"));
    EXPECT_EQ(exec(web.at("Id"), {"stat", "-c", "%a", "/scratch"}), "1700");
}

TEST_F(Keys, a_folder_without_files_is_a_volume) {
    start_agent();
    deploy("shop", "services:\n" +
                       sleeper("web", "    volumes: [\"./data:/more\", \"./data:/data:rw\"]\n"));
    EXPECT_EQ(docker().volumes(), (std::set<std::string>{"shop_.data"}));
    const std::string id = id_of("shop", "web");
    EXPECT_EQ(exec(id, {"sh", "-c", "ls /data; echo kept > /data/x; cat /more/x"}), "kept")
        << "it was not empty at first, or is not one folder";
    unput("shop");
    await_gone("shop");
    EXPECT_EQ(docker().volumes(), (std::set<std::string>{"shop_.data"}));
    deploy("shop", "services:\n" + sleeper("web", "    volumes: [\"./data:/data\"]\n"));
    EXPECT_EQ(exec(id_of("shop", "web"), {"cat", "/data/x"}), "kept");
}

TEST_F(Keys, a_volume_that_binds_a_host_path_is_under_the_hosts_policy) {
    start_agent();
    const std::filesystem::path folder = dir() / "bound";
    std::filesystem::create_directories(folder);
    std::filesystem::create_directory_symlink("/etc", dir() / "link");
    const auto manifest = [&](const std::string& device) {
        return "services:\n" + sleeper("web", "    volumes: [\"data:/data\"]\n") +
               "volumes: {data: {driver_opts: {type: none, o: bind, device: " + device + "}}}\n";
    };
    for (const std::string& closed : {std::string("/etc"), (dir() / "link").string()}) {
        put("shop", manifest(closed));
        await_degraded("shop", "`bind:/etc` to `policy.allow`");
        EXPECT_TRUE(docker().volumes().empty()) << closed;
        EXPECT_TRUE(ids("shop").empty()) << closed;
        unput("shop");
        await_gone("shop");
    }
    deploy("shop", manifest(folder));
    exec(id_of("shop", "web"), {"touch", "/data/here"});
    EXPECT_TRUE(std::filesystem::exists(folder / "here"));
    unput("shop");
    await_gone("shop");
    EXPECT_TRUE(std::filesystem::exists(folder / "here"));
}

TEST_F(Keys, configs_and_secrets_are_files_that_nothing_shows) {
    start_agent();
    const auto text = [](const std::string& content) {
        return "services:\n" + sleeper("web", R"(    secrets:
      - password
      - {source: password, target: /etc/app/pw, uid: "5", gid: 6, mode: 0440}
    configs: [site]
)") + sleeper("other") +
               "secrets: {password: {content: " + content + "}}\n" +
               "configs: {site: {content: \"listen 80\"}}\n";
    };
    deploy("shop", text("hunter2"));
    const Lives before = lives("shop");
    const std::string web = before.at("web/1").id;
    EXPECT_EQ(exec(web, {"cat", "/run/secrets/password"}), "hunter2");
    EXPECT_EQ(exec(web, {"cat", "/site"}), "listen 80");
    EXPECT_EQ(exec(web, {"stat", "-c", "%a %u %g", "/etc/app/pw"}), "440 5 6");
    EXPECT_EQ(exec(web, {"stat", "-c", "%a %u %g", "/site"}), "444 0 0");
    EXPECT_THAT(docker().inspect(web).dump(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(status("shop").dump() + observed("shop").dump(), Not(HasSubstr("hunter2")));

    // Another content recreates its users, and no one else.
    deploy("shop", text("hunter3"));
    const Lives after = lives("shop");
    EXPECT_NE(after.at("web/1").id, web);
    EXPECT_EQ(after.at("other/1"), before.at("other/1"));
    EXPECT_EQ(exec(after.at("web/1").id, {"cat", "/run/secrets/password"}), "hunter3");
}

TEST_F(Keys, a_namespace_is_shared_and_followed) {
    start_agent();
    const auto text = [](const char* more) {
        return "services:\n" + sleeper("db", more) +
               sleeper("web", "    network_mode: service:db\n    pid: service:db\n") +
               sleeper("bare", "    network_mode: none\n") +
               sleeper("host", "    network_mode: host\n");
    };
    deploy("shop", text(""));
    EXPECT_EQ(host_config("web").at("NetworkMode"), "container:" + id_of("shop", "db"));
    EXPECT_EQ(host_config("web").at("PidMode"), "container:" + id_of("shop", "db"));
    EXPECT_EQ(host_config("bare").at("NetworkMode"), "none");
    EXPECT_EQ(host_config("host").at("NetworkMode"), "host");
    const auto address = [&](const std::string& service) {
        return exec(id_of("shop", service), {"sh", "-c", "ip -4 -o addr show eth0"});
    };
    EXPECT_EQ(address("web"), address("db"));

    const Life before = lives("shop").at("web/1");
    docker().signal(id_of("shop", "db"));
    const Life restarted = await_new_life("shop", "web/1", before);
    EXPECT_EQ(restarted.id, before.id) << "its own container is started again";
    await_converged("shop");
    EXPECT_EQ(address("web"), address("db"));

    deploy("shop", text("    labels: {v: \"2\"}\n"));
    await("web joins the new one", [&] {
        const Lives all = lives("shop");
        return all.contains("web/1") && all.contains("db/1") &&
               host_config("web").at("NetworkMode") == "container:" + all.at("db/1").id;
    });
    EXPECT_EQ(address("web"), address("db"));
}

TEST_F(Keys, dependencies_are_waited_for) {
    start_agent();
    put("shop", R"(
services:
  setup: {image: "nap/busybox:1", command: [sh, -c, "test -e /gate/open"], volumes: ["gate:/gate"]}
  db:
    image: nap/busybox:1
    command: [sleep, "1000000"]
    stop_signal: KILL
    volumes: ["gate:/gate"]
    healthcheck: {test: [CMD, test, -e, /gate/well], interval: 100ms, retries: 1000}
  web:
    image: nap/busybox:1
    command: [sleep, "1000000"]
    stop_signal: KILL
    depends_on:
      setup: {condition: service_completed_successfully}
      db: {condition: service_healthy}
volumes: {gate: }
)");
    await("db runs", [&] { return lives("shop").contains("db/1"); });
    const std::string db = lives("shop").at("db/1").id;
    exec(db, {"touch", "/gate/open"});
    await("setup completed", [&] {
        const json found = docker().inspect("shop-setup-1");
        return !found.is_null() && found.at("State").at("Status") == "exited" &&
               found.at("State").at("ExitCode") == 0;
    });
    EXPECT_FALSE(lives("shop").contains("web/1"));
    exec(db, {"touch", "/gate/well"});
    await("web runs", [&] { return lives("shop").contains("web/1"); });
}

TEST_F(Keys, services_whose_profiles_are_off_are_left_out) {
    Agent& agent = start_agent();
    const std::string text = "services:\n" + sleeper("web", "    scale: 2\n") +
                             sleeper("debug", "    profiles: [tools]\n");
    deploy("shop", text);
    EXPECT_EQ(lives("shop").size(), 2U);
    deploy("shop", text + "x-nap: {profiles: [tools]}\n");
    EXPECT_TRUE(lives("shop").contains("debug/1"));
    deploy("shop", text);
    await("debug goes", [&] { return lives("shop").size() == 2U; });
    const Finished checked = agent.nap({"validate", write_manifest(text)});
    EXPECT_EQ(checked.exit_code, 0) << checked.err;
}

}  // namespace
}  // namespace nap::test
