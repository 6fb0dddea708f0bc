#pragma once

#include <map>
#include <string>

#include "manifest/project.hpp"

namespace nap {

/// The tree as compact text.
inline std::string shown(const YamlNode& node) {
    if (node.kind == YamlKind::scalar) return node.text;
    std::string text;
    for (const YamlNode& item : node.items)
        text += (text.empty() ? "" : ",") + shown(item);
    if (node.kind == YamlKind::sequence) return "[" + text + "]";
    for (const YamlEntry& entry : node.entries)
        text += (text.empty() ? "" : ",") + entry.key + ":" + shown(entry.value);
    return "{" + text + "}";
}

using Files = std::map<std::string, std::string>;

/// What is read out of a manifest and its files: the tree, then its errors and warnings, one a
/// line.
inline std::string read_as_text(const std::string& text, const Files& files = {}) {
    ErrorSink errors("apps/shop.yml");
    const auto tree = read_project(AppId("shop"), {"apps/shop.yml", text, files}, errors);
    std::string all = tree && errors.empty() ? shown(*tree) : "";
    for (const ManifestError& error : errors.take())
        all += (all.empty() ? "" : "\n") + to_string(error);
    for (const ManifestError& warning : errors.take_warnings())
        all += "\nwarning: " + to_string(warning);
    return all;
}

}  // namespace nap
