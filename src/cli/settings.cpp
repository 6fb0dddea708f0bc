#include "cli/settings.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "cli/files.hpp"
#include "manifest/config_file.hpp"
#include "manifest/text.hpp"

namespace nap {

namespace {

constexpr std::size_t token_bytes_max = 4096;

constexpr Setting settings[] = {
    {"consul-address", "CONSUL_HTTP_ADDR", "consul.address", "URL", "where Consul answers", false},
    {"consul-token-file", nullptr, "consul.token_file", "FILE", "the Consul token is read from it",
     false},
    {"consul-ca-file", "CONSUL_CACERT", "consul.ca_file", "FILE",
     "PEM file of the authority behind Consul's certificate", false},
    {"prefix", nullptr, "consul.prefix", "PREFIX", "nap's keys in Consul begin with it", false},
    {"docker-host", "DOCKER_HOST", "docker.host", "URL", "where the Docker engine answers", false},
    {"docker-cert-path", "DOCKER_CERT_PATH", "docker.cert_path", "DIR",
     "ca.pem, cert.pem and key.pem for the Docker engine", false},
    {"node-name", nullptr, "node.name", "NAME", "the name of this host (default: the host name)",
     false},
    {"advertise", nullptr, "node.advertise", "ADDRESS", "other hosts reach this one by it", true},
    {"standalone", nullptr, "standalone", "DIR",
     "manifests come from this folder, and Consul is not used", false},
    {"data-dir", nullptr, "data_dir", "DIR", "what must outlive a restart is kept there", false},
    {"http-bind", nullptr, "http.bind", "ADDRESS:PORT", "health and metrics are served there",
     true},
    {"lead", nullptr, "lead", nullptr, "whether this agent may lead the cluster", true},
    {"log-level", nullptr, "log.level", "LEVEL", "debug, info, warn or error", true},
    {"log-format", nullptr, "log.format", "FORMAT", "text or json", true},
};

std::string variable_of(const Setting& setting) {
    std::string name = "NAP_";
    for (const char* c = setting.flag; *c != '\0'; ++c) {
        name += *c == '-' ? '_' : static_cast<char>(*c - 'a' + 'A');
    }
    return name;
}

const std::string* find_set(const StringMap& values, const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() || found->second.empty() ? nullptr : &found->second;
}

void read_config_file(const SettingSources& sources, Settings& result) {
    const auto flag = sources.flags.find("config");
    const std::string* variable = find_set(sources.variables, "NAP_CONFIG");
    std::string path = sources.default_file;
    const bool asked_for = flag != sources.flags.end() || variable != nullptr;
    if (variable != nullptr) path = *variable;
    if (flag != sources.flags.end()) path = flag->second;
    const auto text = read_file(path, config_bytes_max);
    if (!text) {
        const bool may_be_absent = !asked_for && text.error().code == Errc::not_found;
        if (!may_be_absent) {
            result.problems.push_back("configuration file: " + text.error().message);
        }
        return;
    }
    ParsedConfig parsed = parse_config(path, *text);
    for (const ManifestError& error : parsed.errors)
        result.problems.push_back(to_string(error));
    result.config = std::move(parsed.config);
}

/// True when `value` was given, right or wrong.
bool apply(const Setting& setting, const std::string& source, const std::string* value,
           Settings& result) {
    if (value == nullptr) return false;
    if (const auto problem = set_config_value(result.config, setting.key, *value)) {
        result.problems.push_back(source + ": " + *problem);
    }
    return true;
}

void apply_sources(const SettingSources& sources, Settings& result) {
    for (const Setting& setting : settings) {
        const auto flag = sources.flags.find(setting.flag);
        const std::string* given = flag == sources.flags.end() ? nullptr : &flag->second;
        if (apply(setting, fmt::format("--{}", setting.flag), given, result)) continue;
        const std::string own = variable_of(setting);
        if (apply(setting, own, find_set(sources.variables, own), result)) continue;
        if (setting.common == nullptr) continue;
        apply(setting, setting.common, find_set(sources.variables, setting.common), result);
    }
}

/// CONSUL_HTTP_TOKEN gives way to a token file that a flag or nap's own variable names, and beats
/// one that the configuration file names.
void read_token(const SettingSources& sources, Settings& result) {
    const bool asked_for = sources.flags.contains("consul-token-file") ||
                           find_set(sources.variables, "NAP_CONSUL_TOKEN_FILE") != nullptr;
    const std::string* common = find_set(sources.variables, "CONSUL_HTTP_TOKEN");
    const std::string& path = result.config.consul.token_file;
    if (common != nullptr && !asked_for) {
        result.config.consul.token = *common;
        return;
    }
    if (path.empty()) return;
    const auto text = read_file(path, token_bytes_max);
    if (!text) {
        result.problems.push_back("Consul token file: " + text.error().message);
        return;
    }
    result.config.consul.token = trimmed(*text);
    if (result.config.consul.token.empty() || text->size() > token_bytes_max) {
        result.problems.push_back(fmt::format("Consul token file: {} holds no token", path));
    }
    if (readable_by_others(path)) {
        result.warnings.push_back(fmt::format(
            "{} holds the Consul token and can be read by others; run `chmod 600 {}`", path, path));
    }
}

/// The host name, unless a node name was set. Host names allow nothing that node names do not.
void name_node(Settings& result) {
    if (!result.config.node.name.empty()) return;
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return;
    if (const auto problem = set_config_value(result.config, "node.name", name.data())) {
        result.problems.push_back(
            fmt::format("host name: {}; set --node-name or `node.name`", *problem));
    }
}

/// One within another would make two apps of a folder.
void check_app_prefixes(Settings& result) {
    const Config& config = result.config;
    std::vector<std::string> all{config.consul.prefix + "/"};
    for (const std::string& prefix : config.apps.prefixes) {
        const std::string folder = prefix + "/";
        for (const std::string& other : all) {
            if (!folder.starts_with(other) && !other.starts_with(folder)) continue;
            result.problems.push_back(
                fmt::format("apps.prefixes: {} lies within {}, or the other way round; prefixes "
                            "that manifests come from have to be apart",
                            folder, other));
        }
        all.push_back(folder);
    }
    if (!config.standalone.empty() && !config.apps.prefixes.empty()) {
        result.problems.emplace_back(
            "apps.prefixes: a standalone agent reads its folder, and no prefixes in Consul");
    }
}

}  // namespace

std::span<const Setting> all_settings() {
    return settings;
}

Settings load_settings(const SettingSources& sources) {
    Settings result;
    read_config_file(sources, result);
    apply_sources(sources, result);
    read_token(sources, result);
    name_node(result);
    check_app_prefixes(result);
    if (!result.config.standalone.empty()) {
        if (!result.config.lead) {
            result.problems.push_back(
                "a standalone agent is the only one and has to lead; leave `lead: false` out");
        }
        // The address of a socket is an absolute path.
        std::error_code ignored;
        const auto absolute = std::filesystem::absolute(result.config.data_dir, ignored);
        if (!ignored) result.config.data_dir = absolute.lexically_normal().string();
        result.config.consul = {.address = standalone_address(result.config.data_dir),
                                .prefix = result.config.consul.prefix};
    }
    return result;
}

}  // namespace nap
