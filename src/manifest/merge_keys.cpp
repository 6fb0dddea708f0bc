#include "manifest/merge_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

namespace nap {
namespace {

bool is_scalar(const YamlNode& node) {
    return node.kind == YamlKind::scalar && !node.is_null();
}

std::string field_of(const YamlNode& item, std::string_view key) {
    const YamlNode* value = item.find(key);
    return value != nullptr && is_scalar(*value) ? value->text : std::string();
}

std::string without_trailing_slashes(std::string path) {
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    return path;
}

/// `[address:][host port:]port[/protocol]`; the address may be `[::1]`.
std::string short_port_key(std::string_view text) {
    std::string_view protocol = "tcp";
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        protocol = text.substr(slash + 1);
        text = text.substr(0, slash);
    }
    const auto take_last = [&text] {
        const std::size_t colon = text.rfind(':');
        const bool found = colon != std::string_view::npos;
        const std::string_view last = found ? text.substr(colon + 1) : text;
        text = found ? text.substr(0, colon) : std::string_view();
        return last;
    };
    const std::string_view target = take_last();
    const std::string_view published = text.ends_with(']') ? std::string_view() : take_last();
    std::string_view address = text;
    if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
    }
    return fmt::format("{}|{}|{}|{}", address, published, target, protocol);
}

/// The target of `source:target[:more]`, or the source alone.
std::string short_target(const std::string& text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) return text;
    return text.substr(colon + 1, text.find(':', colon + 1) - colon - 1);
}

/// Where a secret or a config ends up; names are relative to `folder`.
std::string delivered_key(const YamlNode& item, const char* folder) {
    std::string target = is_scalar(item) ? item.text : field_of(item, "target");
    if (target.empty()) target = field_of(item, "source");
    return target.empty() || target.starts_with('/') ? target : folder + target;
}

}  // namespace

std::string text_key(const YamlNode& item) {
    return is_scalar(item) ? item.text : field_of(item, "path");
}

std::string pair_key(const YamlNode& item) {
    return is_scalar(item) ? item.text.substr(0, item.text.find('=')) : std::string();
}

std::string port_key(const YamlNode& item) {
    if (is_scalar(item)) return short_port_key(item.text);
    const std::string target = field_of(item, "target");
    if (target.empty()) return {};
    const std::string protocol = field_of(item, "protocol");
    return fmt::format("{}|{}|{}|{}", field_of(item, "host_ip"), field_of(item, "published"),
                       target, protocol.empty() ? "tcp" : protocol);
}

std::string mount_key(const YamlNode& item) {
    const std::string target = is_scalar(item) ? short_target(item.text) : field_of(item, "target");
    return without_trailing_slashes(target);
}

std::string device_key(const YamlNode& item) {
    return is_scalar(item) ? short_target(item.text) : field_of(item, "target");
}

std::string secret_key(const YamlNode& item) {
    return delivered_key(item, "/run/secrets/");
}

std::string config_key(const YamlNode& item) {
    return delivered_key(item, "/");
}

std::string subnet_key(const YamlNode& item) {
    return field_of(item, "subnet");
}

void make_list(YamlNode& node) {
    if (node.kind != YamlKind::scalar) return;
    YamlNode list;
    list.kind = YamlKind::sequence;
    list.position = node.position;
    list.tag = std::exchange(node.tag, YamlTag::none);
    if (!node.is_null()) list.items.push_back(std::move(node));
    node = std::move(list);
}

void make_mapping(YamlNode& node, bool of_names, bool of_dependencies) {
    if (node.kind != YamlKind::sequence) return;
    if (!std::all_of(node.items.begin(), node.items.end(), is_scalar)) return;
    std::vector<YamlEntry> entries;
    std::unordered_map<std::string, std::size_t> places;
    for (YamlNode& item : node.items) {
        const std::size_t equals = of_names ? std::string::npos : item.text.find('=');
        std::string key = item.text.substr(0, equals);
        const auto [place, is_new] = places.emplace(key, entries.size());
        if (is_new) entries.emplace_back();
        YamlEntry& entry = entries[place->second];
        entry = {};
        entry.key = std::move(key);
        entry.position = item.position;
        entry.value.position = item.position;
        entry.value.plain = equals == std::string::npos;
        if (equals != std::string::npos) entry.value.text = item.text.substr(equals + 1);
        if (!of_dependencies) continue;
        entry.value.kind = YamlKind::mapping;
        YamlEntry& condition = entry.value.entries.emplace_back();
        condition.key = "condition";
        condition.position = item.position;
        condition.value.text = "service_started";
        condition.value.position = item.position;
    }
    node.kind = YamlKind::mapping;
    node.items.clear();
    node.entries = std::move(entries);
}

}  // namespace nap
