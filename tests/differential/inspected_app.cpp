#include "differential/inspected_app.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "differential/mounts.hpp"

namespace nap::test {

namespace {

/// Text to look for, and what takes its place: ids and names of containers.
using Renames = std::vector<std::pair<std::string, std::string>>;

std::string label_of_project(const std::string& app) {
    return "com.docker.compose.project=" + app;
}

/// As `web.1`.
std::string instance_of(const json& container) {
    const json& labels = container.at("Config").at("Labels");
    return labels.at("com.docker.compose.service").get<std::string>() + "." +
           labels.at("com.docker.compose.container-number").get<std::string>();
}

/// docker-compose names containers with `_`, nap with `-`; both are the default name.
void add_renames(Renames& renames, const std::string& app, const json& container) {
    const std::string instance = instance_of(container);
    const std::string id = container.at("Id");
    const std::string place = "<" + instance + ">";
    renames.emplace_back(id, place);
    renames.emplace_back(id.substr(0, 12), place);
    const auto dot = instance.find('.');
    const std::string service = instance.substr(0, dot);
    const std::string slot = instance.substr(dot + 1);
    renames.emplace_back(app + "_" + service + "_" + slot, place);
    renames.emplace_back(app + "-" + service + "-" + slot, place);
}

void rename(json& value, const Renames& renames) {
    if (value.is_structured()) {
        for (json& part : value)
            rename(part, renames);
    }
    if (!value.is_string()) return;
    std::string text = value;
    for (const auto& [from, to] : renames) {
        for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at))
            text.replace(at, from.size(), to);
    }
    value = std::move(text);
}

bool says_nothing(const json& value) {
    return value.is_null() || (value.is_structured() && value.empty()) ||
           (value.is_string() && value.get_ref<const std::string&>().empty());
}

void drop_empty(json& value) {
    if (value.is_object()) {
        for (auto part = value.begin(); part != value.end();) {
            drop_empty(*part);
            part = says_nothing(*part) ? value.erase(part) : std::next(part);
        }
    }
}

bool is_of_a_tool(const std::string& label) {
    return label.starts_with("com.docker.compose.") || label.starts_with("io.nap.");
}

void drop_labels_of_tools(json& labels) {
    if (!labels.is_object()) return;
    for (auto label = labels.begin(); label != labels.end();)
        label = is_of_a_tool(label.key()) ? labels.erase(label) : std::next(label);
}

void sort(json& list) {
    if (list.is_array()) std::sort(list.begin(), list.end());
}

/// By name; of those that are named without a value, the engine is told just that.
json variables(const json& environment) {
    json found;
    for (const json& variable : environment) {
        const std::string text = variable;
        const auto equals = text.find('=');
        found[text.substr(0, equals)] =
            equals == std::string::npos ? "no value" : "=" + text.substr(equals + 1);
    }
    return found;
}

/// The engine takes and shows `name:value` and `name=value`, and `true` where there is no value.
json security_options(const json& options) {
    json found = json::array();
    for (const json& option : options) {
        std::string text = option;
        const auto separator = text.find_first_of(":=");
        if (separator == std::string::npos) {
            text += "=true";
        } else {
            text[separator] = '=';
        }
        found.push_back(std::move(text));
    }
    return found;
}

/// How the container is on its networks, without what the engine chose.
json endpoints(const json& container) {
    json found;
    for (const auto& [name, endpoint] : container.at("NetworkSettings").at("Networks").items()) {
        json& kept = found[name];
        for (const char* field : {"IPAMConfig", "Links", "Aliases", "DriverOpts"})
            kept[field] = endpoint.value(field, json());
    }
    return found;
}

/// A link as `db.1:alias`, to an instance, or as `db:alias`, to whatever has that name, in the one
/// form `db:alias`. Left out are aliases by which the other is reachable in any case: the name of
/// its service, and what docker-compose makes of that and its number.
json links_of(const json& links) {
    json found = json::array();
    for (const json& link : links) {
        const std::string text = link;
        const auto colon = text.rfind(':');
        std::string target = text.substr(0, colon);
        const std::string alias = text.substr(colon + 1);
        if (target.starts_with('<')) {
            const auto dot = target.rfind('.');
            const std::string number = target.substr(dot + 1, target.size() - dot - 2);
            if (alias == target) continue;
            target = target.substr(1, dot - 1);
            if (alias == target + "_" + number) continue;
        }
        if (alias != target) found.push_back(target + ":" + alias);
    }
    return found;
}

/// After renaming, or ids would decide the order.
void tidy_endpoints(json& endpoints) {
    for (json& endpoint : endpoints) {
        endpoint["Links"] = links_of(endpoint["Links"]);
        sort(endpoint["Links"]);
        sort(endpoint["Aliases"]);
    }
}

json inspected_container(const json& container) {
    json config = container.at("Config");
    json host = container.at("HostConfig");
    drop_labels_of_tools(config["Labels"]);
    config["Env"] = variables(config["Env"]);
    for (const char* unordered : {"ExtraHosts", "Ulimits"})
        sort(host[unordered]);
    for (json& bindings : host["PortBindings"])
        sort(bindings);
    host["SecurityOpt"] = security_options(host["SecurityOpt"]);
    json mounts = take_wanted_mounts(config, host);
    return {
        {"Name", container.at("Name")},         {"Running", container.at("State").at("Running")},
        {"Platform", container.at("Platform")}, {"Config", std::move(config)},
        {"HostConfig", std::move(host)},        {"Wanted mounts", std::move(mounts)},
        {"Mounts", mounts_in_place(container)}, {"Networks", endpoints(container)}};
}

bool is_chosen_by_engine(const json& pool) {
    return pool.value("Subnet", "").starts_with("172.");
}

json inspected_network(json network) {
    drop_labels_of_tools(network["Labels"]);
    for (json& pool : network["IPAM"]["Config"]) {
        if (is_chosen_by_engine(pool)) pool = "chosen by the engine";
    }
    for (const char* own : {"Id", "Created", "Containers"})
        network.erase(own);
    return network;
}

json inspected_volume(json volume) {
    drop_labels_of_tools(volume["Labels"]);
    for (const char* own : {"CreatedAt", "Mountpoint", "Status"})
        volume.erase(own);
    return volume;
}

}  // namespace

json inspected_app(const Docker& docker, const std::string& app) {
    const std::string label = label_of_project(app);
    std::vector<json> containers;
    Renames renames;
    for (const std::string& id : docker.containers({label})) {
        containers.push_back(docker.inspect(id));
        add_renames(renames, app, containers.back());
    }
    json found;
    for (const json& container : containers) {
        json& inspected = found["containers"][instance_of(container)];
        if (!inspected.is_null()) throw Failure("two of " + instance_of(container));
        inspected = inspected_container(container);
        rename(inspected, renames);
        tidy_endpoints(inspected["Networks"]);
    }
    for (const json& network : docker.networks_with(label))
        found["networks"][network.at("Name").get<std::string>()] = inspected_network(network);
    for (const json& volume : docker.volumes_with(label))
        found["volumes"][volume.at("Name").get<std::string>()] = inspected_volume(volume);
    drop_empty(found);
    return found;
}

}  // namespace nap::test
