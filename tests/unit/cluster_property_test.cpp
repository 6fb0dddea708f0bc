// What must hold of the leader's plans whatever happens to nodes, manifests and reports: checked on
// made-up stories. A failure names its seed; NAP_SEED=<n> runs that one alone.
#include <gtest/gtest.h>

#include "support/cluster_story.hpp"
#include "support/plan_text.hpp"
#include "support/seeds.hpp"

namespace nap::test {
namespace {

constexpr unsigned seeds = 400;
constexpr int steps = 60;

template <class Check>
void for_each_seed(Check check) {
    run_seeds(seeds, [&](unsigned seed) {
        ClusterStory cluster(seed);
        check(cluster);
    });
}

/// Every instance of a service that must be single is on, or coming to, one node at most.
void expect_single(const ClusterWorld& world) {
    for (int app = 0; app < 4; ++app) {
        const std::string name = "app" + std::to_string(app);
        for (int slot = 1; slot <= 3; ++slot) {
            const auto nodes = world.may_run_on(name, {"single", slot});
            EXPECT_LE(nodes.size(), 1U) << name << " single/" << slot << ": " << world.shares(name);
        }
    }
}

TEST(ClusterProperties, ThereAreNeverTwoCopiesOfWhatMustBeSingle) {
    for_each_seed([](ClusterStory& cluster) {
        ClusterWorld& world = cluster.world;
        world.after_write = [&] { expect_single(world); };
        for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
            cluster.step();
            cluster.pass_time();
            expect_single(world);
            world.plan();
        }
    });
}

TEST(ClusterProperties, ASecondPlanIsEmpty) {
    for_each_seed([](ClusterStory& cluster) {
        for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
            cluster.step();
            cluster.pass_time();
            cluster.world.plan();
            if (cluster.world.unsettled) continue;
            const auto again = cluster.world.plan();
            EXPECT_TRUE(again.empty()) << "step " << i << "\n" << text_of(again);
        }
    });
}

using Homes = std::map<std::pair<AppId, InstanceId>, NodeId>;

/// Instances that run well where they are meant to be, on nodes that are open.
Homes well_placed(const ClusterWorld& world) {
    Homes homes;
    for (const auto& [key, order] : world.orders) {
        const auto& [node, app] = key;
        const SimHost& host = world.hosts.at(node);
        const bool open =
            host.connected && host.heard_of && host.has_engine && !world.draining.contains(node);
        const auto manifest = world.manifests.find(app);
        const bool wanted = manifest != world.manifests.end() && manifest->second->spec;
        if (!open || !wanted) continue;
        for (const InstanceId& instance : order.assignment.instances) {
            const auto& services = manifest->second->spec->services;
            const auto service = services.find(instance.service);
            if (service == services.end() || order.assignment.leaves(instance)) continue;
            const bool global = service->second.mode == DeployMode::global;
            if (global || instance.slot <= service->second.replicas) {
                homes.emplace(std::pair(app, instance), node);
            }
        }
    }
    return homes;
}

TEST(ClusterProperties, NothingThatRunsOnAnOpenNodeIsMovedUnasked) {
    for_each_seed([](ClusterStory& cluster) {
        ClusterWorld& world = cluster.world;
        for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
            cluster.step();
            cluster.pass_time();
            const bool asked = world.rebalance;
            const Homes before = well_placed(world);
            world.plan();
            if (asked) continue;
            for (const auto& [key, node] : before) {
                const Assignment& order = world.order(node.str(), key.first.str());
                const auto& all = order.instances;
                const bool there = std::find(all.begin(), all.end(), key.second) != all.end();
                EXPECT_TRUE(there && !order.leaves(key.second))
                    << "step " << i << ": " << to_string(key.second) << " of " << key.first.str()
                    << " on " << node.str() << "; " << world.shares(key.first.str());
            }
        }
    });
}

void expect_whole(const ClusterWorld& world, const AppId& app, const ManifestState& manifest) {
    const AppRecord& record = world.state.apps().at(app);
    const AppStatus& status = world.statuses.at(app);
    const std::string told = app.str() + ": " + world.shares(app.str()) + "; " + status.message;
    for (const auto& [name, service] : manifest.spec->services) {
        const bool global = service.mode == DeployMode::global;
        const int count = global ? 6 : service.replicas;
        for (int slot = 1; slot <= 7; ++slot) {
            const auto nodes = world.nodes_of(app.str(), {name, slot}).size();
            if (slot > count) {
                EXPECT_EQ(nodes, 0U) << name << "/" << slot << " of " << told;
            } else if (!global && record.unplaced.empty()) {
                EXPECT_EQ(nodes, 1U) << name << "/" << slot << " of " << told;
            }
            EXPECT_LE(nodes, 1U) << name << "/" << slot << " of " << told;
        }
    }
    EXPECT_EQ(status.phase, record.unplaced.empty() ? Phase::converged : Phase::degraded) << told;
    for (const auto& [key, order] : world.orders) {
        EXPECT_TRUE(key.second != app || order.assignment.leaving.empty()) << told;
    }
}

