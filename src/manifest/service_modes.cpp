#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "manifest/draft.hpp"
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

void read_mode(const YamlField& parent, const Mode& mode, const std::string& name, Draft& draft) {
    const auto field = parent.find(mode.key);
    if (!field) return;
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
    if (std::find(mode.words.begin(), mode.words.end(), *value) == mode.words.end()) {
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
    if (!service.links.empty()) {
        field.find("links")->error(fmt::format("has no effect with `{}`; remove it", key));
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
    for (const char* own : {"hostname", "mac_address", "extra_hosts", "dns"}) {
        const auto found = field.find(own);
        if (is_shared && found) {
            found->error("the network is another service's: set this there, and remove it here");
        }
    }
}

}  // namespace

void read_modes(const YamlField& field, const std::string& name, Draft& draft) {
    const bool is_version1 = draft.form == ManifestForm::version1 && field.find("net");
    read_mode(field, is_version1 ? version1_net : network_mode, name, draft);
    for (const Mode& mode : other_modes)
        read_mode(field, mode, name, draft);
    check_network_mode(field, is_version1 ? "net" : "network_mode", draft.spec.services[name]);
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
    const auto& enabled = draft.spec.profiles;
    const bool on = names.empty() || enabled.contains("*") ||
                    std::any_of(names.begin(), names.end(),
                                [&](const std::string& one) { return enabled.contains(one); });
    if (on) return false;
    draft.left_out.emplace(name, profiles->node.position);
    profiles->warn(
        fmt::format("{} is left out: none of its profiles is on; to run it, write a top-level "
                    "`x-nap: {{profiles: [{}]}}`",
                    quoted(name), clipped(names.front(), 64)));
    return true;
}

}  // namespace nap
