#include "reconciler/node_table.hpp"

#include <tuple>

namespace nap {

void NodeView::add(const ServiceSpec& service) {
    ++instances;
    memory_bytes_reserved += service.memory_bytes_reserved;
    nano_cpus_reserved += service.nano_cpus_reserved;
    for (const PortSpec& port : service.ports) {
        if (port.published != 0) ports.insert({port.published, port.protocol, port.host_ip});
    }
    if (!service.container_name.empty()) container_names.insert(service.container_name);
}

void NodeView::remove(const ServiceSpec& service) {
    --instances;
    memory_bytes_reserved -= service.memory_bytes_reserved;
    nano_cpus_reserved -= service.nano_cpus_reserved;
    for (const PortSpec& port : service.ports) {
        if (port.published == 0) continue;
        const auto taken = ports.find({port.published, port.protocol, port.host_ip});
        if (taken != ports.end()) ports.erase(taken);
    }
    const auto name = container_names.find(service.container_name);
    if (name != container_names.end()) container_names.erase(name);
}

bool NodeTable::LessLoaded::operator()(const Entry* a, const Entry* b) const {
    return std::tie(a->second.instances, a->first) < std::tie(b->second.instances, b->first);
}

NodeTable& NodeTable::operator=(NodeTable other) noexcept {
    nodes_.swap(other.nodes_);
    by_load_.swap(other.by_load_);
    return *this;
}

NodeView& NodeTable::node(const NodeId& id) {
    by_load_.clear();
    const auto [found, made] = nodes_.try_emplace(id);
    if (made) found->second.record.node = found->first;
    return found->second;
}

const NodeView* NodeTable::find(const NodeId& id) const {
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? nullptr : &found->second;
}

NodeId NodeTable::known(const NodeId& id) const {
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? id : found->first;
}

void NodeTable::erase(const NodeId& id) {
    by_load_.clear();
    nodes_.erase(id);
}

const NodeTable::Entry* NodeTable::entry(const NodeId& id) const {
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? nullptr : &*found;
}

template <class Change>
void NodeTable::change(const NodeId& id, Change change) {
    const auto found = nodes_.find(id);
    if (found == nodes_.end()) return;
    // Its place in the order is by what changes: out first, then in again.
    auto handle = by_load_.extract(&*found);
    change(found->second);
    if (handle) by_load_.insert(std::move(handle));
}

void NodeTable::occupy(const NodeId& id, const ServiceSpec& service) {
    if (!nodes_.contains(id)) node(id);
    change(id, [&](NodeView& view) { view.add(service); });
}

void NodeTable::vacate(const NodeId& id, const ServiceSpec& service) {
    change(id, [&](NodeView& view) { view.remove(service); });
}

const NodeTable::LoadOrder& NodeTable::by_load() {
    if (by_load_.empty()) {
        for (const Entry& each : nodes_)
            by_load_.insert(&each);
    }
    return by_load_;
}

}  // namespace nap
