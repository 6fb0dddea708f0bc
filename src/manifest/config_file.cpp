#include "manifest/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "manifest/text.hpp"
#include "manifest/values.hpp"
#include "manifest/yaml_field.hpp"

namespace nap {
namespace {

using Problem = std::optional<std::string>;

Problem set_text(std::string& field, const std::string& value) {
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (value.empty()) return "expected a value, found nothing";
    if (std::any_of(value.begin(), value.end(), is_control)) {
        return "a control character cannot be part of it";
    }
    field = value;
    return std::nullopt;
}

/// Node names become keys in KV.
Problem set_node_name(std::string& field, const std::string& value) {
    if (!is_engine_name(value)) {
        return fmt::format("{} cannot be the name of a node; expected letters, digits and `._-`",
                           nap::quoted(value));
    }
    field = value;
    return std::nullopt;
}

Problem set_advertise(std::string& field, const std::string& value) {
    if (!is_address(value))
        return fmt::format("expected an IP address, found {}", nap::quoted(value));
    field = value;
    return std::nullopt;
}

Problem set_prefix(std::string& field, const std::string& value) {
    std::string_view prefix = value;
    if (prefix.ends_with('/')) prefix.remove_suffix(1);
    bool good = !prefix.empty();
    for (std::size_t start = 0; good && start <= prefix.size();) {
        const std::size_t end = std::min(prefix.find('/', start), prefix.size());
        good = is_plain_name(prefix.substr(start, end - start));
        start = end + 1;
    }
    if (!good) {
        return fmt::format(
            "{} cannot be a prefix of keys; expected a name as `nap`, or several "
            "with `/` between them",
            nap::quoted(value));
    }
    field = prefix;
    return std::nullopt;
}

/// The endpoint has neither TLS nor authentication, so it must not leave the host.
Problem set_http_bind(std::string& field, const std::string& value) {
    const std::size_t colon = value.rfind(':');
    const std::string host = value.substr(0, colon);
    const bool is_loopback = host == "[::1]" || (is_address(host) && host.starts_with("127."));
    if (colon == std::string::npos || !parse_whole(value.substr(colon + 1), 0, 65535)) {
        return fmt::format("expected address:port, as `127.0.0.1:7627`, found {}",
                           nap::quoted(value));
    }
    if (!is_loopback) {
        return fmt::format(
            "expected a loopback address (127.0.0.1 or [::1]), found {}; the "
            "endpoint has no authentication",
            nap::quoted(host));
    }
    field = value;
    return std::nullopt;
}

Problem set_choice(std::string& field, const std::string& value,
                   std::span<const std::string_view> choices) {
    if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
        return fmt::format("expected one of {}, found {}{}", fmt::join(choices, ", "),
                           nap::quoted(value), suggestion(value, choices));
    }
    field = value;
    return std::nullopt;
}

Problem set_log_level(std::string& field, const std::string& value) {
    static constexpr std::string_view levels[] = {"debug", "info", "warn", "error"};
    return set_choice(field, value, levels);
}

Problem set_log_format(std::string& field, const std::string& value) {
    static constexpr std::string_view formats[] = {"text", "json"};
    return set_choice(field, value, formats);
}

struct TextKey {
    std::string_view key;
    std::string* (*field)(Config&);
    Problem (*set)(std::string&, const std::string&);
};

constexpr TextKey text_keys[] = {
    {"node.name", [](Config& c) { return &c.node.name; }, set_node_name},
    {"node.advertise", [](Config& c) { return &c.node.advertise; }, set_advertise},
    {"consul.address", [](Config& c) { return &c.consul.address; }, set_text},
    {"consul.token_file", [](Config& c) { return &c.consul.token_file; }, set_text},
    {"consul.ca_file", [](Config& c) { return &c.consul.ca_file; }, set_text},
    {"consul.prefix", [](Config& c) { return &c.consul.prefix; }, set_prefix},
    {"docker.host", [](Config& c) { return &c.docker.host; }, set_text},
    {"docker.cert_path", [](Config& c) { return &c.docker.cert_path; }, set_text},
    {"http.bind", [](Config& c) { return &c.http.bind; }, set_http_bind},
    {"data_dir", [](Config& c) { return &c.data_dir; }, set_text},
    {"standalone", [](Config& c) { return &c.standalone; }, set_text},
    {"log.level", [](Config& c) { return &c.log.level; }, set_log_level},
    {"log.format", [](Config& c) { return &c.log.format; }, set_log_format},
};

/// Reads the text keys of one section (or of the top level, for an empty path).
void read_texts(const YamlField& section, Config& config) {
    for (const YamlEntry& entry : section.node.entries) {
        const YamlField field = section.child(entry);
        const auto known = std::find_if(std::begin(text_keys), std::end(text_keys),
                                        [&](const TextKey& key) { return key.key == field.path; });
        if (known == std::end(text_keys)) continue;
        const auto value = field.string();
        if (!value) continue;
        if (const auto problem = known->set(*known->field(config), *value)) field.error(*problem);
    }
}

void read_section(const YamlField& root, std::string_view name,
                  std::span<const std::string_view> known, Config& config) {
    const auto section = root.find(name);
    if (!section || section->node.is_null() || !section->expect_mapping()) return;
    section->check_keys(known);
    read_texts(*section, config);
}

void read_labels(const YamlField& root, StringMap& labels) {
    const auto node = root.find("node");
    if (!node || !node->is_mapping()) return;
    const auto field = node->find("labels");
    if (!field || !field->expect_mapping()) return;
    for (const YamlEntry& entry : field->node.entries) {
        if (const auto value = field->child(entry).text()) labels[entry.key] = *value;
    }
}

void read_policy(const YamlField& root, HostPolicy& policy) {
    const auto section = root.find("policy");
    if (!section || !section->is_mapping()) return;
    const auto allow = section->find("allow");
    if (!allow || !allow->expect_sequence()) return;
    for (std::size_t i = 0; i < allow->node.items.size(); ++i) {
        const YamlField item = allow->item(i);
        const auto entry = item.string();
        if (!entry) continue;
        if (!nap::is_policy_entry(*entry)) {
            item.error(fmt::format(
                "expected `privileged`, `cap_add:NAME`, `device:/PATH`, `bind:/PATH` or "
                "another of the entries that docs/reference/config.md lists, found {}",
                nap::quoted(*entry)));
            continue;
        }
        policy.allow.push_back(*entry);
    }
}

constexpr milliseconds above_0{1};
/// Shorter than a few answers of Consul take it would run out all the time.
constexpr milliseconds lease_min{1'000};
/// An app that never rests is read after that in any case.
constexpr milliseconds settle_max{2'000};
/// That an app's manifest is gone is checked in all of them, in one transaction of 64 operations.
constexpr std::size_t app_prefixes_max = 4;

void read_duration(const YamlField& section, std::string_view key, milliseconds min,
                   milliseconds& value) {
    const auto field = section.find(key);
    if (!field) return;
    const auto text = field->text();
    if (!text) return;
    const auto duration = parse_duration(*text);
    if (!duration) {
        field->error(duration.error().message);
    } else if (*duration < min) {
        field->error(min == above_0 ? "expected a duration above 0"
                                    : fmt::format("expected at least {} ms", min.count()));
    } else {
        value = *duration;
    }
}

void read_backoff(const YamlField& root, BackoffPolicy& backoff) {
    const auto section = root.find("backoff");
    if (!section || !section->is_mapping()) return;
    read_duration(*section, "initial", above_0, backoff.initial);
    read_duration(*section, "max", above_0, backoff.max);
    read_duration(*section, "stable", above_0, backoff.stable_run);
    if (backoff.max < backoff.initial) section->error("`max` is shorter than `initial`");
}

void read_app_prefixes(const YamlField& apps, std::vector<std::string>& prefixes) {
    const auto list = apps.find("prefixes");
    if (!list || !list->expect_sequence()) return;
    if (list->node.items.size() > app_prefixes_max) {
        list->error(fmt::format("expected at most {} prefixes", app_prefixes_max));
        return;
    }
    for (std::size_t i = 0; i < list->node.items.size(); ++i) {
        const YamlField item = list->item(i);
        const auto text = item.string();
        if (!text) continue;
        std::string prefix;
        const Problem problem = set_prefix(prefix, *text);
        if (problem) item.error(*problem);
        if (!problem) prefixes.push_back(std::move(prefix));
    }
}

void read_cluster(const YamlField& root, Config& config) {
    if (const auto lead = root.find("lead")) config.lead = lead->boolean().value_or(config.lead);
    const auto failover = root.find("failover");
    if (failover && failover->is_mapping()) {
        read_duration(*failover, "grace", milliseconds{0}, config.failover.grace);
        read_duration(*failover, "lease", lease_min, config.failover.lease);
    }
    const auto apps = root.find("apps");
    if (apps && apps->is_mapping()) {
        read_duration(*apps, "settle", milliseconds{0}, config.apps.settle);
        if (config.apps.settle > settle_max) apps->error("`settle` is at most 2s");
        read_app_prefixes(*apps, config.apps.prefixes);
    }
    const auto network = root.find("network");
    if (!network || !network->is_mapping()) return;
    if (const auto routed = network->find("routed")) {
        config.network.routed = routed->boolean().value_or(false);
    }
}

void read_root(const YamlField& root, Config& config) {
    static constexpr std::string_view top[] = {
        "node",    "consul", "docker",  "http",       "data_dir", "lead", "failover",
        "network", "policy", "backoff", "standalone", "log",      "apps"};
    static constexpr std::string_view node[] = {"name", "labels", "advertise"};
    static constexpr std::string_view consul[] = {"address", "token_file", "ca_file", "prefix"};
    static constexpr std::string_view docker[] = {"host", "cert_path"};
    static constexpr std::string_view http[] = {"bind"};
    static constexpr std::string_view failover[] = {"grace", "lease"};
    static constexpr std::string_view network[] = {"routed"};
    static constexpr std::string_view apps[] = {"settle", "prefixes"};
    static constexpr std::string_view policy[] = {"allow"};
    static constexpr std::string_view backoff[] = {"initial", "max", "stable"};
    static constexpr std::string_view log[] = {"level", "format"};
    root.check_keys(top);
    read_texts(root, config);
    read_section(root, "node", node, config);
    read_section(root, "consul", consul, config);
    read_section(root, "docker", docker, config);
    read_section(root, "http", http, config);
    read_section(root, "failover", failover, config);
    read_section(root, "network", network, config);
    read_section(root, "apps", apps, config);
    read_section(root, "policy", policy, config);
    read_section(root, "backoff", backoff, config);
    read_section(root, "log", log, config);
    read_labels(root, config.node.labels);
    read_policy(root, config.policy);
    read_backoff(root, config.backoff);
    read_cluster(root, config);
}

/// Only comments and blank lines: every setting is commented out.
bool says_nothing(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::size_t first = text.find_first_not_of(" \t\r");
        if (first < end && text[first] != '#') return false;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
}

}  // namespace

ParsedConfig parse_config(const std::string& file, const std::string& text) {
    ParsedConfig parsed;
    if (says_nothing(text)) return parsed;
    YamlDocument document = read_yaml(file, text, config_bytes_max);
    ErrorSink errors(file, std::move(document.errors));
    if (document.root) {
        const YamlField root{*document.root, "", errors};
        if (root.expect_mapping()) read_root(root, parsed.config);
    }
    parsed.errors = errors.take();
    return parsed;
}

std::optional<std::string> set_config_value(Config& config, std::string_view key,
                                            const std::string& value) {
    if (key == "lead") {
        if (value != "true" && value != "false") {
            return fmt::format("expected `true` or `false`, found {}", nap::quoted(value));
        }
        config.lead = value == "true";
        return std::nullopt;
    }
    for (const TextKey& known : text_keys) {
        if (known.key == key) return known.set(*known.field(config), value);
    }
    return fmt::format("no key {} with a single value", nap::quoted(key));
}

}  // namespace nap
