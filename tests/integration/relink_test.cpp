// Whoever links to a container reaches it also after its address has changed.

#include <fmt/format.h>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Relink : public NapTest {
  protected:
    /// Restarts an instance such that it cannot have its old address: a stranger takes that one
    /// while nap does not look. Returns the new one.
    std::string move(const std::string& app, const std::string& service,
                     const std::string& network) {
        const std::string before = address_of(app, service, network);
        const Life life = lives(app).at(service + "/1");
        agent().pause();
        docker().signal(life.id);
        await("it has ended",
              [&] { return docker().inspect(life.id).at("State").at("Status") == "exited"; });
        const std::string stranger = docker().run_foreign("occupier", {"--network", network});
        const json theirs = docker().inspect(stranger).at("NetworkSettings").at("Networks");
        EXPECT_EQ(theirs.at(network).at("IPAddress"), before) << "the address was not taken";
        agent().resume();
        const Life after = await_new_life(app, service + "/1", life);
        EXPECT_EQ(after.id, life.id);
        const std::string now = address_of(app, service, network);
        EXPECT_NE(now, before);
        return now;
    }

    std::string hosts_file(const std::string& app, const std::string& service) const {
        return exec(id_of(app, service), {"cat", "/etc/hosts"});
    }
};

/// A service that answers its name on port 8000.
std::string speaker(const std::string& name, const std::string& more = "") {
    return fmt::format(
        "  {}:\n    image: nap/busybox:1\n    stop_signal: KILL\n"
        "    command: [sh, -c, \"mkdir -p /w && echo {} > /w/index.html &&"
        " exec httpd -f -p 8000 -h /w\"]\n{}",
        name, name, more);
}

TEST_F(Relink, by_name_on_a_network_of_the_app) {
    start_agent();
    deploy("shop", "services:\n" + speaker("db") + sleeper("web", "    links: [\"db:store\"]\n"));
    const Life web = lives("shop").at("web/1");
    const std::string address = move("shop", "db", "shop_default");
    for (const char* name : {"db", "store"}) {
        EXPECT_THAT(exec(web.id, {"nslookup", name}), HasSubstr(address));
    }
    exec(web.id, {"ping", "-c", "1", "-W", "2", address});
    const std::string url = fmt::format("http://{}:8000/", address);
    await("db answers there", [&] { return testbed().try_curl(url).out == "db\n"; });
    EXPECT_EQ(lives("shop").at("web/1"), web);
    await_converged("shop");
}

TEST_F(Relink, by_the_hosts_file_on_the_default_bridge) {
    start_agent();
    // The version-1 form: services at top level, no network of their own.
    const std::string manifest =
        "web:\n  image: nap/busybox:1\n  command: sleep 100000\n  stop_signal: KILL\n"
        "  links: [\"db:store\"]\n"
        "db:\n  image: nap/busybox:1\n  command: sleep 100000\n  stop_signal: KILL\n";
    deploy("shop", manifest);
    EXPECT_TRUE(docker().networks().empty());
    const Life web = lives("shop").at("web/1");
    const std::string first = address_of("shop", "db", "bridge");
    EXPECT_THAT(hosts_file("shop", "web"), HasSubstr(first));
    exec(web.id, {"sh", "-c", "echo '192.0.2.9 own-line # kept' >> /etc/hosts"});
    std::string others = exec(web.id, {"sh", "-c", "grep -v store /etc/hosts"});
    const std::string inode = exec(web.id, {"stat", "-c", "%i", "/etc/hosts"});

    const std::string second = move("shop", "db", "bridge");
    await("the block has the new address",
          [&] { return hosts_file("shop", "web").find(second) != std::string::npos; });
    EXPECT_THAT(hosts_file("shop", "web"), Not(HasSubstr(first + "\t")));
    EXPECT_THAT(hosts_file("shop", "web"), Not(HasSubstr(first + " ")));
    EXPECT_EQ(exec(web.id, {"sh", "-c", "grep -v store /etc/hosts"}), others);
    EXPECT_EQ(exec(web.id, {"stat", "-c", "%i", "/etc/hosts"}), inode);
    EXPECT_EQ(lives("shop").at("web/1"), web);
    exec(web.id, {"ping", "-c", "1", "-W", "2", "store"});
    await_converged("shop");

    // A restart makes the engine write the file anew; the block must come back.
    docker().signal(web.id);
    await_new_life("shop", "web/1", web);
    await("the block is back",
          [&] { return hosts_file("shop", "web").find(second) != std::string::npos; });
    // Somebody tampers with the block.
    exec(web.id, {"sh", "-c", "cp /etc/hosts /tmp/h && sed 's/store/stolen/' /tmp/h > /etc/hosts"});
    docker().signal(id_of("shop", "db"));
    await("the block is whole", [&] {
        const std::string text = hosts_file("shop", "web");
        return text.find("store") != std::string::npos && text.find("stolen") == std::string::npos;
    });
}