TEST(ClusterProperties, OnceAllIsWellEverythingRunsOnce) {
    for_each_seed([](ClusterStory& cluster) {
        ClusterWorld& world = cluster.world;
        for (int i = 0; i < steps; ++i) {
            cluster.step();
            cluster.pass_time();
            world.plan();
        }
        cluster.heal();
        for (int i = 0; i < 10; ++i) {
            world.pass(milliseconds(2'000));
            cluster.approve();
            world.report_all();
            world.plan();
        }
        for (auto& [id, host] : world.hosts)
            host.fresh.clear();
        ASSERT_TRUE(world.converge(40));
        EXPECT_TRUE(world.holds.empty());
        EXPECT_TRUE(world.approved.empty());
        EXPECT_FALSE(world.rebalance);
        EXPECT_EQ(world.statuses.size(), world.manifests.size());
        for (const auto& [app, manifest] : world.manifests)
            expect_whole(world, app, *manifest);
        for (const auto& [key, order] : world.orders)
            EXPECT_TRUE(world.manifests.contains(key.second)) << key.second.str();
        for (const auto& [node, host] : world.hosts) {
            for (const auto& [app, running] : host.runs) {
                const std::size_t asked = world.has_order(node.str(), app.str())
                                              ? world.order(node.str(), app.str()).instances.size()
                                              : 0;
                EXPECT_EQ(running.size(), asked) << app.str() << " on " << node.str();
            }
        }
    });
}

/// A leader that begins now, having read everything in some order.
ClusterState read_anew(const ClusterWorld& world, std::mt19937& random) {
    ClusterState state(world.settings);
    std::vector<std::function<void()>> reads;
    for (const auto& [key, order] : world.orders) {
        reads.push_back([&, node = key.first] { state.set_orders(node, order.assignment); });
        if (!order.assignment.lives()) continue;
        reads.push_back([&, app = key.second] {
            state.set_in_force(app, world.state.apps().at(app).in_force);
        });
    }
    for (const auto& [app, manifest] : world.manifests)
        reads.push_back([&, id = app] { state.set_manifest(id, manifest); });
    for (const auto& [key, report] : world.reports)
        reads.push_back([&] { state.set_report(report); });
    for (const auto& [app, status] : world.statuses)
        reads.push_back([&] { state.set_status(status); });
    for (const auto& [node, host] : world.hosts) {
        if (host.connected && host.heard_of) {
            reads.push_back([&] { state.set_node(host.record, world.now); });
        }
    }
    reads.push_back([&] { state.set_holds(world.holds); });
    reads.push_back([&] { state.set_draining(world.draining); });
    reads.push_back([&] { state.set_approved(world.approved); });
    reads.push_back([&] { state.set_absence_untrusted(world.absence_untrusted); });
    std::shuffle(reads.begin(), reads.end(), random);
    for (const auto& read : reads)
        read();
    state.touch_all();
    state.start_losses(world.now);
    return state;
}

TEST(ClusterProperties, TheOrderOfWhatIsReadDoesNotMatter) {
    for_each_seed([](ClusterStory& cluster) {
        ClusterWorld& world = cluster.world;
        for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
            cluster.step();
            cluster.pass_time();
            ClusterState one = read_anew(world, cluster.random());
            ClusterState other = read_anew(world, cluster.random());
            const std::string plan = text_of(plan_cluster(one, world.now));
            EXPECT_EQ(plan, text_of(plan_cluster(other, world.now))) << "step " << i;
            const MonotonicTime later = world.now + milliseconds(20'000);
            EXPECT_EQ(text_of(plan_cluster(one, later)), text_of(plan_cluster(other, later)));
            world.plan();
        }
    });
}

TEST(ClusterProperties, WhatChangesLeadToIsWhatAWholeReadLeadsTo) {
    for_each_seed([](ClusterStory& cluster) {
        ClusterWorld& world = cluster.world;
        for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
            cluster.step();
            cluster.pass_time();
            world.plan();
            const auto is_there = [](const auto& entry) {
                const SimHost& host = entry.second;
                return host.connected && host.heard_of && host.has_engine;
            };
            const bool all_there = std::all_of(world.hosts.begin(), world.hosts.end(), is_there);
            if (world.unsettled || !all_there || world.rebalance) continue;
            ClusterState fresh = read_anew(world, cluster.random());
            EXPECT_EQ(text_of(plan_cluster(fresh, world.now)), "") << "step " << i;
        }
    });
}

}  // namespace
}  // namespace nap::test
