#include "manifest/merge.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "manifest/merge_keys.hpp"

namespace nap {
namespace {

enum class Rule {
    deep,     ///< mappings merge, lists append, the rest is replaced
    replace,  ///< by the later, whatever it is
    list,     ///< a string or a list: appended, what is there already left out
    pairs,    ///< a mapping or a list of `key=value`: merged by key
    names,    ///< a mapping or a list of names: merged by name
    ports,    ///< lists merged by what makes their entries unique, see merge_keys.hpp
    mounts,
    devices,
    secrets,
    configs,
    subnets,
    logging,  ///< deep, unless the driver is another
};

struct KeyRule {
    std::string_view path;  ///< names of services and the like are `*`
    Rule rule;
};

constexpr KeyRule rules[] = {
    {"services.*.annotations", Rule::pairs},
    {"services.*.build.args", Rule::pairs},
    {"services.*.build.labels", Rule::pairs},
    {"services.*.cap_add", Rule::list},
    {"services.*.cap_drop", Rule::list},
    {"services.*.command", Rule::replace},
    {"services.*.configs", Rule::configs},
    {"services.*.depends_on", Rule::names},
    {"services.*.deploy.labels", Rule::pairs},
    {"services.*.devices", Rule::devices},
    {"services.*.dns", Rule::list},
    {"services.*.dns_opt", Rule::list},
    {"services.*.dns_search", Rule::list},
    {"services.*.entrypoint", Rule::replace},
    {"services.*.env_file", Rule::list},
    {"services.*.environment", Rule::pairs},
    {"services.*.expose", Rule::list},
    {"services.*.external_links", Rule::list},
    {"services.*.extra_hosts", Rule::list},
    {"services.*.group_add", Rule::list},
    {"services.*.healthcheck.test", Rule::replace},
    {"services.*.label_file", Rule::list},
    {"services.*.labels", Rule::pairs},
    {"services.*.links", Rule::list},
    {"services.*.logging", Rule::logging},
    {"services.*.models", Rule::names},
    {"services.*.networks", Rule::names},
    {"services.*.networks.*.aliases", Rule::list},
    {"services.*.networks.*.link_local_ips", Rule::list},
    {"services.*.ports", Rule::ports},
    {"services.*.profiles", Rule::list},
    {"services.*.secrets", Rule::secrets},
    {"services.*.security_opt", Rule::list},
    {"services.*.storage_opt", Rule::pairs},
    {"services.*.sysctls", Rule::pairs},
    {"services.*.tmpfs", Rule::list},
    {"services.*.volumes", Rule::mounts},
    {"services.*.volumes_from", Rule::list},
    {"networks.*.ipam.config", Rule::subnets},
    {"networks.*.labels", Rule::pairs},
    {"volumes.*.labels", Rule::pairs},
    {"configs.*.labels", Rule::pairs},
    {"secrets.*.labels", Rule::pairs},
};

Rule rule_of(std::string_view path) {
    for (const KeyRule& rule : rules) {
        if (rule.path == path) return rule.rule;
    }
    return Rule::deep;
}

/// The keys of these mappings are names that people chose.
bool is_map_of_names(std::string_view path) {
    constexpr std::string_view maps[] = {"services", "networks", "volumes",
                                         "configs",  "secrets",  "services.*.networks"};
    return std::find(std::begin(maps), std::end(maps), path) != std::end(maps);
}

std::string child_path(const std::string& path, const std::string& key) {
    if (is_map_of_names(path)) return path + ".*";
    return path.empty() ? key : path + "." + key;
}

using Index = std::unordered_map<std::string, std::size_t>;

void merge_node(YamlNode& base, YamlNode&& over, const std::string& path);

void merge_mappings(YamlNode& base, YamlNode&& over, const std::string& path) {
    Index index;
    for (std::size_t i = 0; i < base.entries.size(); ++i)
        index.emplace(base.entries[i].key, i);
    for (YamlEntry& entry : over.entries) {
        const auto found = index.find(entry.key);
        if (found == index.end()) {
            base.entries.push_back(std::move(entry));
            continue;
        }
        YamlEntry& earlier = base.entries[found->second];
        // What is gone is reported where it was set last, should anything be wrong with it.
        if (entry.value.tag != YamlTag::none) earlier.position = entry.position;
        merge_node(earlier.value, std::move(entry.value), child_path(path, entry.key));
    }
}

/// Lists by a key of their entries: the later takes the place of the earlier.
template <class KeyOf>
void merge_lists(YamlNode& base, YamlNode&& over, const KeyOf& key_of) {
    Index index;
    for (std::size_t i = 0; i < base.items.size(); ++i) {
        const std::string key = key_of(base.items[i]);
        if (!key.empty()) index.emplace(key, i);
    }
    for (YamlNode& item : over.items) {
        const std::string key = key_of(item);
        const auto found = key.empty() ? index.end() : index.find(key);
        if (found != index.end()) {
            base.items[found->second] = std::move(item);
            continue;
        }
        if (!key.empty()) index.emplace(key, base.items.size());
        base.items.push_back(std::move(item));
    }
}

void merge_logging(YamlNode& base, YamlNode&& over, const std::string& path) {
    const YamlNode* before = base.find("driver");
    const YamlNode* after = over.find("driver");
    if (before != nullptr && after != nullptr && before->text != after->text) {
        base = std::move(over);
    } else {
        merge_mappings(base, std::move(over), path);
    }
}

/// `{name: address}` of `extra_hosts`, as its list form has them: `name:address`.
void make_lines(YamlNode& node) {
    if (node.kind != YamlKind::mapping) return;
    std::vector<YamlNode> lines;
    for (YamlEntry& entry : std::exchange(node.entries, {})) {
        std::vector<YamlNode> values = std::exchange(entry.value.items, {});
        if (entry.value.kind == YamlKind::scalar) values.push_back(std::move(entry.value));
        for (YamlNode& value : values) {
            value.text = entry.key + ":" + value.text;
            value.plain = false;
            lines.push_back(std::move(value));
        }
    }
    node.kind = YamlKind::sequence;
    node.items = std::move(lines);
}

void merge_as(Rule rule, YamlNode& base, YamlNode&& over, const std::string& path) {
    if (rule == Rule::list) {
        make_list(base);
        make_list(over);
        if (base.kind != over.kind) {
            make_lines(base);
            make_lines(over);
        }
    }
    if ((rule == Rule::names || rule == Rule::pairs) && base.kind != over.kind) {
        const bool waits = path == "services.*.depends_on";
        make_mapping(base, rule == Rule::names, waits);
        make_mapping(over, rule == Rule::names, waits);
    }
    if (base.kind != over.kind || base.kind == YamlKind::scalar || rule == Rule::replace) {
        base = std::move(over);
    } else if (base.kind == YamlKind::mapping) {
        if (rule == Rule::logging) {
            merge_logging(base, std::move(over), path);
        } else {
            merge_mappings(base, std::move(over), path);
        }
    } else {
        switch (rule) {
            case Rule::pairs:
                return merge_lists(base, std::move(over), pair_key);
            case Rule::list:
            case Rule::names:
                return merge_lists(base, std::move(over), text_key);
            case Rule::ports:
                return merge_lists(base, std::move(over), port_key);
            case Rule::mounts:
                return merge_lists(base, std::move(over), mount_key);
            case Rule::devices:
                return merge_lists(base, std::move(over), device_key);
            case Rule::secrets:
                return merge_lists(base, std::move(over), secret_key);
            case Rule::configs:
                return merge_lists(base, std::move(over), config_key);
            case Rule::subnets:
                return merge_lists(base, std::move(over), subnet_key);
            default:
                for (YamlNode& item : over.items)
                    base.items.push_back(std::move(item));
        }
    }
}

void merge_node(YamlNode& base, YamlNode&& over, const std::string& path) {
    const Rule rule = rule_of(path);
    const bool replaces = over.tag != YamlTag::none || rule == Rule::replace;
    if (replaces || base.is_null() || base.tag == YamlTag::reset) {
        base = std::move(over);
        return;
    }
    if (over.is_null()) return;  // says nothing
    merge_as(rule, base, std::move(over), path);
}

}  // namespace

bool is_version1(const YamlNode& root) {
    if (root.find("services") != nullptr || root.find("include") != nullptr) return false;
    const YamlNode* version = root.find("version");
    if (version == nullptr || version->kind != YamlKind::scalar) return true;
    return version->text == "1" || version->text.starts_with("1.");
}

void merge_file(YamlNode& base, YamlNode&& over) {
    const bool services_at_top =
        is_version1(base) && over.find("services") == nullptr && over.find("include") == nullptr;
    merge_mappings(base, std::move(over), services_at_top ? "services" : "");
}

void merge_service(YamlNode& base, YamlNode&& over) {
    merge_mappings(base, std::move(over), "services.*");
}

void settle_tags(YamlNode& node) {
    node.tag = YamlTag::none;
    const auto is_reset = [](const YamlNode& value) { return value.tag == YamlTag::reset; };
    std::erase_if(node.items, is_reset);
    std::erase_if(node.entries, [&](const YamlEntry& entry) { return is_reset(entry.value); });
    for (YamlNode& item : node.items)
        settle_tags(item);
    for (YamlEntry& entry : node.entries)
        settle_tags(entry.value);
}

}  // namespace nap
