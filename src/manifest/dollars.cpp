#include "manifest/dollars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace nap {
namespace {

void resolve_text(YamlNode& node, const std::string& path, ErrorSink& errors) {
    if (node.text.find('$') == std::string::npos) return;
    std::string resolved;
    for (std::size_t i = 0; i < node.text.size(); ++i) {
        resolved += node.text[i];
        if (node.text[i] != '$') continue;
        if (node.text.substr(i + 1, 1) != "$") {
            errors.add(node.position, path,
                       "interpolation is not supported yet; write `$$` for a literal dollar sign");
            break;
        }
        ++i;
    }
    node.text = std::move(resolved);
}

/// Where `x-…` is an extension field, and not the name of something.
bool has_extensions(std::string_view key) {
    constexpr std::string_view maps_of_names[] = {
        "services", "networks", "volumes", "environment", "labels", "driver_opts", "extra_hosts"};
    return std::find(std::begin(maps_of_names), std::end(maps_of_names), key) ==
           std::end(maps_of_names);
}

/// `key` is what `node` is the value of.
void resolve_node(YamlNode& node, std::string_view key, const std::string& path,
                  ErrorSink& errors) {
    if (node.kind == YamlKind::scalar) resolve_text(node, path, errors);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        resolve_node(node.items[i], "", fmt::format("{}[{}]", path, i), errors);
    }
    for (YamlEntry& entry : node.entries) {
        const bool extension = entry.key.starts_with("x-") && entry.key != "x-nap";
        if (extension && has_extensions(key)) continue;
        resolve_node(entry.value, entry.key, join_path(path, entry.key), errors);
    }
}

}  // namespace

void resolve_dollars(YamlNode& root, ErrorSink& errors) {
    resolve_node(root, "", "", errors);
}

}  // namespace nap
