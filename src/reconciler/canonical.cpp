#include "reconciler/canonical.hpp"

namespace nap {

void Canonical::add(std::string_view key, const std::vector<Ulimit>& values) {
    for (const Ulimit& limit : values)
        put(key, fmt::format("{}={}:{}", limit.name, limit.soft, limit.hard));
}

void Canonical::add(std::string_view key, const std::vector<DeviceMapping>& values) {
    for (const DeviceMapping& device : values) {
        put(key, device.host);
        put(key, device.container);
        put(key, device.permissions);
    }
}

void Canonical::add(std::string_view key, const std::vector<DeviceRequest>& values) {
    for (const DeviceRequest& request : values) {
        put(key, fmt::format("{}:{}", request.count, request.driver));
        add("id", request.ids);
        add("capability", request.capabilities);
        add("option", request.options);
    }
}

void Canonical::add(std::string_view key, const std::vector<BlkioRate>& values) {
    for (const BlkioRate& device : values)
        put(key, fmt::format("{}={}", device.path, device.rate));
}

void Canonical::add(std::string_view key, const std::vector<BlkioWeight>& values) {
    for (const BlkioWeight& device : values)
        put(key, fmt::format("{}={}", device.path, device.weight));
}

}  // namespace nap
