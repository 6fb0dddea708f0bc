#include "manifest/extends.hpp"

#include <fmt/format.h>

#include <utility>

#include "manifest/dollars.hpp"
#include "manifest/merge.hpp"
#include "manifest/rebase.hpp"
#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr int chain_max = 50;
constexpr std::string_view extends_keys[] = {"service", "file"};

YamlEntry* find_entry(YamlNode* services, std::string_view name) {
    if (services == nullptr) return nullptr;
    for (YamlEntry& entry : services->entries) {
        if (entry.key == name) return &entry;
    }
    return nullptr;
}

std::string services_path(const YamlNode& root) {
    return is_version1(root) ? "" : "services";
}

}  // namespace

void Extender::resolve(YamlNode& document, YamlNode* earlier) {
    YamlNode* services = services_of(document);
    if (services == nullptr) return;
    Source source{.root = &document, .earlier = earlier};
    const std::string path = services_path(document);
    for (YamlEntry& entry : services->entries)
        resolve_entry(source, entry, path, 0);
}

void Extender::resolve_entry(Source& source, YamlEntry& entry, const std::string& path, int depth) {
    const YamlNode* found = entry.value.find("extends");
    if (found == nullptr || !source.done.insert(entry.key).second) return;
    const YamlField extends{*found, join_path(join_path(path, entry.key), "extends"),
                            reading_.errors};
    source.active.insert(entry.key);
    const YamlNode* base = found->is_null() ? nullptr : base_of(source, extends, depth);
    source.active.erase(entry.key);
    if (base != nullptr && !reading_.budget.charge(*base)) {
        extends.error("too large: the manifest with its files passes nap's limits");
        base = nullptr;
    }
    std::erase_if(entry.value.entries, [](const YamlEntry& key) { return key.key == "extends"; });
    if (base == nullptr) return;
    YamlNode merged = *base;
    std::erase_if(merged.entries, [](const YamlEntry& key) { return key.key == "extends"; });
    merged.position = entry.value.position;
    merged.tag = entry.value.tag;
    merge_service(merged, std::move(entry.value));
    entry.value = std::move(merged);
}

const YamlNode* Extender::base_of(Source& source, const YamlField& extends, int depth) {
    Source* from = &source;
    const auto service = extends.is_mapping() ? extends.find("service") : std::optional(extends);
    if (extends.is_mapping()) {
        extends.check_keys(extends_keys);
        if (!service) extends.error("expected the key `service`, found none; add it");
        const auto file = extends.find("file");
        if (file && !file->node.is_null()) from = open(*file);
    }
    if (!service || from == nullptr) return nullptr;
    const auto name = service->string();
    if (!name) return nullptr;
    YamlEntry* entry = find_entry(services_of(*from->root), *name);
    if (entry == nullptr && from->earlier != nullptr) {
        entry = find_entry(services_of(*from->earlier), *name);
    } else if (entry != nullptr && from->active.contains(*name)) {
        service->error(
            fmt::format("the service {} extends itself, directly or by way of others; "
                        "break the circle",
                        quoted(*name)));
        return nullptr;
    } else if (entry != nullptr && depth >= chain_max) {
        service->error(fmt::format("more than {} services extend each other in a row", chain_max));
        return nullptr;
    } else if (entry != nullptr) {
        resolve_entry(*from, *entry, services_path(*from->root), depth + 1);
    }
    if (entry == nullptr) {
        service->error(fmt::format("there is no service {} to extend in {}", quoted(*name),
                                   reading_.errors.file(from->root->position.file)));
        return nullptr;
    }
    if (entry->value.kind == YamlKind::mapping) return &entry->value;
    service->error(fmt::format("{} is not a service (a mapping)", quoted(*name)));
    return nullptr;
}

Extender::Source* Extender::open(const YamlField& named) {
    const auto path = named.string();
    if (!path) return nullptr;
    const auto file = reading_.files.open(*path, named);
    if (!file) return nullptr;
    const auto [place, is_new] = files_.try_emplace(file->path);
    Source& source = place->second;
    if (!is_new) return source.root == nullptr ? nullptr : &source;
    auto documents = read_documents(*file, reading_);
    if (!documents || documents->empty()) {
        if (documents) named.error("the file holds no services");
        return nullptr;
    }
    for (YamlNode& document : *documents) {
        interpolate_tree(document, variables_, reading_.budget, reading_.errors);
        rebase_paths(document, folder_of(file->path));
        if (&document != &documents->front()) merge_file(documents->front(), std::move(document));
    }
    source.own = std::move(documents->front());
    source.root = &source.own;
    return &source;
}

}  // namespace nap
