#include "model/observed.hpp"

#include <gtest/gtest.h>

#include "model/labels.hpp"

namespace nap {

TEST(OwnerFromLabels, ReadsAll) {
    const auto owner = owner_from_labels({{labels::cluster, "u"},
                                          {labels::app, "a"},
                                          {labels::service, "web"},
                                          {labels::slot, "12"},
                                          {labels::revision, "r"},
                                          {labels::config_hash, "h"},
                                          {"other", "x"}});
    ASSERT_TRUE(owner);
    EXPECT_EQ(owner->cluster.str(), "u");
    EXPECT_EQ(owner->app.str(), "a");
    EXPECT_EQ(owner->instance, (InstanceId{"web", 12}));
    EXPECT_EQ(owner->revision.str(), "r");
    EXPECT_EQ(owner->config_hash, "h");
}

TEST(OwnerFromLabels, NetworksHaveNoInstance) {
    const auto owner = owner_from_labels({{labels::cluster, "u"}, {labels::app, "a"}});
    ASSERT_TRUE(owner);
    EXPECT_EQ(owner->instance, (InstanceId{"", 1}));
}

TEST(OwnerFromLabels, OthersAreNotOurs) {
    EXPECT_FALSE(owner_from_labels({}));
    EXPECT_FALSE(owner_from_labels({{labels::app, "a"}}));
    EXPECT_FALSE(owner_from_labels({{labels::cluster, "u"}}));
    EXPECT_FALSE(owner_from_labels({{labels::cluster, ""}, {labels::app, "a"}}));
    for (const char* slot : {"", "x", "1x", "0", "-1", "99999999999999"}) {
        EXPECT_FALSE(
            owner_from_labels({{labels::cluster, "u"}, {labels::app, "a"}, {labels::slot, slot}}))
            << slot;
    }
}

}  // namespace nap
