// What is here, is this cluster's, and nobody has asked for: an engine may carry out a creation
// long after its app has gone from the host. Absence of an order is not an order to remove (S5), so
// it is only told of.

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "agent/host_controller.hpp"

namespace nap {

bool HostController::is_unclaimed(const std::optional<OwnerLabels>& owner) const {
    const ClusterId& ours = assignments_.cluster().cluster;
    return owner && !ours.empty() && owner->cluster == ours &&
           assignments_.find(owner->app) == nullptr;
}

asio::awaitable<void> HostController::look_for_unclaimed() {
    // Before the first orders everything is.
    if (!has_orders_) co_return;
    const auto containers = co_await parts_.engine.list_containers();
    const auto networks = co_await parts_.engine.list_networks();
    if (!containers || !networks) co_return;
    std::map<std::string, AppId> found;
    for (const ContainerSummary& container : *containers) {
        if (is_unclaimed(container.owner)) {
            found.emplace("container " + container.name, container.owner->app);
        }
    }
    for (const ObservedNetwork& network : *networks) {
        if (network.swarm || !is_unclaimed(network.owner)) continue;
        found.emplace("network " + network.name, network.owner->app);
    }
    for (const auto& [object, app] : found) {
        if (unclaimed_.contains(object)) continue;
        spdlog::warn(
            "{} is of app {}, for which this host has no order; it is left as it is. If it is not "
            "wanted: docker {}",
            object, app.str(),
            object.starts_with("network ") ? "network rm " + object.substr(8)
                                           : "rm -f " + object.substr(10));
    }
    unclaimed_ = std::move(found);
}

}  // namespace nap
