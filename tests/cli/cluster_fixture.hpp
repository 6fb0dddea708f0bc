#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/cluster_view.hpp"

namespace nap {

/// A cluster of four nodes: nap0 leads, nap1 drains, nap2 may not lead, nap3 is lost. The app
/// `shop` wants four of `web`, all on port 80 and none in zone c, and a `db` with a volume.
inline constexpr char shop_manifest[] =
    "services:\n"
    "  web:\n"
    "    image: nginx\n"
    "    ports: [\"80:80\"]\n"
    "    deploy: {replicas: 4, placement: {constraints: [node.labels.zone!=c]}}\n"
    "  db: {image: redis, volumes: [\"data:/data\"]}\n"
    "volumes: {data: }\n";

inline NodeRecord node_record(const std::string& name, const std::string& zone) {
    NodeRecord record;
    record.node = NodeId(name);
    record.address = "192.0.2.1";
    record.engine_version = "20.10.24";
    record.labels = {{"zone", zone}};
    record.nano_cpus = 2'000'000'000;
    record.memory_bytes = 16LL << 30;
    return record;
}

inline Assignment assignment_of(const std::string& app, const std::string& manifest,
                                std::vector<InstanceId> instances) {
    Assignment assignment;
    assignment.app = AppId(app);
    assignment.manifest = {app + ".yml", manifest};
    assignment.manifest_index = 7;
    assignment.instances = std::move(instances);
    return assignment;
}

inline ClusterView four_nodes() {
    ClusterView view;
    const std::pair<const char*, const char*> zones[] = {
        {"nap0", "a"}, {"nap1", "b"}, {"nap2", "c"}};
    for (const auto& [name, zone] : zones)
        view.records[NodeId(name)] = node_record(name, zone);
    view.records[NodeId("nap2")].leads = false;
    view.controls[NodeId("nap1")].draining = true;
    view.leader = NodeId("nap0");
    const std::pair<const char*, std::vector<InstanceId>> shares[] = {
        {"nap0", {{"db", 1}, {"web", 1}}}, {"nap1", {{"web", 2}}}, {"nap3", {{"web", 3}}}};
    for (const auto& [name, instances] : shares) {
        view.assigned[{NodeId(name), AppId("shop")}] =
            assignment_of("shop", shop_manifest, instances);
    }
    return view;
}

}  // namespace nap
