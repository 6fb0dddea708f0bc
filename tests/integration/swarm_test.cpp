// Two engines that form a swarm, an agent on each, and networks that both share. Nobody leads: the
// test writes the assignments.

#include <fmt/format.h>
#include <unistd.h>

#include <thread>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

namespace fs = std::filesystem;

const std::string scripts = std::string(NAP_SOURCE_DIR) + "/scripts/";

/// One more host: a private engine in a network namespace of its own.
class Host {
  public:
    explicit Host(const std::string& name)
        : netns_(fmt::format("nap-it-{}-{}", name, ::getpid())),
          dir_(testbed().scratch() / ("docker-" + name)),
          docker_((dir_ / "docker.sock").string()) {}
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host() { run({scripts + "testbed", "dockerd-destroy", dir_}); }

    void start() const {
        fs::create_directories(dir_);
        write_file(dir_ / "daemon.json", R"({"shutdown-timeout": 1})");
        run_ok({scripts + "testbed", "dockerd-start", dir_, "--netns", netns_},
               {.input = "", .env = {}, .limit = milliseconds(90'000)});
        run_ok({scripts + "build-images", "--docker-host", docker_.url(), "--only", "busybox"});
    }
    [[nodiscard]] const Docker& docker() const { return docker_; }
    [[nodiscard]] const std::string& netns() const { return netns_; }

  private:
    std::string netns_;
    fs::path dir_;
    Docker docker_;
};

class Swarm : public NapTest {
  protected:
    void SetUp() override {
        std::thread other([this] { worker_host_.start(); });
        manager_host_.start();
        other.join();
        const std::string& from = manager_host_.netns();
        const std::string& to = worker_host_.netns();
        run_ok({"ip", "-n", from, "link", "add", "host0", "type", "veth", "peer", "name", "host0",
                "netns", to});
        for (const auto& [netns, address] :
             {std::pair{from, "10.214.0.1/24"}, {to, "10.214.0.2/24"}}) {
            run_ok({"ip", "-n", netns, "addr", "add", address, "dev", "host0"});
            run_ok({"ip", "-n", netns, "link", "set", "host0", "up"});
        }
        manager().cli({"swarm", "init", "--advertise-addr", "10.214.0.1"});
        const std::string token = manager().cli({"swarm", "join-token", "-q", "worker"});
        worker().cli({"swarm", "join", "--token", token, "--advertise-addr", "10.214.0.2",
                      "10.214.0.1:2377"});
        start_agent_on("manager", manager_host_);
        start_agent_on("worker", worker_host_);
    }

    const Docker& manager() const { return manager_host_.docker(); }
    const Docker& worker() const { return worker_host_.docker(); }

    struct Order {
        json instances = json::array();
        bool remove = false;
        bool elsewhere = true;
    };
    void assign(const std::string& node, const Order& order) {
        const std::string text =
            "services:\n" + sleeper("web", "    links: [\"db:database\"]\n") + sleeper("db");
        const json assignment = {{"schema", 1},
                                 {"cluster", "it"},
                                 {"epoch", 1},
                                 {"app", "shop"},
                                 {"revision", "r1"},
                                 {"manifest", {{"file", "shop"}, {"text", text}}},
                                 {"manifest_index", ++index_},
                                 {"instances", order.instances},
                                 {"remove", order.remove},
                                 {"elsewhere", order.elsewhere},
                                 {"scope", "overlay"}};
        consul().put(key("assigned/" + node + "/shop"), assignment.dump());
    }
    static json one(const std::string& service) {
        return json::array({{{"service", service}, {"slot", 1}}});
    }
    /// With its newest order.
    void await_settled(const std::string& node) const {
        const json order = consul().get_json(key("assigned/" + node + "/shop"));
        await("the app is settled on " + node, [&] {
            const json report = consul().get_json(key("observed/" + node + "/shop"));
            return report.is_object() && report.at("settled") == true &&
                   report.at("manifest_index") == order.at("manifest_index");
        });
    }
    bool has_network(const std::string& name) const { return manager().networks().contains(name); }

  private:
    void start_agent_on(const std::string& node, const Host& host) {
        AgentOptions options = agent_options();
        options.node = node;
        options.docker_socket = host.docker().socket();
        options.more = "lead: false\n";
        start_agent(options);
    }

    Host manager_host_{"m"};
    Host worker_host_{"w"};
    int index_ = 0;
};

TEST_F(Swarm, hosts_share_the_networks_of_an_app_and_nobody_elses) {
    manager().cli({"network", "create", "--driver", "overlay", "--attachable", "--label",
                   "io.nap.cluster=another", "--label", "io.nap.app=shop", "shop_theirs"});
    assign("worker", {.instances = one("db")});
    assign("manager", {.instances = one("web")});
    await_settled("worker");
    await_settled("manager");
    EXPECT_EQ(manager().network("shop_default").at("Scope"), "swarm");
    EXPECT_EQ(manager().network("shop_default").at("Attachable"), true);
    await("a link leads to the other host", [&] {
        return run({"docker", "--host", manager().url(), "exec", "shop-web-1", "ping", "-c", "1",
                    "-W", "1", "database"})
                   .exit_code == 0;
    });

    const std::string id = worker().inspect("shop-db-1").at("Id");
    const std::string started = worker().inspect("shop-db-1").at("State").at("StartedAt");
    worker().signal("shop-db-1");
    await("the container on the worker runs again", [&] {
        const json state = worker().inspect("shop-db-1").at("State");
        return state.at("Running") == true && state.at("StartedAt") != started;
    });
    EXPECT_EQ(worker().inspect("shop-db-1").at("Id"), id)
        << "the worker does not list the network meanwhile, which does not mean that it is gone";

    assign("manager", {.elsewhere = true});
    await_settled("manager");
    EXPECT_TRUE(manager().containers({"io.nap.app=shop"}).empty());
    EXPECT_TRUE(has_network("shop_default")) << "the other host is on it";
    assign("manager", {.remove = true, .elsewhere = false});
    assign("worker", {.remove = true, .elsewhere = false});
    await("the network goes when the last host has left it",
          [&] { return !has_network("shop_default"); });
    await("the worker has removed its part",
          [&] { return worker().containers({"io.nap.app=shop"}).empty(); });
    EXPECT_TRUE(has_network("shop_theirs"));
}

}  // namespace
}  // namespace nap::test
