#include "support/nap_test.hpp"

namespace nap::test {
namespace {

TEST_F(NapTest, harness) {
    const std::string id = docker().run_foreign("foreign");
    EXPECT_EQ(docker().containers(), std::vector<std::string>{id});
    consul().put("it/x", std::string(600 * 1024, 'x'));
    EXPECT_TRUE(consul().get("it/x"));
    consul().remove_tree("it/");
}

}  // namespace
}  // namespace nap::test
