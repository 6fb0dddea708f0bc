#include <fmt/format.h>

#include <algorithm>

#include "manifest/draft.hpp"
#include "manifest/parse.hpp"
#include "manifest/project_files.hpp"
#include "manifest/text.hpp"

namespace nap {
namespace {

void add_string(std::string& json, std::string_view text) {
    json += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            json += '\\';
            json += c;
        } else if (static_cast<unsigned char>(c) < 0x20U) {
            json += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            json += c;
        }
    }
    json += '"';
}

/// Of the numbers that YAML knows, those that JSON writes alike.
bool is_json_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && text.size() < 20 &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c); }) &&
           (text.size() == 1 || text.front() != '0');
}

/// The engine reads JSON alone, and an unreadable profile would show only once the container that
/// ran before is gone: so what it gets is written anew, from what has been read.
void add_json(std::string& json, const YamlNode& node) {
    char separator = 0;
    const auto separate = [&] {
        if (separator != 0) json += separator;
        separator = ',';
    };
    switch (node.kind) {
        case YamlKind::mapping:
            json += '{';
            for (const YamlEntry& entry : node.entries) {
                separate();
                add_string(json, entry.key);
                json += ':';
                add_json(json, entry.value);
            }
            json += '}';
            return;
        case YamlKind::sequence:
            json += '[';
            for (const YamlNode& item : node.items) {
                separate();
                add_json(json, item);
            }
            json += ']';
            return;
        case YamlKind::scalar:
            break;
    }
    const YamlType type = node.type();
    const bool is_number = type == YamlType::integer && is_json_number(node.text);
    if (type == YamlType::null) {
        json += "null";
    } else if (is_number ||
               (type == YamlType::boolean && (node.text == "true" || node.text == "false"))) {
        json += node.text;
    } else {
        add_string(json, node.text);
    }
}

}  // namespace

std::string read_profile(const YamlField& field, const std::string& path, Draft& draft) {
    if (const std::string what = ProjectFiles::problem(path); !what.empty()) {
        field.error(what);
        return {};
    }
    const std::string name = normal_path(path);
    draft.asked.insert(name);
    const StringMap& files = draft.manifest->files;
    const auto file = files.find(name);
    if (file == files.end()) {
        field.error(fmt::format(
            "there is no file {} in the app's project directory; add the profile there, or write "
            "`seccomp=unconfined`",
            quoted(name)));
        return {};
    }
    const YamlDocument document = read_yaml(file->first, file->second, manifest_bytes_max);
    if (!document.root || !document.errors.empty() || document.root->kind != YamlKind::mapping) {
        const std::string why = document.errors.empty() ? std::string("it is no mapping")
                                                        : to_string(document.errors.front());
        field.error(
            fmt::format("{} is no seccomp profile, a JSON object: {}", quoted(file->first), why));
        return {};
    }
    std::string json;
    add_json(json, *document.root);
    return json;
}

}  // namespace nap
