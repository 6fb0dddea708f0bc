#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/readers.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

constexpr std::int64_t weight_min = 10;
constexpr std::int64_t weight_max = 1000;
constexpr std::int64_t count_max = 1'000'000'000'000;

constexpr std::string_view ulimit_names[] = {
    "core",   "cpu",   "data", "fsize",  "locks",  "memlock",    "msgqueue", "nice",
    "nofile", "nproc", "rss",  "rtprio", "rttime", "sigpending", "stack"};

std::optional<Ulimit> read_ulimit(const YamlField& field, const std::string& name) {
    Ulimit limit{.name = name};
    if (!field.is_mapping()) {
        const auto both = field.integer(-1, count_max);
        limit.soft = limit.hard = both.value_or(0);
        return both ? std::optional(limit) : std::nullopt;
    }
    check_keys(field, keys::ulimit);
    const auto soft = require(field, "soft", "the limit that the process meets");
    const auto hard = require(field, "hard", "what the process may raise it to");
    if (!soft || !hard) return std::nullopt;
    limit.soft = soft->integer(-1, count_max).value_or(0);
    limit.hard = hard->integer(-1, count_max).value_or(0);
    if (limit.hard != -1 && (limit.soft == -1 || limit.soft > limit.hard)) {
        field.error("`soft` is above `hard`; lower it");
    }
    return limit;
}

void read_ulimits(const YamlField& field, ContainerOptions& options) {
    if (!field.expect_mapping()) return;
    for (const YamlEntry& entry : field.node.entries) {
        const YamlField child = field.child(entry);
        const auto& names = ulimit_names;
        if (std::find(std::begin(names), std::end(names), entry.key) == std::end(names)) {
            child.error(fmt::format("unknown limit {}{}", quoted(entry.key),
                                    suggestion(entry.key, ulimit_names)));
        } else if (auto limit = read_ulimit(child, entry.key)) {
            options.ulimits.push_back(std::move(*limit));
        }
    }
}

bool is_permissions(std::string_view text) {
    return !text.empty() && text.find_first_not_of("rwm") == std::string_view::npos;
}

void add_device(const YamlField& field, DeviceMapping device, ContainerOptions& options) {
    if (device.container.empty()) device.container = device.host;
    if (!is_absolute(device.host) && device.host.find('=') != std::string::npos) {
        field.error(
            "names of a device interface need Docker 25 (API 1.44) or newer, and nap serves "
            "20.10; name the device's path");
    } else if (!is_absolute(device.host) || !is_absolute(device.container)) {
        field.error("expected `/dev/host[:/dev/container[:rwm]]`, the paths absolute");
    } else if (!is_permissions(device.permissions)) {
        field.error("expected the permissions of `r`, `w` and `m`");
    } else {
        options.devices.push_back(std::move(device));
    }
}

void read_device_line(const YamlField& field, ContainerOptions& options) {
    const auto text = field.string();
    if (!text) return;
    DeviceMapping device;
    const std::size_t first = text->find(':');
    device.host = text->substr(0, first);
    if (first != std::string::npos) {
        const std::size_t second = text->find(':', first + 1);
        device.container = text->substr(first + 1, second - first - 1);
        if (second != std::string::npos) device.permissions = text->substr(second + 1);
        // `/dev/sda:r`: permissions without another name.
        if (second == std::string::npos && is_permissions(device.container)) {
            device.permissions = std::exchange(device.container, "");
        }
    }
    add_device(field, std::move(device), options);
}

void read_device(const YamlField& field, ContainerOptions& options) {
    if (!field.is_mapping()) return read_device_line(field, options);
    check_keys(field, keys::device);
    const auto source = require(field, "source", "the device's path on the host");
    if (!source) return;
    DeviceMapping device{.host = source->string().value_or(""), .container = ""};
    if (const auto target = field.find("target")) {
        device.container = target->string().value_or("");
    }
    if (const auto permissions = field.find("permissions")) {
        device.permissions = permissions->string().value_or("");
    }
    add_device(field, std::move(device), options);
}

std::int64_t read_count(const YamlField& field) {
    if (field.node.kind == YamlKind::scalar && field.node.text == "all") return -1;
    return field.integer(-1, 1000).value_or(0);
}

