#pragma once

#include <map>
#include <string>

#include "reconciler/placement.hpp"

namespace nap::test {

inline constexpr std::int64_t mebibyte = 1 << 20;

/// One app and the nodes it is to be placed on.
struct PlacementWorld {
    NodeTable nodes;
    AppSpec app;
    Placed kept;
    bool together = false;
    std::map<NodeId, std::string> barred;

    PlacementWorld() { app.app = AppId("shop"); }

    /// A ready node; what it has room for is not known.
    NodeView& add_node(const std::string& name, const StringMap& labels = {}) {
        NodeView& view = nodes.node(NodeId(name));
        view.alive = true;
        view.record.id = "engine-of-" + name;
        view.record.os = "linux";
        view.record.architecture = "amd64";
        view.record.labels = labels;
        return view;
    }

    ServiceSpec& add_service(const std::string& name, int replicas = 1) {
        ServiceSpec& service = app.services[name];
        service.replicas = replicas;
        return service;
    }

    /// The instance has a node. To be called once its service is as it shall be.
    void keep(const std::string& service, int slot, const std::string& node) {
        kept[{.service = service, .slot = slot}] = NodeId(node);
        nodes.occupy(NodeId(node), app.services.at(service));
    }

    /// Instances of other apps.
    void fill(const std::string& node, int count) {
        for (int i = 0; i < count; ++i)
            nodes.occupy(NodeId(node), ServiceSpec());
    }

    [[nodiscard]] PlacementInput input() const {
        return {.app = app, .kept = kept, .together = together, .barred = barred};
    }
    PlacementResult place() { return place_app(input(), nodes); }
    [[nodiscard]] NodeRefusals explain(const std::string& service) const {
        return explain_placement(input(), service, nodes);
    }
};

inline std::string text(const NodeRefusals& refusals) {
    std::string text;
    for (const NodeRefusal& refusal : refusals) {
        text += (text.empty() ? "" : "; ") + refusal.node.str() + ": " +
                (refusal.reason.empty() ? "yes" : refusal.reason);
    }
    return text;
}

/// `web/1 on a`, a line for each; then who has no node and why, then who is surplus.
inline std::string text(const PlacementResult& result) {
    std::string lines;
    for (const auto& [instance, node] : result.placed)
        lines += to_string(instance) + " on " + node.str() + "\n";
    for (const Unplaced& unplaced : result.unplaced)
        lines += to_string(unplaced.instance) + " nowhere: " + text(*unplaced.refusals) + "\n";
    for (const InstanceId& instance : result.surplus)
        lines += to_string(instance) + " surplus\n";
    return lines;
}

}  // namespace nap::test
