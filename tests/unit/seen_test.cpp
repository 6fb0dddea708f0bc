#include <gtest/gtest.h>

#include "reconciler/cluster_state.hpp"

namespace nap::test {
namespace {

HostReport report_of(const std::vector<std::string>& services) {
    HostReport report{.node = NodeId("n0"), .app = AppId("shop"), .serial = 7, .settled = true};
    for (const std::string& service : services)
        report.instances.push_back(
            {.instance = {service, 1}, .state = "running", .health = "none"});
    return report;
}

TEST(Seen, AddressesComeBackAsTheyWereReported) {
    HostReport report = report_of({"web", "db", "idle"});
    report.instances[0].addresses = {{"back", "10.0.1.2"}, {"front", "fd00::2"}};
    report.instances[1].addresses = {{"back", "10.0.1.3"}};
    const Seen seen = seen_in(report);
    for (const InstanceReport& instance : report.instances) {
        const SeenInstance* found = seen.find(instance.instance);
        ASSERT_NE(found, nullptr);
        EXPECT_EQ(addresses_of(*found), instance.addresses) << instance.instance.service;
    }
    EXPECT_EQ(seen.find({"web", 2}), nullptr);
}

TEST(Seen, TroubleIsKeptOnlyWhereThereIsSome) {
    HostReport report = report_of({"web"});
    EXPECT_EQ(seen_in(report).any_trouble, nullptr);
    EXPECT_TRUE(seen_in(report).plain());
    report.problems = {"one"};
    EXPECT_EQ(seen_in(report).trouble().problems, report.problems);
    EXPECT_TRUE(seen_in(report).plain()) << "that is for the status only";
    report.surplus = {{"web", 2}};
    EXPECT_FALSE(seen_in(report).plain());
    report.surplus.clear();
    report.refused = "it is older";
    report.newer_epoch = 4;
    EXPECT_FALSE(seen_in(report).plain());
    EXPECT_EQ(seen_in(report).trouble().newer_epoch, 4U);
}

TEST(Orders, ComeBackAsTheAssignmentTheyWereMadeOf) {
    const Assignment assignment{.cluster = ClusterId("c"),
                                .epoch = 3,
                                .serial = 9,
                                .app = AppId("shop"),
                                .revision = RevisionId("r"),
                                .manifest = {.file = "shop.yml", .text = {}},
                                .manifest_index = 42,
                                .instances = {{"db", 1}, {"web", 1}},
                                .leaving = {{"web", 1}},
                                .unleased = {"db"},
                                .approved = true,
                                .scope = NetworkScope::routed,
                                .peers = {{.instance = {"web", 2}, .name = "shop-web-2"}}};
    const SharedTerms terms = terms_of(assignment, nullptr);
    const Orders orders = orders_of(assignment, terms);
    EXPECT_EQ(assignment_of(assignment.app, orders, assignment.peers), assignment);
    EXPECT_TRUE(orders.has({"web", 1}));
    EXPECT_TRUE(orders.leaves({"web", 1}));
    EXPECT_FALSE(orders.leaves({"db", 1}));
    EXPECT_EQ(terms_of(assignment, terms), terms) << "kept once";
}

TEST(Orders, WhatIsDigestedOfPeersTellsThemApart) {
    const std::vector<Peer> peers{{.instance = {"web", 2}, .name = "w", .addresses = {{"n", "1"}}}};
    std::set<std::uint64_t> digests{0, digest_of(peers)};
    std::vector<Peer> other = peers;
    other[0].addresses["n"] = "2";
    digests.insert(digest_of(other));
    other = peers;
    other[0].progress = PeerProgress::healthy;
    digests.insert(digest_of(other));
    other = peers;
    other[0].name = "v";
    digests.insert(digest_of(other));
    EXPECT_EQ(digests.size(), 5U);
    EXPECT_EQ(digest_of({}), 0U);
}

}  // namespace
}  // namespace nap::test