TEST_F(Relink, a_dependent_may_ask_for_a_signal_or_a_restart) {
    start_agent();
    const auto web = [](const char* name, const char* wish) {
        return fmt::format(
            "{}:\n  image: nap/busybox:1\n  stop_signal: KILL\n  links: [db]\n"
            "  command: [sh, -c, \"trap 'echo x >> /tmp/hups' HUP;"
            " while :; do sleep 0.1; done\"]\n"
            "  x-nap: {{on_relink: \"{}\"}}\n",
            name, wish);
    };
    deploy("shop", web("signalled", "signal:HUP") + web("restarted", "restart") +
                       web("quiet", "none") +
                       "db:\n  image: nap/busybox:1\n  command: sleep 100000\n"
                       "  stop_signal: KILL\n");
    const Lives before = lives("shop");
    move("shop", "db", "bridge");
    const Life restarted = await_new_life("shop", "restarted/1", before.at("restarted/1"));
    EXPECT_EQ(restarted.id, before.at("restarted/1").id);
    const auto hups = [&](const char* instance) {
        return run({"docker", "--host", docker().url(), "exec", before.at(instance).id, "cat",
                    "/tmp/hups"})
            .out;
    };
    await("the signal has come", [&] { return !hups("signalled/1").empty(); });
    await_converged("shop");
    EXPECT_EQ(lives("shop").at("signalled/1"), before.at("signalled/1"));
    EXPECT_EQ(lives("shop").at("quiet/1"), before.at("quiet/1"));
    EXPECT_EQ(hups("quiet/1"), "");
    EXPECT_EQ(lives("shop").at("restarted/1"), restarted) << "restarted once, not for ever";
}

TEST_F(Relink, the_guestbook_keeps_working_when_its_master_comes_back_elsewhere) {
    start_agent();
    deploy("guestbook", read_file(std::string(NAP_SOURCE_DIR) + "/manifests/guestbook.yml"));
    const auto write = [&](const std::string& text) {
        const std::string url = "http://127.0.0.1/?cmd=set&value=" + text;
        await("the page takes " + text, [&] { return testbed().try_curl(url).exit_code == 0; });
    };
    const auto await_entry = [&](const std::string& text) {
        await("the replica gives " + text, [&] {
            const std::string got = testbed().try_curl("http://127.0.0.1/?cmd=get").out;
            return got.find('"' + text + '"') != std::string::npos;
        });
    };
    write("first");
    await_entry("first");
    EXPECT_THAT(testbed().curl("http://127.0.0.1/"), HasSubstr("first"));
    const Lives before = lives("guestbook");
    move("guestbook", "redis-master", "bridge");
    write("second");
    await_entry("second");
    const Lives after = lives("guestbook");
    EXPECT_EQ(after.at("web/1"), before.at("web/1"));
    EXPECT_EQ(after.at("redis-slave/1"), before.at("redis-slave/1"));

    // Gone altogether, not only stopped.
    docker().remove(after.at("redis-master/1").id);
    await_new_life("guestbook", "redis-master/1", after.at("redis-master/1"));
    write("third");
    await_entry("third");
    await_converged("guestbook");
}

}  // namespace
}  // namespace nap::test
