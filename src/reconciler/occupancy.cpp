#include "reconciler/occupancy.hpp"

namespace nap {

void Occupancy::add(const AppSpec& app, const Placed& placed, int sign) {
    for (const auto& [instance, node] : placed)
        changes_[{&app.services.at(instance.service), node}] += sign;
}

void Occupancy::add(const AppRecord& app, int sign) {
    if (!app.in_force || !app.in_force->spec) return;
    const auto& services = app.in_force->spec->services;
    for (const auto& [node, order] : app.orders) {
        for (const InstanceId& instance : order.instances) {
            const auto service = services.find(instance.service);
            if (service != services.end()) changes_[{&service->second, node}] += sign;
        }
    }
}

void Occupancy::apply(NodeTable& nodes) {
    for (const auto& [key, count] : std::exchange(changes_, {})) {
        for (int i = count; i < 0; ++i)
            nodes.vacate(key.second, *key.first);
        for (int i = count; i > 0; --i)
            nodes.occupy(key.second, *key.first);
    }
}

}  // namespace nap
