#include <fmt/format.h>

#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
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
    if (field.node.is_null()) return aliases;
    if (!field.expect_mapping()) return aliases;
    field.check_keys(keys::service_network);
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

/// Adds `name:address`.
void add_host(const YamlField& field, std::string_view name, std::string address,
              ServiceSpec& service) {
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
        for (const YamlEntry& entry : field.node.entries) {
            const YamlField child = field.child(entry);
            const auto aliases = read_aliases(child);
            if (use_network(child, entry.key, draft)) {
                service.networks.push_back({entry.key, aliases});
            }
        }
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
            item.error(fmt::format("{} is listed twice; remove one of the two", quoted(*name)));
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
