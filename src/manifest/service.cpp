#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"
#include "model/labels.hpp"

namespace nap {
namespace {

constexpr std::size_t hostname_bytes_max = 64;
constexpr std::size_t service_name_bytes_max = 63;

bool has_blank(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) <= 0x20U || c == 0x7F) return true;
    }
    return false;
}

bool is_image_character(char c) {
    return is_plain_name({&c, 1}) || c == ':' || c == '/' || c == '@';
}

/// Good enough to catch slips; the registry or the engine has the last word.
const char* image_problem(std::string_view image) {
    if (image.empty()) return "expected the name of an image, found an empty string";
    if (has_blank(image)) return "the name of an image has no blanks";
    for (const char c : image) {
        if (!is_image_character(c)) return "the name of an image has only a-z, 0-9 and `._-:/@`";
    }
    const auto is_separator = [](char c) { return c == ':' || c == '/' || c == '@'; };
    bool after_separator = true;
    for (const char c : image) {
        if (is_separator(c) && after_separator) return "a part of the image's name is empty";
        after_separator = is_separator(c);
    }
    if (after_separator) return "the image's name ends in the middle";
    const std::string_view digest_less = image.substr(0, image.find('@'));
    const std::size_t slash = digest_less.rfind('/');
    const std::string_view last =
        slash == std::string_view::npos ? digest_less : digest_less.substr(slash + 1);
    for (const char c : last.substr(0, last.find(':'))) {
        if (c >= 'A' && c <= 'Z') return "the name of an image is written in lower case";
    }
    return nullptr;
}

void read_image(const YamlField& service_field, ServiceSpec& service) {
    const auto field = service_field.find("image");
    if (!field) {
        const auto& entries = service_field.node.entries;
        const auto build = std::find_if(entries.begin(), entries.end(), [](const YamlEntry& entry) {
            return entry.key == "build";
        });
        if (build != entries.end()) {
            service_field.errors.add(
                build->position, join_path(service_field.path, "build"),
                "nap builds nothing; build the image beforehand, and name it with `image`");
        } else {
            service_field.error("expected the key `image`, found none; name the image to run");
        }
        return;
    }
    const auto image = field->string();
    if (!image) return;
    if (const char* problem = image_problem(*image)) {
        field->error(problem);
        return;
    }
    service.image = *image;
}

}  // namespace

/// A string is split as a shell would; null keeps what the image says.
std::optional<std::vector<std::string>> read_command(const YamlField& field) {
    if (field.node.is_null()) return std::nullopt;
    if (field.is_sequence()) return field.strings();
    if (field.is_mapping()) {
        field.unexpected("a string or a list of strings");
        return std::nullopt;
    }
    const auto text = field.string();
    if (!text) return std::nullopt;
    auto words = split_command(*text);
    if (!words) {
        field.error(words.error().message + "; quote it, or write a list");
        return std::nullopt;
    }
    return std::move(*words);
}

