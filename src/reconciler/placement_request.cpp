#include "reconciler/placement_request.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace nap {

namespace {

bool is_every_address(std::string_view host_ip) {
    return host_ip.empty() || host_ip == "0.0.0.0" || host_ip == "::";
}

bool overlap(const std::string& a, const std::string& b) {
    return a == b || is_every_address(a) || is_every_address(b);
}

std::string mebibytes(std::int64_t bytes) {
    return fmt::format("{:.4g} MiB", static_cast<double>(bytes) / (1 << 20));
}

std::string cpus(std::int64_t nano_cpus) {
    return fmt::format("{:.4g}", static_cast<double>(nano_cpus) / 1e9);
}

std::string port_text(const PortSpec& port) {
    const std::string number = fmt::format("{}/{}", port.published, port.protocol);
    return is_every_address(port.host_ip) ? number : port.host_ip + ":" + number;
}

bool exceeds(std::int64_t wanted, std::int64_t taken, std::int64_t capacity) {
    return wanted > 0 && capacity > 0 && wanted > capacity - taken;
}

}  // namespace

PlacementRequest::PlacementRequest(const PlacementInput& input, const std::string& service_name)
    : app(input.app),
      name(service_name),
      service(input.app.services.at(service_name)),
      barred(input.barred) {
    for (const Constraint& constraint : service.placement.constraints)
        rules.emplace_back(constraint);
}

Refusal PlacementRequest::standing_refusal(const NodeTable::Entry& node) const {
    const auto& [id, view] = node;
    if (!view.alive) return {.kind = Refusal::Kind::gone};
    if (view.draining) return {.kind = Refusal::Kind::draining};
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (!rules[i].admits(view.record)) return {.kind = Refusal::Kind::constraint, .which = i};
    }
    if (!barred.empty() && barred.contains(id)) return {.kind = Refusal::Kind::barred};
    return {};
}

Refusal PlacementRequest::room_refusal(const NodeTable::Entry& node) const {
    const NodeView& view = node.second;
    const int per_node_max = service.placement.per_node_max;
    if (per_node_max > 0 && count_on(node) >= per_node_max) {
        return {.kind = Refusal::Kind::per_node_max};
    }
    if (!service.container_name.empty() && view.container_names.contains(service.container_name)) {
        return {.kind = Refusal::Kind::container_name};
    }
    for (std::size_t i = 0; i < service.ports.size(); ++i) {
        if (port_is_taken(view, service.ports[i])) return {.kind = Refusal::Kind::port, .which = i};
    }
    if (exceeds(service.memory_bytes_reserved, view.memory_bytes_reserved,
                view.record.memory_bytes)) {
        return {.kind = Refusal::Kind::memory};
    }
    if (exceeds(service.nano_cpus_reserved, view.nano_cpus_reserved, view.record.nano_cpus)) {
        return {.kind = Refusal::Kind::cpus};
    }
    return {};
}

Refusal PlacementRequest::refusal(const NodeTable::Entry& node) const {
    const Refusal standing = standing_refusal(node);
    return standing ? standing : room_refusal(node);
}

std::string PlacementRequest::why(const Refusal& refusal, const NodeTable::Entry& node) const {
    const NodeView& view = node.second;
    switch (refusal.kind) {
        case Refusal::Kind::none:
            return {};
        case Refusal::Kind::gone:
            return view.record.state == "ready" ? "gone" : view.record.state;
        case Refusal::Kind::draining:
            return "draining";
        case Refusal::Kind::barred:
            return barred.at(node.first);
        case Refusal::Kind::constraint:
            return rules[refusal.which].refusal(view.record);
        case Refusal::Kind::per_node_max:
            return fmt::format("has {} of at most {} for each node", count_on(node),
                               service.placement.per_node_max);
        case Refusal::Kind::container_name:
            return fmt::format("container name {} is taken", service.container_name);
        case Refusal::Kind::port:
            return fmt::format("port {} is taken", port_text(service.ports[refusal.which]));
        case Refusal::Kind::memory:
            return fmt::format("memory: {} of {} not reserved, {} needed",
                               mebibytes(view.record.memory_bytes - view.memory_bytes_reserved),
                               mebibytes(view.record.memory_bytes),
                               mebibytes(service.memory_bytes_reserved));
        case Refusal::Kind::cpus:
            return fmt::format("CPUs: {} of {} not reserved, {} needed",
                               cpus(view.record.nano_cpus - view.nano_cpus_reserved),
                               cpus(view.record.nano_cpus), cpus(service.nano_cpus_reserved));
    }
    return {};
}

void PlacementRequest::count_kept(const Placed& kept, const NodeTable& nodes) {
    // Many instances, few nodes: look each node up once.
    std::unordered_map<NodeId, int> by_id;
    for (auto next = kept.lower_bound({.service = name, .slot = 0});
         next != kept.end() && next->first.service == name; ++next) {
        ++by_id[next->second];
    }
    for (const auto& [id, count] : by_id) {
        if (const NodeTable::Entry* entry = nodes.entry(id)) counts[entry] = count;
    }
}

int PlacementRequest::count_on(const NodeTable::Entry& node) const {
    const auto found = counts.find(&node);
    return found == counts.end() ? 0 : found->second;
}

bool PlacementRequest::port_is_taken(const NodeView& view, const PortSpec& port) const {
    if (port.published == 0 || view.ports.empty()) return false;
    const auto first = view.ports.lower_bound({port.published, port.protocol, ""});
    for (auto next = first; next != view.ports.end(); ++next) {
        if (next->published != port.published || next->protocol != port.protocol) break;
        if (overlap(next->host_ip, port.host_ip)) return true;
    }
    return false;
}

NodeRefusals explain_service(const PlacementRequest& request, const NodeTable& nodes) {
    NodeRefusals refusals;
    for (const NodeTable::Entry& node : nodes.all()) {
        std::string reason = request.why(request.refusal(node), node);
        const bool enough =
            request.service.mode == DeployMode::global && request.count_on(node) > 0;
        if (reason.empty() && enough) reason = "has its instance already";
        refusals.push_back({.node = node.first, .reason = std::move(reason)});
    }
    return refusals;
}

}  // namespace nap