void read_request(const YamlField& field, bool is_gpu, ContainerOptions& options) {
    check_keys(field, keys::device_request);
    DeviceRequest request;
    if (const auto list = field.find("capabilities")) request.capabilities = read_text_list(*list);
    auto& capabilities = request.capabilities;
    const bool has_gpu =
        std::find(capabilities.begin(), capabilities.end(), "gpu") != capabilities.end();
    if (is_gpu && !has_gpu) capabilities.emplace_back("gpu");
    if (capabilities.empty()) {
        field.error("expected the key `capabilities`, a list of at least one, as `[gpu]`");
    }
    if (const auto driver = field.find("driver")) request.driver = driver->string().value_or("");
    if (const auto ids = field.find("device_ids")) request.ids = read_text_list(*ids);
    if (const auto map = field.find("options")) {
        request.options = read_pairs(*map, PairValues::required);
    }
    const auto count = field.find("count");
    if (count && !request.ids.empty()) {
        count->error("expected `count` or `device_ids`, found both; drop one of the two");
    }
    if (request.ids.empty()) request.count = count ? read_count(*count) : -1;
    options.device_requests.push_back(std::move(request));
}

void read_gpus(const YamlField& field, ContainerOptions& options) {
    if (field.node.kind == YamlKind::scalar && field.node.text == "all") {
        options.device_requests.push_back({.driver = "", .count = -1, .capabilities = {"gpu"}});
        return;
    }
    if (!field.is_sequence()) {
        field.unexpected("`all` or a list");
        return;
    }
    read_mappings(field, [&](const YamlField& item) { read_request(item, true, options); });
}

void read_reserved_devices(const YamlField& service_field, ContainerOptions& options) {
    constexpr const char* below[] = {"deploy", "resources", "reservations", "devices"};
    const auto section = find_below(service_field, below);
    if (!section) return;
    read_mappings(*section, [&](const YamlField& item) { read_request(item, false, options); });
}

/// The path and the value under `key` of one device.
void read_device_limit(const YamlField& item, const char* key, BlkioRate& limit) {
    check_keys(item, keys::blkio_device);
    const auto path = require(item, "path", "a device of the host");
    const auto value = require(item, key, "what it is limited to");
    if (!path || !value) return;
    limit.path = path->string().value_or("");
    const bool is_weight = key == std::string_view("weight");
    limit.rate = is_weight ? value->integer(weight_min, weight_max).value_or(0)
                           : read_amount(*value, parse_bytes).value_or(0);
}

void read_blkio(const YamlField& field, ContainerOptions& options) {
    if (!field.expect_mapping()) return;
    check_keys(field, keys::blkio);
    if (const auto weight = field.find("weight")) {
        options.blkio_weight = weight->integer(weight_min, weight_max).value_or(0);
    }
    if (const auto list = field.find("weight_device")) {
        read_mappings(*list, [&](const YamlField& item) {
            BlkioRate limit;
            read_device_limit(item, "weight", limit);
            options.blkio_weights.push_back({limit.path, limit.rate});
        });
    }
    constexpr std::pair<const char*, std::vector<BlkioRate> ContainerOptions::*> rates[] = {
        {"device_read_bps", &ContainerOptions::read_bytes},
        {"device_read_iops", &ContainerOptions::read_operations},
        {"device_write_bps", &ContainerOptions::write_bytes},
        {"device_write_iops", &ContainerOptions::write_operations},
    };
    for (const auto& [key, member] : rates) {
        const auto list = field.find(key);
        if (!list) continue;
        auto& limits = options.*member;
        read_mappings(*list, [&](const YamlField& item) {
            limits.emplace_back();
            read_device_limit(item, "rate", limits.back());
        });
    }
}

void read_log(const YamlField& parent, const char* driver_key, const char* options_key,
              ContainerOptions& options) {
    if (const auto driver = parent.find(driver_key)) {
        options.log_driver = driver->string().value_or("");
    }
    const auto map = parent.find(options_key);
    if (map && !map->node.is_null() && map->expect_mapping()) {
        options.log_options = read_pairs(*map, PairValues::required);
    }
}

void read_logging(const YamlField& field, ContainerOptions& options) {
    read_log(field, "log_driver", "log_opt", options);
    const auto logging = field.find("logging");
    if (!logging || !logging->expect_mapping()) return;
    check_keys(*logging, keys::logging);
    read_log(*logging, "driver", "options", options);
}

}  // namespace

void read_devices(const YamlField& field, ContainerOptions& options) {
    if (const auto ulimits = field.find("ulimits")) read_ulimits(*ulimits, options);
    if (const auto devices = field.find("devices")) {
        if (devices->expect_sequence()) {
            for (std::size_t i = 0; i < devices->node.items.size(); ++i)
                read_device(devices->item(i), options);
        }
    }
    if (const auto gpus = field.find("gpus")) read_gpus(*gpus, options);
    read_reserved_devices(field, options);
    if (const auto blkio = field.find("blkio_config")) read_blkio(*blkio, options);
    read_logging(field, options);
}

}  // namespace nap
