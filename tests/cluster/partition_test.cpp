// `partition: stop`: a host that is cut off ends its copy before another host may start one.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "cluster/cluster_test.hpp"

namespace nap::test {
namespace {

/// One run of a container, from its own log: hundredths of a second since the machine's start,
/// which is the same clock on all hosts.
struct Stint {
    std::string container;
    long first = 0;
    long last = 0;
};

class PartitionStop : public ClusterTest {
  protected:
    static constexpr int cuts = 7;  ///< of each of the three tests
    static constexpr int services = 6;

    void cut_over_and_over();
    std::filesystem::path notes() const { return cluster().dir() / "notes"; }
    std::filesystem::path note(const std::string& service) const { return notes() / service; }

    void SetUp() override {
        std::filesystem::create_directories(notes());
        more_config = "failover: {grace: 1s, lease: 5s}\nnetwork: {routed: true}\n";
        ClusterTest::SetUp();
    }
    void TearDown() override {
        ClusterTest::TearDown();
        std::filesystem::remove_all(notes());
    }

    /// Services that write, as often as they can without taking the machine, who they are and when.
    /// In version-1 form: to join an overlay network takes a leader among the swarm's managers, and
    /// the host that is cut off may be that one.
    std::string manifest() const {
        std::string text;
        for (int i = 1; i <= services; ++i) {
            text += fmt::format(
                "s{0}:\n    image: nap/busybox:1\n    stop_grace_period: 1s\n"
                "    command: [sh, -c, \"trap 'exit' TERM;"
                " read run < /proc/sys/kernel/random/uuid; while :; do read now rest < "
                "/proc/uptime;"
                " echo $$run $$HOSTNAME $$now >> /notes/s{0}; usleep 40000; done\"]\n"
                "    volumes: [\"{1}:/notes\"]\n"
                "    x-nap: {{partition: stop, sticky: never}}\n",
                i, notes().string());
        }
        return text;
    }
    std::vector<Stint> stints(const std::string& service) const {
        std::map<std::string, Stint> found;
        std::istringstream lines(read_file(note(service)));
        std::string id;
        std::string container;
        double now = 0;
        while (lines >> id >> container >> now) {
            const long at = std::lround(100 * now);
            Stint& stint = found.try_emplace(id, Stint{container, at, at}).first->second;
            stint.last = std::max(stint.last, at);
        }
        std::vector<Stint> sorted;
        for (const auto& item : found)
            sorted.push_back(item.second);
        std::sort(sorted.begin(), sorted.end(),
                  [](const Stint& a, const Stint& b) { return a.first < b.first; });
        return sorted;
    }
    Copies of(const std::string& host) const { return copies("single", {host}); }
    bool all_on(const Names& hosts) const {
        std::set<std::string> found;
        for (const Copy& copy : copies("single", hosts))
            found.insert(copy.instance);
        return found.size() == services;
    }
    bool settled() const { return copies("single").size() == services && all_on(all_hosts); }
};

void PartitionStop::cut_over_and_over() {
    deploy("single", manifest());
    std::size_t moved = 0;
    for (int count = 0; count < cuts; ++count) {
        // Each has its turn, the leader too; but one that has none of them says nothing.
        std::string host = all_hosts.at(count % 3);
        for (const std::string& other : all_hosts) {
            if (of(host).empty()) host = other;
        }
        moved += of(host).size();
        const auto began = Steady::now();
        cluster().cut(host);
        await(fmt::format("cut {}: all of them run elsewhere", count + 1),
              [&] { return all_on(hosts_but({host})); }, {.limit = milliseconds(40'000)});
        EXPECT_TRUE(of(host).empty()) << "still running on the host that is cut off";
        const double took = seconds_since(began);
        cluster().heal(host);
        await(fmt::format("cut {}: the host is back", count + 1),
              [&] { return nodes().size() == 3 && settled(); }, {.limit = milliseconds(40'000)});
        cluster().await_consul();
        fmt::print("  cut {:2} {}: elsewhere after {:.1f} s, back after {:.1f} s\n", count + 1,
                   host, took, seconds_since(began) - took);
    }
    EXPECT_GE(moved, static_cast<std::size_t>(cuts));
    long gap_min = std::numeric_limits<long>::max();
    std::size_t handovers = 0;
    for (int i = 1; i <= services; ++i) {
        const std::vector<Stint> found = stints(fmt::format("s{}", i));
        for (std::size_t next = 1; next < found.size(); ++next) {
            const long gap = found[next].first - found[next - 1].last;
            EXPECT_GT(gap, 0) << fmt::format("s{}: {} and {} overlap", i, found[next - 1].container,
                                             found[next].container);
            gap_min = std::min(gap_min, gap);
            ++handovers;
        }
    }
    EXPECT_GE(handovers, moved);
    fmt::print("  {} hand-overs, the shortest pause {} ms\n", handovers, 10 * gap_min);
}

// Three tests, so that three clusters share the cuts.
TEST_F(PartitionStop, two_copies_never_overlap_over_7_cuts) {
    cut_over_and_over();
}
TEST_F(PartitionStop, two_copies_never_overlap_over_7_more_cuts) {
    cut_over_and_over();
}
TEST_F(PartitionStop, two_copies_never_overlap_over_another_7_cuts) {
    cut_over_and_over();
}

TEST_F(PartitionStop, other_services_of_a_host_that_is_cut_off_go_on) {
    deploy("kept", "services:\n" + sleeper("web", "    deploy: {replicas: 6}\n"));
    deploy("single", manifest());
    const std::string host = follower();
    const Copies before = copies("kept", {host});
    ASSERT_FALSE(before.empty());
    cluster().cut(host);
    await("those that must stop have", [&] { return of(host).empty(); });
    await("all of them run elsewhere", [&] { return all_on(hosts_but({host})); },
          {.limit = milliseconds(40'000)});
    EXPECT_EQ(copies("kept", {host}), before);
    cluster().heal(host);
    await("one copy of each is left", [&] { return settled() && whole("kept", "web", 6); });
}

}  // namespace
}  // namespace nap::test
