// One in twenty packets is lost on its way to every host: slower, but it converges.

#include <fmt/format.h>

#include "cluster/cluster_test.hpp"

namespace nap::test {
namespace {

class LossOfPackets : public ClusterTest {
  protected:
    static std::string app(int replicas) {
        return fmt::format("services:\n{}",
                           sleeper("web", fmt::format("    deploy: {{replicas: {}}}\n", replicas)));
    }
    void scale(int replicas) {
        const auto began = Steady::now();
        put("shop", app(replicas));
        await_converged("shop", limit_);
        EXPECT_TRUE(whole("shop", "web", replicas));
        fmt::print("  {} instances after {:.1f} s\n", replicas, seconds_since(began));
    }

    const milliseconds limit_{60'000};
};

TEST_F(LossOfPackets, scaled_drained_and_undrained_it_converges) {
    for (const std::string& host : all_hosts)
        cluster().drop(host, 5);
    scale(9);
    scale(30);
    nap_ok({"drain", "nap2"});
    await("the drained host is empty",
          [&] { return per_host("shop").at("nap2") == 0 && whole("shop", "web", 30); },
          {.limit = limit_});
    scale(12);
    nap_ok({"undrain", "nap2"});
    // What drains and what is wanted are read apart: this runs there once the former is known.
    deploy("marker", "services:\n" + sleeper("web", "    deploy: {mode: global}\n"));
    await("the host takes work again", [&] { return per_host("marker").at("nap2") == 1; },
          {.limit = limit_});
    scale(30);
    EXPECT_GE(per_host("shop").at("nap2"), 8);
    for (const std::string& host : all_hosts)
        cluster().drop(host, 0);
    scale(3);
}

}  // namespace
}  // namespace nap::test
