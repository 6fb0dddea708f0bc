#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/readers.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

bool read_external(const YamlField& field) {
    const auto external = field.find("external");
    if (!external) return false;
    // The older form, `external: {name: …}`.
    const bool is_external = external->is_mapping() || external->boolean().value_or(false);
    if (!is_external) return false;
    for (const YamlEntry& entry : field.node.entries) {
        if (entry.key == "external" || entry.key == "name" || entry.key.starts_with("x-")) continue;
        field.errors.warn(entry.position, join_path(field.path, entry.key),
                          "has no effect on something external, which nap does not create; remove "
                          "one of the two");
    }
    return true;
}

/// What the engine calls it: `name:`, else the key itself when external, else `<app>_<key>`.
std::string read_engine_name(const YamlField& field, const std::string& key, bool external,
                             const Draft& draft) {
    constexpr const char* older[] = {"external", "name"};
    const auto own = field.find("name");
    const auto name = own ? own : find_below(field, older);
    if (!name) return external ? key : fmt::format("{}_{}", draft.spec.app.str(), key);
    const auto value = name->string();
    if (value && value->empty()) {
        return external ? key : fmt::format("{}_{}", draft.spec.app.str(), key);
    }
    if (value && !is_engine_name(*value)) {
        name->error("expected a name of letters, digits and `._-`, not starting with `._-`");
    }
    return value.value_or("");
}

std::string read_driver(const YamlField& field) {
    const auto driver = field.find("driver");
    return driver ? driver->string().value_or("") : std::string();
}

/// Whether `field` can be read on; an entry without a body is all defaults.
bool expect_entry(const YamlField& field, const std::string& key) {
    if (!is_plain_name(key)) field.error("expected a name of letters, digits and `._-`");
    return field.node.is_null() || field.expect_mapping();
}

void refuse_same_name(const YamlField& field, const std::string& name,
                      std::map<std::string, std::string>& taken) {
    const auto [other, is_new] = taken.emplace(name, field.path);
    if (is_new) return;
    field.error(
        fmt::format("`{}` has the name {} too; choose another", other->second, quoted(name)));
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

/// The engine's own driver hands these to mount(2), which could mount any device, past the host's
/// policy: only file systems that cannot, and binds, of which the policy hears.
void check_local_options(const YamlField& field, const VolumeSpec& volume) {
    const auto option = [&](const char* key) {
        const auto found = volume.driver_opts.find(key);
        return found == volume.driver_opts.end() ? std::string() : found->second;
    };
    const std::string type = option("type");
    const std::string device = option("device");
    const bool is_bind = has_bind_option(volume);
    if (is_bind && !type.empty() && !is_one_of(type, {"none", "bind"})) {
        field.error("expected the `type` none with `bind` in `o`");
    } else if (is_bind && !is_absolute(device)) {
        field.error("expected an absolute host path in `device`, as it is bound");
    } else if (!is_bind && !type.empty() && !is_one_of(type, {"nfs", "nfs4", "cifs", "tmpfs"})) {
        field.error(
            "expected the `type` nfs, nfs4, cifs or tmpfs, or `o: bind` with the `type` "
            "none for a host path");
    }
    if (has_mount_option(option("o"), {"remount"})) field.error("expected no `remount` in `o`");
    if (!device.empty() && type.empty()) {
        field.error("expected the key `type` next to `device`, found none");
    }
}

/// Overlay networks that nap's containers cannot join are of no use here.
void read_attachable(const YamlField& field, NetworkSpec& network) {
    const bool is_overlay = network.driver == "overlay";
    network.attachable = is_overlay;
    const auto attachable = field.find("attachable");
    if (!attachable) return;
    network.attachable = attachable->boolean().value_or(is_overlay);
    if (is_overlay && !network.attachable) {
        attachable->error("expected `true`: containers cannot join an overlay network otherwise");
    }
}

bool is_subnet(const std::string& text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos || !is_address(text.substr(0, slash))) return false;
    return parse_whole(std::string_view(text).substr(slash + 1), 0, 128).has_value();
}

std::string read_subnet(const YamlField& field) {
    const auto text = field.string();
    if (text && is_subnet(*text)) return *text;
    if (text) field.error("expected a subnet, as `10.20.0.0/24`");
    return {};
}

