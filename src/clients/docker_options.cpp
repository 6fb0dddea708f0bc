#include "clients/docker_options.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

namespace nap {

namespace {

using nlohmann::json;

json encode(const Ulimit& limit) {
    return {{"Name", limit.name}, {"Soft", limit.soft}, {"Hard", limit.hard}};
}

json encode(const DeviceMapping& device) {
    return {{"PathOnHost", device.host},
            {"PathInContainer", device.container},
            {"CgroupPermissions", device.permissions}};
}

json encode(const DeviceRequest& request) {
    json encoded = {{"Driver", request.driver},
                    {"Count", request.count},
                    {"Capabilities", json::array({request.capabilities})}};
    if (!request.ids.empty()) encoded["DeviceIDs"] = request.ids;
    if (!request.options.empty()) encoded["Options"] = request.options;
    return encoded;
}

json encode(const BlkioRate& device) {
    return {{"Path", device.path}, {"Rate", device.rate}};
}

json encode(const BlkioWeight& device) {
    return {{"Path", device.path}, {"Weight", device.weight}};
}

// Null where the engine's default is wanted.

json encode_set(bool value) {
    return value ? json(true) : json();
}

json encode_set(std::int64_t value) {
    return value != 0 ? json(value) : json();
}

json encode_set(const std::string& value) {
    return value.empty() ? json() : json(value);
}

json encode_set(const StringMap& value) {
    return value.empty() ? json() : json(value);
}

json encode_set(const std::vector<std::string>& value) {
    return value.empty() ? json() : json(value);
}

template <class Value>
json encode_set(const std::optional<Value>& value) {
    return value ? json(*value) : json();
}

template <class Value>
json encode_set(const std::vector<Value>& values) {
    json list;
    for (const Value& value : values)
        list.push_back(encode(value));
    return list;
}

/// What stands at `place`, a path with dots.
json& at_place(json& body, std::string_view place) {
    json* here = &body;
    for (;;) {
        const std::size_t dot = place.find('.');
        here = &(*here)[std::string(place.substr(0, dot))];
        if (dot == std::string_view::npos) return *here;
        place.remove_prefix(dot + 1);
    }
}

}  // namespace

void add_options(json& body, const ContainerOptions& options) {
    each_option(options, [&](std::string_view place, const auto& value) {
        json encoded = encode_set(value);
        if (!encoded.is_null()) at_place(body, place) = std::move(encoded);
    });
    if (!options.system_paths_open) return;
    // The engine masks its own list unless it is given another one.
    body["HostConfig"]["MaskedPaths"] = json::array();
    body["HostConfig"]["ReadonlyPaths"] = json::array();
}

}  // namespace nap
