#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/project.hpp"
#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr std::string_view of_service = "service:";
constexpr std::string_view of_container = "container:";

/// A namespace mode: one of `words`, or another service's.
struct Mode {
    const char* key;
    std::string ContainerOptions::*field;
    std::span<const std::string_view> words;
    bool shares = false;  ///< `service:NAME` may stand there
};

constexpr std::string_view network_words[] = {"bridge", "host", "none", "default"};
constexpr std::string_view ipc_words[] = {"none", "private", "shareable", "host"};
constexpr std::string_view host_word[] = {"host"};
constexpr std::string_view cgroup_words[] = {"host", "private"};

constexpr Mode network_mode{"network_mode", &ContainerOptions::network_mode, network_words, true};
constexpr Mode version1_net{"net", &ContainerOptions::network_mode, network_words, true};
constexpr Mode other_modes[] = {
    {"ipc", &ContainerOptions::ipc_mode, ipc_words, true},
    {"pid", &ContainerOptions::pid_mode, host_word, true},
    {"uts", &ContainerOptions::uts_mode, host_word},
    {"userns_mode", &ContainerOptions::userns_mode, host_word},
    {"cgroup", &ContainerOptions::cgroup_mode, cgroup_words},
};

void share_with(const YamlField& field, const std::string& target, const std::string& name,
                Draft& draft) {
    draft.dependencies.push_back({name, target, field.node.position, field.path});
}

/// `network_mode: NAME` is a network that is there already.
void join_by_mode(const YamlField& field, const std::string& name, ServiceSpec& service,
                  Draft& draft) {
    if (!service.networks.empty()) {
        field.error("`networks` says something else; drop one of the two");
        return;
    }
    const std::string key = "network_mode " + name;
    NetworkSpec& network = draft.spec.networks[key];
    network.name = name;
    network.external = true;
    service.networks.push_back({key, {}});
}

void read_mode(const YamlField& parent, const Mode& mode, const std::string& name, Draft& draft) {
    const auto field = parent.find(mode.key);
    if (!field) return;
    if (field->node.is_null()) return;
    auto value = field->string();
    if (!value || value->empty()) return;
    ServiceSpec& service = draft.spec.services[name];
    const bool is_version1 = draft.form == ManifestForm::version1;
    // In the old form another service is named like a container.
    if (mode.shares && is_version1 && value->starts_with(of_container)) {
        value = std::string(of_service) + value->substr(of_container.size());
    }
    if (mode.shares && value->starts_with(of_service)) {
        share_with(*field, value->substr(of_service.size()), name, draft);
        service.options.*mode.field = *value;
        return;
    }
    if (value->starts_with(of_container)) {
        field->error(
            "containers outside the app cannot be named: they mean nothing on another host; "
            "write `service:NAME`");
        return;
    }
    const bool is_known =
        std::find(mode.words.begin(), mode.words.end(), *value) != mode.words.end();
    const bool is_network = mode.field == &ContainerOptions::network_mode;
    if (!is_known && is_network && is_engine_name(*value) && nearest(*value, mode.words).empty()) {
        join_by_mode(*field, *value, service, draft);
        return;
    }
    if (!is_known) {
        field->error(fmt::format("expected {}{}, found {}{}", fmt::join(mode.words, ", "),
                                 mode.shares ? " or service:NAME" : "", quoted(*value),
                                 suggestion(*value, mode.words)));
        return;
    }
    if (*value != "default") service.options.*mode.field = *value;
}

/// What makes no sense with a network that is not the service's own.
void check_network_mode(const YamlField& field, const char* key, ServiceSpec& service) {
    const auto mode = field.find(key);
    if (!mode || service.options.network_mode.empty()) return;
    if (field.find("networks")) {
        mode->error("`networks` says something else; drop one of the two");
    }
    if (service.options.network_mode == "bridge") return;
    const bool is_shared = service.options.network_mode.starts_with(of_service);
    // Nothing leads anywhere by way of a hosts file that is the host's or another container's.
    service.relink = Relink::none;
    for (const char* links : {"links", "external_links"}) {
        const auto found = field.find(links);
        const bool any = found && !found->node.items.empty();
        if (any) found->error(fmt::format("has no effect with `{}`; remove it", key));
    }
    if (is_shared && !service.ports.empty()) {
        field.find("ports")->error(
            "the network is another service's: publish the ports there, and remove them here");
    } else if (!service.ports.empty()) {
        field.find("ports")->warn(
            fmt::format("`ports` are ignored: with `{}: {}` nothing is "
                        "published",
                        key, service.options.network_mode));
        service.ports.clear();
    }
    if (is_shared && !service.expose.empty()) {
        field.find("expose")->warn("is ignored: the network is another service's");
        service.expose.clear();
    }
    if (!service.options.mac_address.empty() && service.options.network_mode == "host") {
        field.error("`mac_address` has no effect on the host's network; remove one of the two");
    }
    for (const char* own : {"hostname", "mac_address", "extra_hosts", "dns"}) {
        const auto found = field.find(own);
        if (is_shared && found) {
            found->error("the network is another service's: set this there, and remove it here");
        }
    }
}

