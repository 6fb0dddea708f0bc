#include "differential/mounts.hpp"

#include <sstream>

namespace nap::test {

namespace {

json empty_mount(const std::string& type, const std::string& source) {
    return {{"type", type}, {"source", source}, {"read only", false}};
}

/// `source:target[:options]`
void add_bind(json& wanted, const std::string& bind) {
    std::istringstream parts(bind);
    std::string source;
    std::string target;
    std::string options;
    std::getline(parts, source, ':');
    std::getline(parts, target, ':');
    std::getline(parts, options);
    json mount = empty_mount(source.starts_with('/') ? "bind" : "volume", source);
    std::istringstream words(options);
    for (std::string word; std::getline(words, word, ',');) {
        if (word == "ro") {
            mount["read only"] = true;
        } else if (word == "nocopy") {
            mount["no copy"] = true;
        } else if (word == "z" || word == "Z") {
            mount["selinux"] = word;
        } else if (word != "rw") {
            mount["propagation"] = word;
        }
    }
    wanted[target] = std::move(mount);
}

void add_mount(json& wanted, const json& mount) {
    json added = empty_mount(mount.at("Type"), mount.value("Source", ""));
    added["read only"] = mount.value("ReadOnly", false);
    if (mount.contains("BindOptions"))
        added["propagation"] = mount.at("BindOptions").value("Propagation", "");
    if (mount.value(json::json_pointer("/VolumeOptions/NoCopy"), false)) added["no copy"] = true;
    if (mount.contains("TmpfsOptions")) added["tmpfs"] = mount.at("TmpfsOptions");
    wanted[mount.at("Target").get<std::string>()] = std::move(added);
}

json take(json& object, const char* field) {
    json taken = object.value(field, json());
    object.erase(field);
    return taken;
}

}  // namespace

json take_wanted_mounts(json& config, json& host) {
    json wanted = json::object();
    // docker-compose names here also what it binds.
    const json volumes = take(config, "Volumes");
    for (const auto& [target, nothing] : volumes.items())
        wanted[target] = empty_mount("volume", "");
    for (const json& bind : take(host, "Binds"))
        add_bind(wanted, bind);
    for (const json& mount : take(host, "Mounts"))
        add_mount(wanted, mount);
    return wanted;
}

json mounts_in_place(const json& container) {
    json found = json::object();
    for (const json& mount : container.at("Mounts")) {
        json& kept = found[mount.at("Destination").get<std::string>()];
        for (const char* field : {"Type", "RW", "Propagation", "Driver"})
            kept[field] = mount.value(field, json());
        const std::string name = mount.value("Name", "");
        const bool anonymous = name.size() == 64;
        kept["Name"] = anonymous ? "unnamed" : name;
        if (mount.at("Type") == "bind") kept["Source"] = mount.at("Source");
    }
    return found;
}

}  // namespace nap::test
