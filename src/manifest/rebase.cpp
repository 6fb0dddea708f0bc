#include "manifest/rebase.hpp"

#include <utility>

#include "manifest/project_files.hpp"

namespace nap {
namespace {

void rebase_scalar(YamlNode* node, const std::string& folder) {
    if (node == nullptr || node->kind != YamlKind::scalar) return;
    node->text = joined_path(folder, node->text);
}

/// A path, a mapping with the path under `key`, or a list of these.
void rebase_list(YamlNode* node, const char* key, const std::string& folder) {
    if (node == nullptr) return;
    rebase_scalar(node, folder);
    rebase_scalar(node->find(key), folder);
    for (YamlNode& item : node->items)
        rebase_list(&item, key, folder);
}

/// A host path keeps the dot that tells it from the name of a volume.
std::string rebased_bind(const std::string& folder, const std::string& path) {
    std::string joined = joined_path(folder, path);
    return joined.starts_with("..") ? joined : "./" + joined;
}

void rebase_volume(YamlNode& item, const std::string& folder) {
    if (item.kind == YamlKind::scalar) {
        const std::string source = item.text.substr(0, item.text.find(':'));
        if (!source.starts_with('.') || source.size() == item.text.size()) return;
        item.text = rebased_bind(folder, source) + item.text.substr(source.size());
        return;
    }
    const YamlNode* type = item.find("type");
    YamlNode* source = item.find("source");
    if (type == nullptr || source == nullptr || type->text != "bind") return;
    if (source->text.empty() || source->text[0] == '/' || source->text[0] == '~') return;
    source->text = rebased_bind(folder, source->text);
}

/// `seccomp=FILE`, or with a colon.
void rebase_profile(YamlNode& item, const std::string& folder) {
    constexpr std::string_view key = "seccomp";
    const std::size_t begin = key.size() + 1;
    if (item.kind != YamlKind::scalar || !item.text.starts_with(key) || item.text.size() <= begin) {
        return;
    }
    if ((item.text[key.size()] != '=' && item.text[key.size()] != ':') ||
        item.text.substr(begin) == "unconfined") {
        return;
    }
    item.text = item.text.substr(0, begin) + joined_path(folder, item.text.substr(begin));
}

void rebase_service(YamlNode& service, const std::string& folder) {
    rebase_list(service.find("env_file"), "path", folder);
    rebase_list(service.find("label_file"), "path", folder);
    if (YamlNode* options = service.find("security_opt")) {
        for (YamlNode& item : options->items)
            rebase_profile(item, folder);
    }
    YamlNode* extends = service.find("extends");
    if (extends != nullptr) rebase_scalar(extends->find("file"), folder);
    YamlNode* volumes = service.find("volumes");
    if (volumes == nullptr) return;
    for (YamlNode& item : volumes->items)
        rebase_volume(item, folder);
}

void rebase_include(YamlNode& item, const std::string& folder) {
    rebase_scalar(&item, folder);
    rebase_list(item.find("path"), "path", folder);
    rebase_list(item.find("env_file"), "path", folder);
    rebase_scalar(item.find("project_directory"), folder);
}

}  // namespace

void rebase_paths(YamlNode& root, const std::string& folder) {
    if (folder.empty()) return;
    if (YamlNode* services = services_of(root)) {
        for (YamlEntry& entry : services->entries)
            rebase_service(entry.value, folder);
    }
    for (const char* section : {"configs", "secrets"}) {
        YamlNode* entries = root.find(section);
        if (entries == nullptr) continue;
        for (YamlEntry& entry : entries->entries)
            rebase_scalar(entry.value.find("file"), folder);
    }
    if (YamlNode* include = root.find("include")) {
        for (YamlNode& item : include->items)
            rebase_include(item, folder);
    }
}

}  // namespace nap
