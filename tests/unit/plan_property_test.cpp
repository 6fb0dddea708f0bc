// What must hold of every plan, whatever the manifest and the host: checked on made-up worlds. A
// failure names its seed; NAP_SEED=<n> runs that one alone.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/host_sim.hpp"
#include "support/random_world.hpp"
#include "support/seeds.hpp"

namespace nap::test {
namespace {

constexpr unsigned seeds = 1500;
constexpr int rounds_max = 12;

template <class Check>
void for_each_seed(Check check) {
    run_seeds(seeds, [&](unsigned seed) {
        RandomWorld random(seed);
        World world = random.make();
        check(random, world);
    });
}

/// The id an action works on, when it names one.
std::optional<ContainerId> container_of(const Action& action) {
    return std::visit(
        [](const auto& a) -> std::optional<ContainerId> {
            if constexpr (requires {
                              a.instance;
                              a.id;
                          })
                return a.id;
            return std::nullopt;
        },
        action);
}

bool is_destructive(const Action& action) {
    return std::holds_alternative<StopContainer>(action) ||
           std::holds_alternative<RemoveContainer>(action) ||
           std::holds_alternative<RestartContainer>(action);
}

const ObservedContainer* find(const World& world, const ContainerId& id) {
    for (const ObservedContainer& container : world.host.containers) {
        if (container.id == id) return &container;
    }
    return nullptr;
}

bool ours(const World& world, const std::optional<OwnerLabels>& owner) {
    return owner && owner->cluster == world.cluster && owner->app == world.app.app;
}

bool fits(const World& world, const ObservedContainer& container) {
    const InstanceId& instance = container.owner->instance;
    const auto& wanted = world.instances;
    if (std::find(wanted.begin(), wanted.end(), instance) == wanted.end()) return false;
    if (container.owner->config_hash != current_hash(world.app, instance.service)) return false;
    const auto image = world.host.images.find(world.app.services.at(instance.service).image);
    return image == world.host.images.end() || image->second == container.image_id;
}

bool runs_well(const World& world, const ObservedContainer& container) {
    return ours(world, container.owner) && container.state == ContainerState::running &&
           container.health != Health::unhealthy && fits(world, container);
}

/// Plans and applies until nothing is left to do, time passing as the plans ask.
void converge(World& world, HostSim& sim, std::mt19937& random) {
    for (int round = 0; round < rounds_max; ++round) {
        const Plan plan = world.plan();
        SCOPED_TRACE("round " + std::to_string(round) + "\n" + to_string(plan));
        const auto refused = sim.apply(plan, random);
        ASSERT_FALSE(refused) << *refused;
        if (plan.steps.empty() && !plan.look_again) return;
        world.now = plan.look_again ? std::max(world.now, *plan.look_again)
                                    : world.now + std::chrono::seconds(1);
        sim.settle();
    }
}

void expect_converged(const World& world, bool obstructed) {
    const Plan plan = world.plan();
    EXPECT_TRUE(plan.steps.empty()) << to_string(plan);
    EXPECT_FALSE(plan.look_again);
    EXPECT_TRUE(obstructed || plan.blocked.empty()) << to_string(plan);
}

TEST(PlanProperty, AppliedPlansConverge) {
    for_each_seed([](RandomWorld& random, World& world) {
        HostSim sim(world);
        converge(world, sim, random.random());
        expect_converged(world, random.obstructed());
    });
}

TEST(PlanProperty, APlanCutShortAnywhereConverges) {
    for_each_seed([](RandomWorld& random, World& world) {
        HostSim sim(world);
        for (int crash = 0; crash < 3; ++crash) {
            const Plan plan = world.plan();
            SCOPED_TRACE("cut short:\n" + to_string(plan));
            const auto refused =
                sim.apply(plan, random.random(), random.random()() % (plan.steps.size() + 1));
            ASSERT_FALSE(refused) << *refused;
        }
        converge(world, sim, random.random());
        expect_converged(world, random.obstructed());
    });
}

TEST(PlanProperty, WhatRunsAsWantedIsNeverStopped) {
    for_each_seed([](RandomWorld&, World& world) {
        const Plan plan = world.plan();
        for (const ObservedContainer& container : world.host.containers) {
            if (!runs_well(world, container)) continue;
            const bool twice = std::any_of(
                world.host.containers.begin(), world.host.containers.end(), [&](const auto& c) {
                    return c.id != container.id && ours(world, c.owner) &&
                           c.owner->instance == container.owner->instance &&
                           c.state == ContainerState::running && fits(world, c);
                });
            for (const Step& step : plan.steps) {
                const bool hit = container_of(step.action) == container.id;
                // A service may ask to be restarted when an address changes.
                const bool asked = step.cause.starts_with("on_relink");
                EXPECT_FALSE(hit && is_destructive(step.action) && !twice && !asked)
                    << container.id.str() << "\n"
                    << to_string(plan);
            }
        }
    });
}

TEST(PlanProperty, TouchesOnlyWhatLabelsSayIsOurs) {
    for_each_seed([](RandomWorld&, World& world) {
        const Plan plan = world.plan();
        for (const Step& step : plan.steps) {
            if (const auto id = container_of(step.action)) {
                const ObservedContainer* container = find(world, *id);
                ASSERT_NE(container, nullptr);
                EXPECT_TRUE(ours(world, container->owner)) << to_string(plan);
            }
            if (const auto* remove = std::get_if<RemoveNetwork>(&step.action)) {
                for (const ObservedNetwork& network : world.host.networks) {
                    EXPECT_TRUE(network.id != remove->id || ours(world, network.owner));
                }
            }
        }
    });
}

TEST(PlanProperty, NetworksThatOthersMayBeOnStay) {
    for_each_seed([](RandomWorld&, World& world) {
        const Plan plan = world.plan();
        for (const Step& step : plan.steps) {
            const auto* remove = std::get_if<RemoveNetwork>(&step.action);
            if (remove == nullptr) continue;
            for (const ObservedNetwork& network : world.host.networks) {
                const bool may = world.swarm_manager && !world.elsewhere;
                EXPECT_TRUE(network.id != remove->id || !network.swarm || may) << to_string(plan);
            }
        }
    });
}

TEST(PlanProperty, NothingIsStoppedOrRemovedWhileFrozen) {
    for_each_seed([](RandomWorld& random, World& world) {
        world.frozen = true;
        HostSim sim(world);
        for (int round = 0; round < 3; ++round) {
            const Plan plan = world.plan();
            for (const Step& step : plan.steps) {
                EXPECT_FALSE(is_destructive(step.action) ||
                             std::holds_alternative<RemoveNetwork>(step.action))
                    << to_string(plan);
            }
            const auto refused = sim.apply(plan, random.random());
            ASSERT_FALSE(refused) << *refused << "\n" << to_string(plan);
        }
        world.frozen = false;
        converge(world, sim, random.random());
        expect_converged(world, random.obstructed());
    });
}

TEST(PlanProperty, WhatDiedIsStartedWhileFrozen) {
    for_each_seed([](RandomWorld&, World& world) {
        const Plan free = world.plan();
        world.frozen = true;
        const Plan plan = world.plan();
        const auto starts = [](const Plan& of, const ContainerId& id) {
            return std::any_of(of.steps.begin(), of.steps.end(), [&](const Step& step) {
                const auto* start = std::get_if<StartContainer>(&step.action);
                return start != nullptr && start->id == id;
            });
        };
        for (const ObservedContainer& container : world.host.containers) {
            if (!starts(free, container.id)) continue;
            const auto& all = world.host.containers;
            const bool alone =
                std::count_if(all.begin(), all.end(), [&](const auto& c) {
                    return ours(world, c.owner) && c.owner->instance == container.owner->instance;
                }) == 1;
            const bool needs_nothing =
                dependencies_of(world.app.services.at(container.owner->instance.service)).empty();
            EXPECT_TRUE(!alone || !needs_nothing || starts(plan, container.id))
                << to_string(plan) << "instead of\n"
                << to_string(free);
        }
    });
}

TEST(PlanProperty, VolumesAreNeverLost) {
    for_each_seed([](RandomWorld& random, World& world) {
        const auto before = world.host.volumes;
        HostSim sim(world);
        converge(world, sim, random.random());
        for (const ObservedVolume& volume : before) {
            EXPECT_TRUE(std::any_of(world.host.volumes.begin(), world.host.volumes.end(),
                                    [&](const auto& v) { return v.name == volume.name; }));
        }
    });
}

TEST(PlanProperty, OrderOfTheInputDoesNotMatter) {
    for_each_seed([](RandomWorld& random, World& world) {
        const Plan plan = world.plan();
        auto& host = world.host;
        std::shuffle(host.containers.begin(), host.containers.end(), random.random());
        std::shuffle(host.networks.begin(), host.networks.end(), random.random());
        std::shuffle(host.volumes.begin(), host.volumes.end(), random.random());
        std::shuffle(world.instances.begin(), world.instances.end(), random.random());
        EXPECT_EQ(to_string(world.plan()), to_string(plan));
        EXPECT_EQ(world.plan().look_again, plan.look_again);
    });
}

TEST(PlanProperty, StepsComeAfterEarlierOnes) {
    for_each_seed([](RandomWorld&, World& world) {
        const Plan plan = world.plan();
        for (std::size_t i = 0; i < plan.steps.size(); ++i) {
            for (const std::size_t before : plan.steps[i].after)
                EXPECT_LT(before, i);
        }
    });
}

TEST(PlanProperty, BusyObjectsAreLeftAlone) {
    for_each_seed([](RandomWorld& random, World& world) {
        for (const Step& step : world.plan().steps) {
            if (random.random()() % 3 == 0) world.busy.insert(object_of(step.action));
        }
        const Plan plan = world.plan();
        for (const Step& step : plan.steps) {
            EXPECT_FALSE(world.busy.contains(object_of(step.action))) << to_string(plan);
        }
    });
}

TEST(PlanProperty, AnInstanceThatCannotBeReplacedKeepsRunning) {
    for_each_seed([](RandomWorld&, World& world) {
        const Plan plan = world.plan();
        for (const Step& step : plan.steps) {
            const auto* stop = std::get_if<StopContainer>(&step.action);
            if (stop == nullptr || !ours(world, find(world, stop->id)->owner)) continue;
            const auto& wanted = world.instances;
            if (std::find(wanted.begin(), wanted.end(), stop->instance) == wanted.end()) continue;
            const bool goes_on =
                std::any_of(plan.steps.begin(), plan.steps.end(),
                            [&](const Step& s) {
                                const auto* start = std::get_if<StartContainer>(&s.action);
                                return start != nullptr && start->instance == stop->instance;
                            }) ||
                std::any_of(world.host.containers.begin(), world.host.containers.end(),
                            [&](const ObservedContainer& c) {
                                return c.id != stop->id && c.owner->instance == stop->instance &&
                                       ours(world, c.owner) && fits(world, c) &&
                                       c.state != ContainerState::created &&
                                       c.state != ContainerState::dead;
                            });
            EXPECT_TRUE(goes_on) << to_string(plan);
        }
    });
}

}  // namespace
}  // namespace nap::test