/// The engine starts nothing that sets what all of the host shares.
void check_sysctls(const YamlField& field, const ServiceSpec& service) {
    static constexpr std::string_view of_ipc[] = {
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
        "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"};
    static constexpr std::string_view of_uts[] = {"kernel.domainname", "kernel.hostname"};
    const auto sysctls = field.find("sysctls");
    // Other runtimes have kernels of their own.
    if (!sysctls || !service.options.runtime.empty()) return;
    const auto is_in = [](const auto& names, const std::string& name) {
        return std::find(std::begin(names), std::end(names), name) != std::end(names);
    };
    for (const auto& [name, value] : service.options.sysctls) {
        const bool is_net = name.starts_with("net.");
        const bool is_ipc = is_in(of_ipc, name) || name.starts_with("fs.mqueue.");
        if (is_net && service.options.network_mode == "host") {
            sysctls->error(
                fmt::format("{} would be the host's, with `network_mode: host`; set it "
                            "on the host",
                            quoted(name)));
        } else if (is_ipc && service.options.ipc_mode == "host") {
            sysctls->error(
                fmt::format("{} would be the host's, with `ipc: host`; set it on the "
                            "host",
                            quoted(name)));
        } else if (!is_net && !is_ipc && !is_in(of_uts, name)) {
            sysctls->error(
                fmt::format("{} is not a container's own but all of the host's, and the "
                            "engine starts nothing that sets it; set it on the host "
                            "(`sysctl -w`), and remove it here",
                            quoted(name)));
        }
    }
}

}  // namespace

void read_modes(const YamlField& field, const std::string& name, Draft& draft) {
    const bool is_version1 = draft.form == ManifestForm::version1 && field.find("net");
    read_mode(field, is_version1 ? version1_net : network_mode, name, draft);
    for (const Mode& mode : other_modes)
        read_mode(field, mode, name, draft);
    ServiceSpec& service = draft.spec.services[name];
    check_network_mode(field, is_version1 ? "net" : "network_mode", service);
    if (service.options.uts_mode == "host" && !service.hostname.empty()) {
        field.find("hostname")
            ->error("the host's name is used with `uts: host`; drop one of the two");
    }
    check_sysctls(field, service);
}

void read_pull_policy(const YamlField& field, ServiceSpec& service) {
    static constexpr std::string_view words[] = {"missing", "if_not_present", "always", "never",
                                                 "build",   "daily",          "weekly"};
    const auto value = field.string();
    if (!value) return;
    const bool by_clock = *value == "daily" || *value == "weekly" || value->starts_with("every_");
    if (*value == "always") {
        service.pull = PullPolicy::always;
    } else if (*value == "never") {
        service.pull = PullPolicy::never;
    } else if (by_clock || *value == "build") {
        field.warn(fmt::format("{} counts as `missing`: nap {}", quoted(*value),
                               by_clock ? "does not pull by the clock" : "builds nothing"));
    } else if (*value != "missing" && *value != "if_not_present") {
        field.error(fmt::format("expected `missing`, `always` or `never`, found {}{}",
                                quoted(*value), suggestion(*value, words)));
    }
}

bool is_left_out(const YamlField& field, const std::string& name, Draft& draft) {
    const auto profiles = field.find("profiles");
    if (!profiles) return false;
    const auto names = profiles->strings();
    if (names.empty() || is_on(field.node, draft.spec.profiles)) return false;
    draft.left_out.emplace(name, profiles->node.position);
    profiles->warn(
        fmt::format("{} is left out: none of its profiles is on; to run it, write a top-level "
                    "`x-nap: {{profiles: [{}]}}`, or `COMPOSE_PROFILES` into `.env`",
                    quoted(name), clipped(names.front(), 64)));
    return true;
}

}  // namespace nap
