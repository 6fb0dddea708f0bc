// The guestbook, split over hosts: it works, and works again whatever becomes of redis-master.

#include <fmt/format.h>

#include "cluster/cluster_test.hpp"

namespace nap::test {
namespace {

constexpr milliseconds usual_limit{30'000};

class GuestbookOnHosts : public ClusterTest {
  protected:
    const std::string name = "guestbook";

    HttpResponse page(const std::string& query) const {
        for (const Copy& copy : copies(name)) {
            if (copy.instance != "web/1" || cut_.contains(copy.host)) continue;
            return http(cluster().loopback(copy.host, 80),
                        {.path = "/?cmd=" + query, .limit = milliseconds(5'000)});
        }
        return {};
    }
    /// An entry goes to the master and comes back from the replica.
    void expect_works(const std::string& when, milliseconds limit = usual_limit) {
        static int count = 0;
        const auto began = Steady::now();
        const std::string text = fmt::format("entry{}", ++count);
        await("the page takes an entry " + when,
              [&] { return page("set&value=" + text).status == 200; }, {.limit = limit});
        await("the replica gives it " + when,
              [&] { return page("get").body.find('"' + text + '"') != std::string::npos; },
              {.limit = limit});
        fmt::print("  {}: works after {:.1f} s\n", when, seconds_since(began));
    }
    std::string master_host() const { return only(name, "redis-master/1").host; }

    /// The same story on every kind of network.
    void run_through(const std::string& manifest) {
        deploy(name, manifest);
        std::set<std::string> hosts;
        for (const Copy& copy : copies(name))
            hosts.insert(copy.host);
        EXPECT_GE(hosts.size(), 2U) << "it is not split";
        expect_works("at first");

        cluster().docker(master_host()).signal(only(name, "redis-master/1").id);
        expect_works("after redis-master was killed");

        const std::string drained = master_host();
        nap_ok({"drain", drained});
        await("redis-master has moved", [&] {
            const Copies found = copies(name, hosts_but({drained}));
            return found.size() == 3 && copies(name).size() == 3;
        });
        expect_works("after redis-master was moved by a drain");
        nap_ok({"undrain", drained});

        const std::string lost = master_host();
        cluster().cut(lost);
        cut_.insert(lost);
        await("all of it runs elsewhere",
              [&] { return copies(name, hosts_but({lost})).size() == 3; });
        expect_works("after the host of redis-master was lost");
        cluster().heal(lost);
        await("one copy of each is left", [&] { return copies(name).size() == 3; });
        cut_.clear();
        await_converged(name);
        // What Docker's hosts know of an overlay they compare every 30 s.
        expect_works("after that host has come back", 3 * usual_limit);
    }

  private:
    std::set<std::string> cut_;
};

TEST_F(GuestbookOnHosts, over_an_overlay_network) {
    run_through(
        "services:\n"
        "  web:\n    image: nap/guestbook-web:1\n    ports: [\"80:80\"]\n"
        "    links: [redis-master, redis-slave]\n"
        "  redis-master:\n    image: nap/redis-master:1\n"
        "  redis-slave:\n    image: nap/redis-slave:1\n    links: [redis-master]\n");
    const Docker& docker = cluster().docker(copies(name).front().host);
    EXPECT_EQ(docker.network("guestbook_default").at("Driver"), "overlay");
}

TEST_F(GuestbookOnHosts, over_routed_bridges_of_its_own) {
    run_through(
        "services:\n"
        "  web:\n    image: nap/guestbook-web:1\n    ports: [\"80:80\"]\n"
        "    links: [redis-master, redis-slave]\n"
        "  redis-master:\n    image: nap/redis-master:1\n"
        "  redis-slave:\n    image: nap/redis-slave:1\n    links: [redis-master]\n"
        "networks:\n  default: {driver: bridge}\n");
    const Docker& docker = cluster().docker(copies(name).front().host);
    EXPECT_EQ(docker.network("guestbook_default").at("Driver"), "bridge");
}

TEST_F(GuestbookOnHosts, in_version_1_form_over_the_engines_own_bridges) {
    run_through(read_file(std::string(NAP_SOURCE_DIR) + "/manifests/guestbook.yml"));
    for (const std::string& host : all_hosts)
        EXPECT_FALSE(cluster().docker(host).networks().contains("guestbook_default"));
}

}  // namespace
}  // namespace nap::test
