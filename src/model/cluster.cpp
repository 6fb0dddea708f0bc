#include "model/cluster.hpp"

#include <algorithm>

namespace nap {

const char* to_string(Phase phase) {
    switch (phase) {
        case Phase::converged:
            return "converged";
        case Phase::converging:
            return "converging";
        case Phase::degraded:
            return "degraded";
        case Phase::invalid:
            return "invalid";
        case Phase::held:
            return "held";
    }
    return "unknown";
}

bool Assignment::leaves(const InstanceId& instance) const {
    return std::find(leaving.begin(), leaving.end(), instance) != leaving.end();
}

const char* to_string(NetworkScope scope) {
    switch (scope) {
        case NetworkScope::local:
            return "local";
        case NetworkScope::overlay:
            return "overlay";
        case NetworkScope::routed:
            return "routed";
    }
    return "unknown";
}

bool AppStatus::same_apart_from_time(const AppStatus& other) const {
    return app == other.app && phase == other.phase && revision == other.revision &&
           modify_index == other.modify_index && services == other.services &&
           errors == other.errors && message == other.message;
}

}  // namespace nap
