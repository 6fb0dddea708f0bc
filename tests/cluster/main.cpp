// Tests on three hosts, each with real dockerd, Consul and nap; needs root. One cluster for a whole
// run, or three when all tests are wanted; nothing is left behind, however it ends.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "cluster/cluster.hpp"
#include "cluster/shards.hpp"
#include "support/scratch.hpp"

namespace nap::test {

namespace {

/// They wait most of the time: for Consul to notice, for leases to end.
constexpr int shards = 3;

class Hosts final : public ::testing::Environment {
  public:
    void SetUp() override {
        scratch_.emplace("/tmp/nap-ct");
        cluster_ = std::make_unique<Cluster>(scratch_->path() / "cluster");
        set_cluster(cluster_.get());
        try {
            write_consul_config();
            cluster_->up({"--swarm", "--no-nap"});
            const std::string name = read_file(cluster_->dir() / "name");
            netns_prefix_ = name.substr(0, name.find('\n')) + "-";
        } catch (const std::exception& error) {
            // Without hosts no test says anything: this must not look like a row of bugs.
            fmt::print(stderr, "the hosts do not start: {}\n", error.what());
            scratch_->clean_up();
            std::_Exit(1);
        }
    }

    void TearDown() override {
        scratch_->clean_up();
        EXPECT_EQ(scratch_->leftovers(netns_prefix_), "");
    }

  private:
    void write_consul_config() const {
        std::filesystem::create_directories(cluster_->dir());
        // Who has no token may do everything; those who have one, what it says.
        write_file(cluster_->dir() / "consul.hcl",
                   "acl {\n  enabled = true\n  default_policy = \"allow\"\n}\n");
    }

    std::optional<Scratch> scratch_;
    std::unique_ptr<Cluster> cluster_;
    std::string netns_prefix_;
};

}  // namespace

}  // namespace nap::test

int main(int argc, char** argv) {
    const bool is_shard = std::getenv("GTEST_TOTAL_SHARDS") != nullptr;
    if (argc == 1 && !is_shard) return nap::test::run_shards(argv[0], nap::test::shards);
    ::testing::InitGoogleTest(&argc, argv);
    ::testing::AddGlobalTestEnvironment(new nap::test::Hosts);
    return RUN_ALL_TESTS();
}
