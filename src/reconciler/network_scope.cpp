#include "reconciler/network_scope.hpp"

namespace nap {

namespace {

constexpr char overlay_driver[] = "overlay";

}  // namespace

bool is_overlay(const NetworkSpec& network, NetworkScope scope) {
    if (network.external) return false;
    if (network.driver.empty()) return scope == NetworkScope::overlay;
    return network.driver == overlay_driver;
}

NetworkSpec resolve_scope(NetworkSpec network, NetworkScope scope) {
    if (!is_overlay(network, scope)) return network;
    network.driver = overlay_driver;
    network.attachable = true;
    return network;
}

}  // namespace nap
