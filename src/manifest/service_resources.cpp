#include <fmt/format.h>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

constexpr std::int64_t memory_bytes_min = 6 * 1024 * 1024;
constexpr std::int64_t nano_cpus_min = 10'000'000;

/// Something a service may have a limit of, and set some of aside: how it is written and stored.
struct Resource {
    const char* short_key;  ///< on the service
    const char* key;        ///< under `deploy.resources`
    Result<std::int64_t> (*parse)(std::string_view text);
    std::int64_t limit_min;
    const char* below_min;
    std::int64_t ServiceSpec::*limit;
    std::int64_t ServiceSpec::*reserved;
};

constexpr Resource resources[] = {
    {"mem_limit", "memory", parse_bytes, memory_bytes_min,
     "expected at least 6m, which is the least the engine accepts", &ServiceSpec::memory_bytes_max,
     &ServiceSpec::memory_bytes_reserved},
    {"cpus", "cpus", parse_nano_cpus, nano_cpus_min,
     "expected at least 0.01, which is the least the engine accepts", &ServiceSpec::nano_cpus_max,
     &ServiceSpec::nano_cpus_reserved},
};

std::optional<std::int64_t> read_amount(const YamlField& field, const Resource& resource) {
    const auto text = field.text();
    if (!text) return std::nullopt;
    const auto amount = resource.parse(*text);
    if (amount) return *amount;
    field.error(amount.error().message);
    return std::nullopt;
}

std::optional<std::int64_t> read_limit(const YamlField& field, const Resource& resource) {
    const auto amount = read_amount(field, resource);
    if (!amount || *amount == 0 || *amount >= resource.limit_min) return amount;
    field.error(resource.below_min);
    return std::nullopt;
}

/// A mapping under `deploy.resources` whose keys are looked at one by one.
std::optional<YamlField> find_section(const std::optional<YamlField>& parent, const char* name,
                                      const KeySection& section) {
    if (!parent || !parent->is_mapping()) return std::nullopt;
    auto found = parent->find(name);
    if (!found || !found->expect_mapping()) return std::nullopt;
    check_keys(*found, section);
    return found;
}

void read_resource(const Resource& resource, const YamlField& service_field,
                   const std::optional<YamlField>& limits,
                   const std::optional<YamlField>& reservations, ServiceSpec& service) {
    std::optional<std::int64_t> limit;
    if (const auto field = service_field.find(resource.short_key)) {
        limit = read_limit(*field, resource);
    }
    if (const auto field = limits ? limits->find(resource.key) : std::nullopt) {
        const auto second = read_limit(*field, resource);
        if (limit && second && *limit != *second) {
            field->error(fmt::format("`{}` of the service says something else; drop one of the two",
                                     resource.short_key));
        }
        if (second) limit = second;
    }
    service.*resource.limit = limit.value_or(0);
    const auto field = reservations ? reservations->find(resource.key) : std::nullopt;
    if (!field) return;
    const auto reserved = read_amount(*field, resource);
    if (!reserved) return;
    if (limit && *limit != 0 && *reserved > *limit) {
        field->error(
            "sets aside more than the service's limit lets it have; lower this, or raise "
            "the limit");
    }
    service.*resource.reserved = *reserved;
}

/// `mem_reservation` is told to the engine, and set aside too.
void read_soft_limit(const YamlField& field, ServiceSpec& service) {
    const auto found = field.find("mem_reservation");
    if (!found) return;
    const auto amount = read_amount(*found, resources[0]);
    if (!amount) return;
    if (service.memory_bytes_reserved != 0 && service.memory_bytes_reserved != *amount) {
        found->error("`deploy.resources.reservations.memory` says something else; drop one");
    }
    if (service.memory_bytes_max != 0 && *amount > service.memory_bytes_max) {
        found->error("is more than the service's limit; lower this, or raise the limit");
    }
    service.memory_bytes_reserved = *amount;
    service.options.memory_bytes_soft = *amount;
}

}  // namespace

void read_resources(const YamlField& field, ServiceSpec& service) {
    const auto deploy = field.find("deploy");
    const auto section = find_section(deploy, "resources", keys::resources);
    const auto limits = find_section(section, "limits", keys::limits);
    const auto reservations = find_section(section, "reservations", keys::reservations);
    for (const Resource& resource : resources) {
        read_resource(resource, field, limits, reservations, service);
    }
    read_soft_limit(field, service);
}

}  // namespace nap
