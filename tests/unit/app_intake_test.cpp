#include "reconciler/app_intake.hpp"

#include <gtest/gtest.h>

namespace nap::test {
namespace {

using Apps = std::map<AppId, AppStamp>;

const AppId shop("shop");
const std::vector<AppId> nothing;
const std::vector<AppId> only_shop{shop};

MonotonicTime at(int ms) {
    return MonotonicTime(std::chrono::hours(1)) + milliseconds(ms);
}

TEST(AppIntake, OneKeyIsReadAtOnceAndOnce) {
    AppIntake intake(milliseconds(300));
    intake.see({{shop, {{"shop", 5}}}}, at(0));
    EXPECT_EQ(intake.take_due(at(0)), only_shop);
    intake.see({{shop, {{"shop", 5}}}}, at(10));
    EXPECT_EQ(intake.take_due(at(1000)), nothing);
    intake.see({{shop, {{"shop", 6}}}}, at(2000));
    EXPECT_EQ(intake.take_due(at(2000)), only_shop);
}

TEST(AppIntake, AFolderIsReadOnceItHasRestedFor300Ms) {
    AppIntake intake(milliseconds(300));
    Apps apps{{shop, {{"shop/compose.yml", 5}}}};
    intake.see(apps, at(0));
    apps[shop]["shop/.env"] = 6;
    intake.see(apps, at(200));
    EXPECT_EQ(intake.take_due(at(499)), nothing);
    EXPECT_TRUE(intake.waits(shop));
    EXPECT_EQ(intake.next_due(), at(500));
    EXPECT_EQ(intake.take_due(at(500)), only_shop);
    EXPECT_FALSE(intake.next_due());
}

TEST(AppIntake, AFolderThatNeverRestsIsReadAfterTwoSeconds) {
    AppIntake intake(milliseconds(300));
    for (int ms = 0; ms < 2000; ms += 100) {
        intake.see({{shop, {{"shop/compose.yml", 5U + static_cast<unsigned>(ms)}}}}, at(ms));
        EXPECT_EQ(intake.take_due(at(ms)), nothing) << ms;
    }
    EXPECT_EQ(intake.take_due(at(2000)), only_shop);
}

TEST(AppIntake, AChangeElsewhereDoesNotPutOff) {
    AppIntake intake(milliseconds(300));
    Apps apps{{shop, {{"shop/compose.yml", 5}}}};
    intake.see(apps, at(0));
    apps[AppId("other")] = {{"other", 7}};
    intake.see(apps, at(250));
    EXPECT_EQ(intake.take_due(at(250)), std::vector<AppId>{AppId("other")});
    EXPECT_EQ(intake.take_due(at(300)), only_shop);
}

TEST(AppIntake, WhatIsGoneIsForgottenAndReadAnewWhenItIsBack) {
    AppIntake intake(milliseconds(300));
    intake.see({{shop, {{"shop/compose.yml", 5}}}}, at(0));
    intake.see({}, at(100));
    EXPECT_EQ(intake.take_due(at(5000)), nothing);
    intake.see({{shop, {{"shop", 5}}}}, at(6000));
    EXPECT_EQ(intake.take_due(at(6000)), only_shop);
    intake.see({}, at(7000));
    intake.see({{shop, {{"shop", 5}}}}, at(8000));
    EXPECT_EQ(intake.take_due(at(8000)), only_shop);
}

TEST(RevisionOf, CoversAllFilesAndTheirNames) {
    const ManifestText alone{.file = "shop", .text = "a"};
    ManifestText with = alone;
    with.files = {{"x", "1"}};
    ManifestText other_name = alone;
    other_name.files = {{"y", "1"}};
    ManifestText split = alone;
    split.files = {{"x", ""}, {"1", ""}};
    EXPECT_NE(revision_of(alone), revision_of(with));
    EXPECT_NE(revision_of(with), revision_of(other_name));
    EXPECT_NE(revision_of(with), revision_of(split));
    ManifestText renamed = with;
    renamed.file = "shop/compose.yml";
    EXPECT_EQ(revision_of(with), revision_of(renamed));
}

class IndexOfChange : public ::testing::Test {
  protected:
    std::uint64_t index(std::uint64_t highest, std::uint64_t listing) const {
        return index_of_change(wanted, highest, listing, {.text = in_force, .modify_index = 20});
    }
    ManifestText in_force{.file = "f", .text = "a", .files = {{"x", "1"}, {"y", "2"}}};
    ManifestText wanted = in_force;
};

TEST_F(IndexOfChange, IsTheHighestOfTheKeysAsARule) {
    EXPECT_EQ(index(20, 90), 20U);
    EXPECT_EQ(index(25, 90), 25U);
}

TEST_F(IndexOfChange, OfADeletedFileIsTheListings) {
    wanted.files.erase("y");
    EXPECT_EQ(index(12, 21), 21U);
}

TEST_F(IndexOfChange, OfARestoredSnapshotStaysWhatItIs) {
    wanted.files.erase("y");
    EXPECT_EQ(index(12, 19), 12U) << "the listing is older too";
    wanted.files["x"] = "0";
    EXPECT_EQ(index(12, 90), 12U) << "another content is no deletion";
    wanted = in_force;
    wanted.text = "b";
    EXPECT_EQ(index(12, 90), 12U);
}

TEST_F(IndexOfChange, DoesNotGoBackWhileNothingHasChanged) {
    EXPECT_EQ(index(12, 90), 20U);
}

}  // namespace
}  // namespace nap::test
