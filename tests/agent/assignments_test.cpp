// Which orders a host follows, which it refuses, and what it remembers of them (S4, S5).
#include "agent/assignments.hpp"

#include <gtest/gtest.h>

#include "cli/temp_folder.hpp"
#include "clients/json_codec.hpp"

namespace nap::test {
namespace {

constexpr char prefix[] = "nap/assigned/n0/";

class AssignmentsTest : public ::testing::Test {
  protected:
    static Assignment order(std::uint64_t epoch, std::uint64_t manifest_index = 10) {
        return {.cluster = ClusterId("u"),
                .epoch = epoch,
                .serial = 1,
                .app = AppId("shop"),
                .revision = RevisionId("r" + std::to_string(manifest_index)),
                .manifest = {.file = "shop.yml", .text = "services: {web: {image: 'web:1'}}"},
                .manifest_index = manifest_index,
                .instances = {{"web", 1}}};
    }
    static KvListing listing(const Assignment& assignment) {
        return {.entries = {{.key = prefix + assignment.app.str(), .value = encode(assignment)}}};
    }
    auto take(const Assignment& assignment) {
        return assignments_.take(listing(assignment), prefix);
    }

    const AppId shop_{"shop"};
    TempFolder folder_;
    Memory memory_ = Memory::open(folder_.at("data")).value();
    Assignments assignments_{memory_};
};

TEST_F(AssignmentsTest, AnOrderOfAnOlderLeadershipIsRefusedAndSaysWhichIsNewer) {
    take(order(5));
    EXPECT_EQ(assignments_.newer_epoch(shop_), 0U);
    assignments_.remember(ClusterId("u"), 7);
    take(order(4, 11));
    EXPECT_TRUE(assignments_.frozen());
    EXPECT_EQ(assignments_.newer_epoch(shop_), 7U) << "one number that outdoes all it has seen";
    EXPECT_EQ(assignments_.find(shop_)->assignment.manifest_index, 10U);
    take(order(8, 11));
    EXPECT_FALSE(assignments_.frozen());
    EXPECT_EQ(assignments_.newer_epoch(shop_), 0U);
    EXPECT_EQ(assignments_.find(shop_)->assignment.manifest_index, 11U);
}

TEST_F(AssignmentsTest, AnOlderManifestOfANewerLeadershipStaysRefusedUntilApproved) {
    take(order(5, 20));
    Assignment older = order(6, 10);
    take(older);
    EXPECT_EQ(assignments_.newer_epoch(shop_), 0U) << "another election would not help";
    EXPECT_NE(assignments_.refused_order(shop_), "");
    EXPECT_EQ(assignments_.find(shop_)->assignment.manifest_index, 20U);
    older.approved = true;
    take(older);
    EXPECT_EQ(assignments_.find(shop_)->assignment.manifest_index, 10U);
}

TEST_F(AssignmentsTest, ARemovalNeedsNoManifest) {
    const Assignment removal{.cluster = ClusterId("u"),
                             .epoch = 1,
                             .app = shop_,
                             .revision = RevisionId(),
                             .remove = true};
    EXPECT_EQ(take(removal).size(), 1U);
    ASSERT_NE(assignments_.find(shop_), nullptr);
    EXPECT_TRUE(assignments_.find(shop_)->assignment.remove);
    EXPECT_EQ(assignments_.find(shop_)->spec.app, shop_);
    const Assignments remembered(memory_);
    ASSERT_NE(remembered.find(shop_), nullptr) << "nor after a restart";
    EXPECT_TRUE(remembered.find(shop_)->assignment.remove);
}

TEST_F(AssignmentsTest, AnythingElseWithoutAManifestIsRefused) {
    Assignment empty = order(1);
    empty.manifest.text.clear();
    take(empty);
    EXPECT_EQ(assignments_.find(shop_), nullptr);
}

TEST_F(AssignmentsTest, ARemovalWithoutAManifestKeepsTheOneInForce) {
    take(order(1));
    Assignment removal = order(2);
    removal.manifest.text.clear();
    removal.instances.clear();
    removal.remove = true;
    take(removal);
    EXPECT_TRUE(assignments_.find(shop_)->assignment.remove);
    EXPECT_EQ(assignments_.find(shop_)->spec.services.size(), 1U);
}

TEST_F(AssignmentsTest, AMissingOrderLeavesTheAppAsItIs) {
    take(order(1));
    EXPECT_TRUE(assignments_.take(KvListing{}, prefix).empty());
    EXPECT_TRUE(assignments_.missing().contains(shop_));
    EXPECT_FALSE(assignments_.find(shop_)->assignment.remove);
}

}  // namespace
}  // namespace nap::test
