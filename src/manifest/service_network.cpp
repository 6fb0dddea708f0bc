#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/readers.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

/// Takes the network into the spec, or reports that it is not there.
bool use_network(const YamlField& field, const std::string& name, Draft& draft) {
    if (name == "default") {
        NetworkSpec implied;
        implied.name = fmt::format("{}_default", draft.spec.app.str());
        draft.networks_declared.emplace(name, implied);
    }
    const auto declared = draft.networks_declared.find(name);
    if (declared != draft.networks_declared.end()) {
        draft.spec.networks.insert(*declared);
        return true;
    }
    if (field.errors.full()) return false;
    std::vector<std::string_view> names;
    for (const auto& [candidate, network] : draft.networks_declared)
        names.push_back(candidate);
    const std::string near = suggestion(name, names);
    field.error(fmt::format("the network {} is not declared{}", quoted(name),
                            near.empty() ? "; declare it under the top-level `networks:`" : near));
    return false;
}

std::vector<std::string> read_aliases(const YamlField& field) {
    std::vector<std::string> aliases;
    const auto list = field.find("aliases");
    if (!list || !list->expect_sequence()) return aliases;
    for (std::size_t i = 0; i < list->node.items.size(); ++i) {
        const YamlField item = list->item(i);
        const auto alias = item.string();
        if (!alias) continue;
        if (!is_plain_name(*alias)) item.error("expected a host name of letters, digits and `._-`");
        aliases.push_back(*alias);
    }
    return aliases;
}

/// A membership, with what decides over its place among the others.
struct Membership {
    ServiceNetwork network;
    std::int64_t priority = 0;
    std::string mac_address;
    YamlPosition mac_position;
};

/// The engine takes fixed addresses only of subnets that somebody chose.
void check_subnet(const YamlField& field, const NetworkSpec& network) {
    if (network.external || !network.ipam_driver.empty()) return;
    const bool chosen = std::any_of(network.pools.begin(), network.pools.end(),
                                    [](const IpamPool& pool) { return !pool.subnet.empty(); });
    if (!chosen) {
        field.error(
            "needs a network with a subnet of its own: give it `ipam: {config: [{subnet: …}]}` "
            "under the top-level `networks`");
    }
}

void read_endpoint(const YamlField& field, const NetworkSpec& network, EndpointOptions& endpoint) {
    if (const auto address = field.find("ipv4_address")) {
        endpoint.ipv4_address = read_address(*address);
        check_subnet(*address, network);
    }
    if (const auto address = field.find("ipv6_address")) {
        endpoint.ipv6_address = read_address(*address);
        check_subnet(*address, network);
    }
    if (const auto list = field.find("link_local_ips")) {
        if (list->expect_sequence()) endpoint.link_local_ips = read_addresses(*list);
    }
    const auto options = field.find("driver_opts");
    if (options && options->expect_mapping()) {
        endpoint.driver_opts = read_pairs(*options, PairValues::required);
    }
}

Membership read_membership(const YamlField& field, const std::string& key, const Draft& draft) {
    Membership membership;
    membership.network.network = key;
    if (field.node.is_null() || !field.expect_mapping()) return membership;
    check_keys(field, keys::service_network);
    membership.network.aliases = read_aliases(field);
    const auto declared = draft.networks_declared.find(key);
    if (declared != draft.networks_declared.end()) {
        read_endpoint(field, declared->second, membership.network.endpoint);
    }
    if (const auto priority = field.find("priority")) {
        membership.priority = priority->integer(-1'000'000'000, 1'000'000'000).value_or(0);
    }
    if (const auto mac = field.find("mac_address")) {
        membership.mac_address = read_mac_address(*mac);
        membership.mac_position = mac->node.position;
    }
    return membership;
}

