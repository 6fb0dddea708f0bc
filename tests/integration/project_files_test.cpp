// Files beside a manifest, read back from the containers that they get to.

#include <fmt/format.h>

#include <filesystem>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class ProjectFiles : public NapTest {
  protected:
    void put_file(const std::string& name, const std::string& value) const {
        consul().put(key("apps/shop/" + name), value);
    }
    /// Until the status answers all files as they are in KV now.
    void await_answer(const std::string& phase, const std::string& newest) const {
        const std::uint64_t index = consul().modify_index(key("apps/shop/" + newest));
        await("shop is " + phase, [&] {
            const json now = status("shop");
            return !now.is_null() && now.at("phase") == phase && now.at("modify_index") >= index;
        });
    }
    json host_config(const std::string& service) const {
        return instance("shop", service).at("HostConfig");
    }
    std::set<std::string> versions() {
        std::set<std::string> found;
        const fs::path root = agent().dir() / "data" / "files";
        if (!fs::exists(root)) return found;
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            if (fs::relative(entry.path(), root).string().find("shop/") == std::string::npos) {
                continue;
            }
            if (entry.path().parent_path().filename() == "shop") {
                found.insert(entry.path().filename());
            }
        }
        return found;
    }
};

TEST_F(ProjectFiles, are_mounted_and_their_users_follow_their_content) {
    start_agent();
    put_file("compose.yml", "services:\n" + sleeper("web", R"(    user: "1234"
    volumes:
      - ./conf:/etc/app:ro
      - ./run.sh:/run.sh
      - {type: bind, source: conf/a.conf, target: /a, read_only: true}
)") + sleeper("other") + sleeper("plain", "    volumes: [\"./plain.txt:/plain.txt:ro\"]\n"));
    put_file("conf/a.conf", "one");
    put_file("conf/more/b.conf", "B");
    put_file("plain.txt", "P");
    put_file("run.sh", "#!/bin/sh\necho ran\n");
    await_answer("converged", "run.sh");
    const Lives before = lives("shop");
    const std::string web = before.at("web/1").id;
    EXPECT_EQ(exec(web, {"cat", "/etc/app/a.conf", "/etc/app/more/b.conf", "/a"}), "oneBone");
    EXPECT_EQ(exec(web, {"stat", "-c", "%a %u", "/etc/app/a.conf"}), "444 0");
    EXPECT_EQ(exec(web, {"/run.sh"}), "ran");
    EXPECT_EQ(exec(web, {"sh", "-c", "touch /etc/app/x 2>/dev/null || echo no"}), "no");
    const json mounts = docker().inspect(web).at("Mounts");
    for (const json& mount : mounts) {
        EXPECT_EQ(mount.at("Type"), "bind");
        EXPECT_EQ(mount.at("RW"), false);
    }
    EXPECT_EQ(versions().size(), 4U);

    put_file("conf/a.conf", "two");
    await_answer("converged", "conf/a.conf");
    const Life after = await_new_life("shop", "web/1", before.at("web/1"));
    EXPECT_EQ(exec(after.id, {"cat", "/etc/app/a.conf", "/a"}), "twotwo");
    EXPECT_EQ(lives("shop").at("other/1"), before.at("other/1"));
    EXPECT_EQ(lives("shop").at("plain/1"), before.at("plain/1"));
    await("the old files are gone", [&] { return versions().size() == 4U; });

    // A host that has lost the copies makes them again.
    agent().kill();
    docker().signal(after.id);
    fs::remove_all(agent().dir() / "data" / "files");
    agent().start();
    agent().await_ready();
    const Life healed = await_new_life("shop", "web/1", after);
    EXPECT_EQ(exec(healed.id, {"cat", "/etc/app/a.conf"}), "two");

    consul().remove_tree(key("apps/shop/"));
    await_gone("shop");
    await("no files are left", [&] { return versions().empty(); });
}

TEST_F(ProjectFiles, a_seccomp_profile_reaches_the_engine) {
    AgentOptions options = agent_options();
    options.more = "policy: {allow: ['security_opt:seccomp=profile']}\n";
    start_agent(options);
    const auto profile = [](const char* action) {
        return std::string(
                   "{ \"defaultAction\": \"SCMP_ACT_ALLOW\",\n  \"syscalls\": [{\"names\": "
                   "[\"mkdir\", \"mkdirat\"], \"action\": \"") +
               action + "\"}]}\n";
    };
    put_file("compose.yml", "services:\n" +
                                sleeper("web", "    security_opt: ['seccomp:p.json']\n") +
                                sleeper("other"));
    put_file("p.json", profile("SCMP_ACT_ERRNO"));
    await_answer("converged", "p.json");
    const Lives before = lives("shop");
    EXPECT_EQ(host_config("web").at("SecurityOpt"),
              json::array({"seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":"
                           "[\"mkdir\",\"mkdirat\"],\"action\":\"SCMP_ACT_ERRNO\"}]}"}));
    const Argv probe{"sh", "-c", "mkdir /x 2>/dev/null && echo made || echo refused"};
    EXPECT_EQ(exec(before.at("web/1").id, probe), "refused");
    put_file("p.json", profile("SCMP_ACT_ALLOW"));
    await_answer("converged", "p.json");
    const Life after = await_new_life("shop", "web/1", before.at("web/1"));
    EXPECT_EQ(exec(after.id, probe), "made");
    EXPECT_EQ(lives("shop").at("other/1"), before.at("other/1"));
}

TEST_F(ProjectFiles, configs_and_secrets_get_into_a_read_only_root) {
    start_agent();
    const auto text = [](const char* secret) {
        return "services:\n" + sleeper("web", R"(    read_only: true
    tmpfs: [/run, /tmp]
    configs: [{source: site, target: /etc/site.conf}]
    secrets: [password, {source: password, target: own, uid: "5", gid: "6", mode: 0440}]
)") + sleeper("other") +
               "configs: {site: {content: listen}}\n" + "secrets: {password: {content: " + secret +
               "}}\n";
    };
    deploy("shop", text("hunter2"));
    const Lives before = lives("shop");
    const std::string web = before.at("web/1").id;
    EXPECT_EQ(host_config("web").at("ReadonlyRootfs"), true);
    EXPECT_EQ(exec(web, {"cat", "/etc/site.conf"}), "listen");
    EXPECT_EQ(exec(web, {"cat", "/run/secrets/password"}), "hunter2");
    EXPECT_EQ(exec(web, {"stat", "-c", "%a %u %g", "/run/secrets/own"}), "440 5 6");
    EXPECT_THAT(docker().inspect(web).dump(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(status("shop").dump() + observed("shop").dump(), Not(HasSubstr("hunter2")));
    deploy("shop", text("hunter3"));
    const Life after = await_new_life("shop", "web/1", before.at("web/1"));
    EXPECT_EQ(exec(after.id, {"cat", "/run/secrets/own"}), "hunter3");
    EXPECT_EQ(lives("shop").at("other/1"), before.at("other/1"));
    await("the old secret is gone", [&] { return versions().size() == 3U; });
}

}  // namespace
}  // namespace nap::test