IpamPool read_pool(const YamlField& field) {
    check_keys(field, keys::ipam_pool);
    IpamPool pool;
    if (const auto subnet = field.find("subnet")) pool.subnet = read_subnet(*subnet);
    if (const auto range = field.find("ip_range")) pool.ip_range = read_subnet(*range);
    if (const auto gateway = field.find("gateway")) pool.gateway = read_address(*gateway);
    if (const auto others = field.find("aux_addresses")) {
        if (others->expect_mapping()) {
            pool.aux_addresses = read_pairs(*others, PairValues::required);
        }
    }
    return pool;
}

void read_ipam(const YamlField& field, NetworkSpec& network) {
    if (field.node.is_null() || !field.expect_mapping()) return;
    check_keys(field, keys::ipam);
    network.ipam_driver = read_driver(field);
    if (network.ipam_driver == "default") network.ipam_driver.clear();
    if (const auto options = field.find("options")) {
        if (options->expect_mapping()) {
            network.ipam_options = read_pairs(*options, PairValues::required);
        }
    }
    const auto config = field.find("config");
    if (!config) return;
    read_mappings(*config,
                  [&](const YamlField& item) { network.pools.push_back(read_pool(item)); });
}

void check_network_name(const YamlField& field, const NetworkSpec& network) {
    if (!is_one_of(network.name, {"bridge", "host", "none"})) return;
    field.error(
        fmt::format("the engine's own network `{0}` cannot be declared; give the service "
                    "`network_mode: {0}`",
                    network.name));
}

NetworkSpec read_network(const YamlField& field, const std::string& key, const Draft& draft) {
    check_keys(field, keys::network);
    NetworkSpec network;
    network.external = read_external(field);
    network.name = read_engine_name(field, key, network.external, draft);
    if (network.external) {
        check_network_name(field, network);
        return network;
    }
    network.driver = read_driver(field);
    if (const auto internal = field.find("internal")) {
        network.internal = internal->boolean().value_or(false);
    }
    read_attachable(field, network);
    if (const auto options = field.find("driver_opts")) {
        if (options->expect_mapping()) {
            network.driver_opts = read_pairs(*options, PairValues::required);
        }
    }
    if (const auto ipv6 = field.find("enable_ipv6")) {
        network.enable_ipv6 = ipv6->boolean().value_or(false);
    }
    if (const auto ipam = field.find("ipam")) read_ipam(*ipam, network);
    if (const auto labels = field.find("labels")) network.labels = read_labels(*labels);
    check_network_name(field, network);
    return network;
}

VolumeSpec read_volume(const YamlField& field, const std::string& key, const Draft& draft) {
    check_keys(field, keys::volume);
    VolumeSpec volume;
    volume.external = read_external(field);
    volume.name = read_engine_name(field, key, volume.external, draft);
    if (volume.external) return volume;
    volume.driver = read_driver(field);
    if (const auto options = field.find("driver_opts")) {
        if (options->expect_mapping()) {
            volume.driver_opts = read_pairs(*options, PairValues::required);
            const bool is_local = volume.driver.empty() || volume.driver == "local";
            if (is_local) check_local_options(*options, volume);
        }
    }
    if (const auto labels = field.find("labels")) volume.labels = read_labels(*labels);
    return volume;
}

/// Reads each entry of a section by `read` into `declared`; no two may have one engine name.
template <class Spec>
void read_section(const YamlField& field, const Draft& draft, std::map<std::string, Spec>& declared,
                  Spec (*read)(const YamlField&, const std::string&, const Draft&)) {
    if (field.node.is_null() || !field.expect_mapping()) return;
    std::map<std::string, std::string> taken;
    for (const YamlEntry& entry : field.node.entries) {
        const YamlField child = field.child(entry);
        if (!expect_entry(child, entry.key)) continue;
        Spec spec = read(child, entry.key, draft);
        refuse_same_name(child, spec.name, taken);
        declared[entry.key] = std::move(spec);
    }
}

}  // namespace

void read_networks(const YamlField& field, Draft& draft) {
    read_section(field, draft, draft.networks_declared, read_network);
}

void read_volumes_declared(const YamlField& field, Draft& draft) {
    read_section(field, draft, draft.volumes_declared, read_volume);
}

}  // namespace nap
