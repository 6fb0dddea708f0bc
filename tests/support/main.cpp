// Tests against real daemons; needs root. Starts one private dockerd and one Consul for the whole
// run and leaves nothing behind, however it ends.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "support/scratch.hpp"

namespace nap::test {

namespace {

class Daemons final : public ::testing::Environment {
  public:
    void SetUp() override {
        scratch_.emplace("/tmp/nap-it");
        bed_ = std::make_unique<Testbed>(scratch_->path());
        set_testbed(bed_.get());
        try {
            bed_->start();
        } catch (const std::exception& error) {
            // Without daemons no test says anything: this must not look like a row of bugs.
            fmt::print(stderr, "the private daemons do not start: {}\n", error.what());
            scratch_->clean_up();
            std::_Exit(1);
        }
    }

    void TearDown() override {
        scratch_->clean_up();
        EXPECT_EQ(scratch_->leftovers("nap-it-" + std::to_string(::getpid())), "");
    }

  private:
    std::optional<Scratch> scratch_;
    std::unique_ptr<Testbed> bed_;
};

}  // namespace

}  // namespace nap::test

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    ::testing::AddGlobalTestEnvironment(new nap::test::Daemons);
    return RUN_ALL_TESTS();
}