/// In the order they are connected in; the first one gives the container its MAC address.
void join_all(const YamlField& field, std::vector<Membership> memberships, ServiceSpec& service) {
    std::stable_sort(memberships.begin(), memberships.end(),
                     [](const auto& a, const auto& b) { return a.priority > b.priority; });
    for (std::size_t i = 0; i < memberships.size(); ++i) {
        Membership& membership = memberships[i];
        const std::string path = join_path(field.path, membership.network.network);
        service.networks.push_back(std::move(membership.network));
        if (membership.mac_address.empty()) continue;
        const auto error = [&](const char* message) {
            field.errors.add(membership.mac_position, join_path(path, "mac_address"), message);
        };
        std::string& mac_address = service.options.mac_address;
        if (i > 0) {
            error(
                "on a network that is not connected first this needs Docker 25 (API 1.44) or "
                "newer, and nap serves 20.10; give it the highest `priority`, or remove this");
        } else if (!mac_address.empty() && mac_address != membership.mac_address) {
            error("`mac_address` of the service says something else; drop one of the two");
        }
        mac_address = membership.mac_address;
    }
}

/// Adds `name:address`.
void add_host(const YamlField& field, std::string_view name, std::string address,
              ServiceSpec& service) {
    name = trimmed(name);
    address = trimmed(address);
    if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
    }
    if (!is_plain_name(name)) {
        field.error("expected a host name of letters, digits and `._-` before the address");
    } else if (address != "host-gateway" && !is_address(address)) {
        field.error(
            fmt::format("expected an IP address or `host-gateway`, found {}", quoted(address)));
    } else {
        service.extra_hosts.push_back(fmt::format("{}:{}", name, address));
    }
}

void read_host_line(const YamlField& field, ServiceSpec& service) {
    const auto text = field.string();
    if (!text) return;
    // `=` first: the address after it may have colons in it.
    std::size_t separator = text->find('=');
    if (separator == std::string::npos) separator = text->find(':');
    if (separator == std::string::npos) {
        field.error("expected `name:address` or `name=address`");
        return;
    }
    add_host(field, std::string_view(*text).substr(0, separator), text->substr(separator + 1),
             service);
}

}  // namespace

void read_service_networks(const YamlField& field, Draft& draft, ServiceSpec& service) {
    if (field.node.is_null()) return;
    if (field.is_mapping()) {
        std::vector<Membership> memberships;
        for (const YamlEntry& entry : field.node.entries) {
            const YamlField child = field.child(entry);
            auto membership = read_membership(child, entry.key, draft);
            if (use_network(child, entry.key, draft)) memberships.push_back(std::move(membership));
        }
        join_all(field, std::move(memberships), service);
        return;
    }
    if (!field.is_sequence()) {
        field.unexpected("a list or a mapping of networks");
        return;
    }
    std::set<std::string> seen;
    for (std::size_t i = 0; i < field.node.items.size(); ++i) {
        const YamlField item = field.item(i);
        const auto name = item.string();
        if (!name) continue;
        if (!seen.insert(*name).second) {
            item.warn(fmt::format("{} is listed twice; remove one of the two", quoted(*name)));
        } else if (use_network(item, *name, draft)) {
            service.networks.push_back({*name, {}});
        }
    }
}

void join_default_network(Draft& draft, ServiceSpec& service) {
    NetworkSpec implied;
    implied.name = fmt::format("{}_default", draft.spec.app.str());
    const auto declared = draft.networks_declared.emplace("default", implied).first;
    draft.spec.networks.insert(*declared);
    service.networks.push_back({"default", {}});
}

void read_extra_hosts(const YamlField& field, ServiceSpec& service) {
    if (field.is_mapping()) {
        for (const YamlEntry& entry : field.node.entries) {
            const YamlField child = field.child(entry);
            if (child.is_sequence()) {
                for (std::size_t i = 0; i < child.node.items.size(); ++i) {
                    const auto address = child.item(i).string();
                    if (address) add_host(child.item(i), entry.key, *address, service);
                }
            } else if (const auto address = child.string()) {
                add_host(child, entry.key, *address, service);
            }
        }
        return;
    }
    if (!field.is_sequence()) {
        field.unexpected("a list of `name:address` or a mapping");
        return;
    }
    for (std::size_t i = 0; i < field.node.items.size(); ++i)
        read_host_line(field.item(i), service);
}

}  // namespace nap