namespace {

void read_names(const YamlField& field, Draft& draft, ServiceSpec& service) {
    if (const auto hostname = field.find("hostname")) {
        const auto value = hostname->string();
        if (value && !value->empty() &&
            (!is_engine_name(*value) || value->size() > hostname_bytes_max)) {
            hostname->error("expected a host name of letters, digits, `.` and `-`, at most 64");
        }
        service.hostname = value.value_or("");
    }
    const auto name = field.find("container_name");
    if (!name) return;
    const auto value = name->string();
    if (!value || value->empty()) return;
    if (!is_engine_name(*value) || value->size() < 2) {
        name->error("expected at least two of letters, digits and `._-`, not starting with `._-`");
    }
    const auto [taken, is_new] = draft.container_names.emplace(*value, field.path);
    if (!is_new) {
        name->error(fmt::format("`{}` has the container name {} too; names are unique on a host",
                                taken->second, quoted(*value)));
    }
    if (service.replicas > 1) {
        name->error(
            fmt::format("a container name fits one instance, and `deploy.replicas` asks "
                        "for {}; drop one of the two",
                        service.replicas));
    }
    service.container_name = *value;
}

void read_process(const YamlField& field, ServiceSpec& service) {
    if (const auto command = field.find("command")) service.command = read_command(*command);
    if (const auto entrypoint = field.find("entrypoint")) {
        service.entrypoint = read_command(*entrypoint);
    }
    if (const auto user = field.find("user")) {
        const auto value = user->string();
        if (value && has_blank(*value)) {
            user->error("expected a user, as `www-data` or `1000:1000`");
        }
        service.user = value.value_or("");
    }
    if (const auto directory = field.find("working_dir")) {
        const auto value = directory->string();
        if (value && !value->empty() && !is_absolute(*value))
            directory->error("expected an absolute path");
        service.working_dir = value.value_or("");
    }
    if (const auto signal = field.find("stop_signal")) {
        const std::string value = in_upper_case(signal->text().value_or(""));
        if (!value.empty() && !is_signal(value)) {
            signal->error("expected the name or number of a signal, as `SIGTERM`");
        }
        service.stop_signal = value;
    }
    if (const auto grace = field.find("stop_grace_period")) {
        service.stop_grace_period = read_duration(*grace);
    }
}

/// Swarm fills these in, and Compose does not.
void warn_of_templates(const YamlField& field, const ServiceSpec& service) {
    for (const auto& [name, value] : service.environment) {
        for (const char* kind : {"{{.Node.", "{{.Task.", "{{.Service."}) {
            if (value.find(kind) == std::string::npos) continue;
            field.warn(fmt::format("{} has a template of Swarm in it, which is passed on as it is",
                                   quoted(name)));
        }
    }
}

/// `scale` says the same as `deploy.replicas`.
void read_scale(const YamlField& field, ServiceSpec& service) {
    const auto scale = field.find("scale");
    if (!scale) return;
    const auto count = scale->integer(0, 1000);
    if (!count) return;
    const auto deploy = field.find("deploy");
    const bool said = deploy && deploy->is_mapping() && deploy->find("replicas");
    if (service.mode == DeployMode::global) {
        scale->error("has no effect with mode `global`; remove one of the two");
    } else if (said && service.replicas != *count) {
        scale->error("`deploy.replicas` says something else; drop one of the two");
    }
    service.replicas = static_cast<int>(*count);
}

/// `deploy.restart_policy` goes before `restart`, as Compose has it.
void read_restarts(const YamlField& field, const std::string& name, Draft& draft) {
    ServiceSpec& service = draft.spec.services[name];
    const auto deploy = field.find("deploy");
    const auto policy =
        deploy && deploy->is_mapping() ? deploy->find("restart_policy") : std::nullopt;
    const auto restart = field.find("restart");
    if (restart) {
        const Restart before = service.restart;
        read_restart(*restart, service);
        if (policy) service.restart = before;
    }
    if (restart || policy) draft.restarts_said.insert(name);
}

/// One address serves one instance.
void check_fixed_addresses(const YamlField& field, const ServiceSpec& service) {
    if (service.replicas <= 1 && service.mode != DeployMode::global) return;
    const bool fixed =
        !service.options.mac_address.empty() ||
        std::any_of(service.networks.begin(), service.networks.end(), [](const auto& network) {
            return !network.endpoint.ipv4_address.empty() || !network.endpoint.ipv6_address.empty();
        });
    if (fixed) {
        field.error(
            "a fixed address fits one instance, and more are asked for; drop one of the two");
    }
}

void read_connections(const YamlField& field, Draft& draft, ServiceSpec& service) {
    if (const auto ports = field.find("ports")) read_ports(*ports, draft, service);
    if (const auto expose = field.find("expose")) read_expose(*expose, draft, service);
    if (const auto volumes = field.find("volumes")) read_volumes(*volumes, draft, service);
    if (const auto hosts = field.find("extra_hosts")) read_extra_hosts(*hosts, service);
    const auto networks = field.find("networks");
    if (draft.form == ManifestForm::version1) {
        if (networks) networks->error("needs the form with a top-level `services:` key");
        if (service.relink == Relink::dns) {
            field.find("x-nap")->find("relink")->error(
                "`dns` has no effect in the version-1 form: the engine's default network has no "
                "DNS; use `hosts`, or the form with a top-level `services:` key");
        }
        return;
    }
    if (networks) read_service_networks(*networks, draft, service);
    const auto mode = field.find("network_mode");
    if (service.networks.empty() && (!mode || mode->node.is_null() || mode->node.text.empty())) {
        join_default_network(draft, service);
    }
}

}  // namespace

void read_service(const YamlField& field, const std::string& name, Draft& draft) {
    if (!is_plain_name(name) || name.size() > service_name_bytes_max) {
        field.error("expected a service name of letters, digits and `._-`, at most 63");
    }
    draft.services_seen.insert(name);
    if (!field.expect_mapping()) return;
    // As in Compose, what is left out may name files, networks and services that are not there.
    if (is_left_out(field, name, draft)) return;
    check_keys(field, keys::service);
    // What came from these has been put in their place by now.
    for (const char* key : {"env_file", "label_file", "extends"}) {
        if (const auto found = field.find(key)) found->error("could not be resolved");
    }
    ServiceSpec& service = draft.spec.services[name];
    if (const auto deploy = field.find("deploy")) {
        if (draft.form == ManifestForm::version1) {
            deploy->error("needs the form with a top-level `services:` key");
        } else {
            read_deploy(*deploy, draft, service);
        }
    }
    read_scale(field, service);
    if (const auto x_nap = field.find("x-nap")) read_x_nap(*x_nap, service);
    read_image(field, service);
    read_names(field, draft, service);
    read_process(field, service);
    read_resources(field, service);
    if (const auto environment = field.find("environment")) {
        service.environment = read_pairs(*environment, PairValues::of_shell);
        warn_of_templates(*environment, service);
    }
    if (const auto labels = field.find("labels")) service.labels = read_labels(*labels);
    if (const auto pull = field.find("pull_policy")) read_pull_policy(*pull, service);
    read_restarts(field, name, draft);
    if (const auto check = field.find("healthcheck")) read_healthcheck(*check, service);
    read_options(field, draft, service);
    read_hooks(field, service.hooks);
    read_dependencies(field, name, draft);
    read_connections(field, draft, service);
    read_volumes_from(field, name, draft);
    read_modes(field, name, draft);
    read_files(field, configs_kind, draft, service);
    read_files(field, secrets_kind, draft, service);
    check_fixed_addresses(field, service);
}

}  // namespace nap
