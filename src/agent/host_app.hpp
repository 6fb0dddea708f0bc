#pragma once

#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "actuators/plan_walk.hpp"
#include "model/attempts.hpp"
#include "model/cluster.hpp"

namespace nap {

/// What the host controller keeps about one app while it runs. All of it can be found out again by
/// looking, except `attempts`, which is kept on disk.
struct HostApp {
    Attempts attempts;
    Attempts saved_attempts;
    std::list<PlanWalk> walks;
    std::uint64_t generation = 0;                  ///< counts changes of the order
    int failures = 0;                              ///< of looking at the engine, in a row
    std::map<std::string, TimePoint> restarts;     ///< instance being restarted → when it ended
    std::map<std::string, ContainerId> overtaken;  ///< instance → container that went meanwhile
    std::optional<HostReport> report;              ///< what is to be published
    std::optional<HostReport> published;           ///< what Consul has, as far as is known
    std::string last_plan;                         ///< its text, so that each is logged once
    bool kept_stopped = false;                     ///< what runs on the lease, for it is over

    [[nodiscard]] std::set<std::string> busy() const {
        std::set<std::string> objects;
        for (const PlanWalk& walk : walks)
            walk.add_busy(objects);
        return objects;
    }
};

}  // namespace nap
