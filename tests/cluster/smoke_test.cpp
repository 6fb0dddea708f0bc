// The hosts find each other, and what an operator puts runs.

#include "cluster/cluster_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;

TEST_F(ClusterTest, three_agents_join_and_an_app_converges) {
    EXPECT_EQ(nodes(), (std::set<std::string>{"nap1", "nap2", "nap3"}));
    const std::string address = "-http-addr=" + consul().address();
    run_ok({"consul", "kv", "put", address, key("apps/shop"), "services:\n" + sleeper("web")});
    await_converged("shop");
    EXPECT_EQ(copies("shop").size(), 1U);
    EXPECT_THAT(nap_ok({"status"}), HasSubstr("converged"));
    EXPECT_THAT(nap_ok({"ps", "shop"}), HasSubstr(only("shop", "web/1").host));
    run_ok({"consul", "kv", "delete", address, key("apps/shop")});
    await("it is gone", [&] { return copies("shop").empty() && status("shop").is_null(); });
}

}  // namespace
}  // namespace nap::test
