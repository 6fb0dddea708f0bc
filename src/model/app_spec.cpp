#include "model/app_spec.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace nap {

namespace {

constexpr std::string_view of_service = "service:";

}  // namespace

bool has_mount_option(std::string_view options, std::initializer_list<std::string_view> words) {
    while (!options.empty()) {
        const std::size_t comma = std::min(options.find(','), options.size());
        if (std::find(words.begin(), words.end(), options.substr(0, comma)) != words.end()) {
            return true;
        }
        options.remove_prefix(std::min(comma + 1, options.size()));
    }
    return false;
}

bool has_bind_option(const VolumeSpec& volume) {
    const auto options = volume.driver_opts.find("o");
    const bool is_local = volume.driver.empty() || volume.driver == "local";
    return is_local && options != volume.driver_opts.end() &&
           has_mount_option(options->second, {"bind", "rbind"});
}

std::string host_path_of(const VolumeSpec& volume) {
    const auto device = volume.driver_opts.find("device");
    const bool is_bind = !volume.external && has_bind_option(volume);
    return is_bind && device != volume.driver_opts.end() ? device->second : std::string();
}

std::vector<std::string> namespaces_of(const ServiceSpec& service) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    const ContainerOptions& options = service.options;
    for (const std::string& mode : {options.network_mode, options.pid_mode, options.ipc_mode}) {
        if (!mode.starts_with(of_service)) continue;
        std::string name = mode.substr(of_service.size());
        if (seen.insert(name).second) names.push_back(std::move(name));
    }
    return names;
}

std::vector<std::string> companions_of(const ServiceSpec& service) {
    std::vector<std::string> names = namespaces_of(service);
    for (const VolumesFrom& from : service.volumes_from) {
        if (std::find(names.begin(), names.end(), from.service) == names.end()) {
            names.push_back(from.service);
        }
    }
    return names;
}

bool has_own_network(const ServiceSpec& service) {
    const std::string& mode = service.options.network_mode;
    return service.networks.empty() && !mode.empty() && mode != "bridge" && mode != "default";
}

std::vector<std::string> dependencies_of(const ServiceSpec& service) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const LinkSpec& link : service.links) {
        if (seen.insert(link.service).second) names.push_back(link.service);
    }
    for (const std::string& name : service.depends_on) {
        if (seen.insert(name).second) names.push_back(name);
    }
    for (const std::string& name : companions_of(service)) {
        if (seen.insert(name).second) names.push_back(name);
    }
    return names;
}

}  // namespace nap
