#include "reconciler/instances.hpp"

#include <algorithm>

namespace nap {

std::vector<InstanceId> all_instances(const AppSpec& spec) {
    std::vector<InstanceId> instances;
    for (const auto& [name, service] : spec.services) {
        for (int slot = 1; slot <= service.replicas; ++slot)
            instances.push_back({name, slot});
    }
    std::sort(instances.begin(), instances.end());
    return instances;
}

}  // namespace nap
