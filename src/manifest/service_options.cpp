#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/keys.hpp"
#include "manifest/readers.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {
namespace {

template <class Value>
struct Entry {
    const char* key;
    Value ContainerOptions::*field;
};

struct Range {
    const char* key;
    std::int64_t ContainerOptions::*field;
    std::int64_t min;
    std::int64_t max;
};

constexpr Range numbers[] = {
    {"oom_score_adj", &ContainerOptions::oom_score_adj, -1000, 1000},
    {"cpu_shares", &ContainerOptions::cpu_shares, 0, 262'144},
};

constexpr Entry<std::int64_t> times[] = {
    {"cpu_period", &ContainerOptions::cpu_period_us},
    {"cpu_quota", &ContainerOptions::cpu_quota_us},
    {"cpu_rt_period", &ContainerOptions::cpu_rt_period_us},
    {"cpu_rt_runtime", &ContainerOptions::cpu_rt_runtime_us},
};

constexpr Entry<bool> switches[] = {
    {"oom_kill_disable", &ContainerOptions::oom_kill_disable},
    {"privileged", &ContainerOptions::privileged},
    {"read_only", &ContainerOptions::read_only},
    {"tty", &ContainerOptions::tty},
    {"stdin_open", &ContainerOptions::stdin_open},
};

constexpr Entry<std::string> texts[] = {
    {"cpuset", &ContainerOptions::cpuset},
    {"cgroup_parent", &ContainerOptions::cgroup_parent},
    {"domainname", &ContainerOptions::domainname},
    {"runtime", &ContainerOptions::runtime},
    {"platform", &ContainerOptions::platform},
};

constexpr Entry<std::vector<std::string>> lists[] = {
    {"device_cgroup_rules", &ContainerOptions::device_cgroup_rules},
    {"group_add", &ContainerOptions::groups},
    {"dns_opt", &ContainerOptions::dns_options},
    {"dns_search", &ContainerOptions::dns_search},
};

constexpr Entry<StringMap> maps[] = {
    {"sysctls", &ContainerOptions::sysctls},
    {"storage_opt", &ContainerOptions::storage_options},
};

/// `50000`, or a duration as `50ms`: microseconds.
Result<std::int64_t> parse_microseconds(std::string_view text) {
    if (text == "-1") return 0;  // no limit, as when it is not said
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc() && end == text.data() + text.size() && number >= 0) return number;
    const auto duration = parse_duration(text);
    if (duration) return std::chrono::microseconds(*duration).count();
    return Error{Errc::malformed, "expected microseconds, as `50000`, or a duration, as `50ms`"};
}

void read_plain(const YamlField& field, ContainerOptions& options) {
    for (const auto& [key, member, min, max] : numbers) {
        const auto found = field.find(key);
        if (found) options.*member = found->integer(min, max).value_or(0);
    }
    for (const auto& [key, member] : times) {
        const auto found = field.find(key);
        if (found) options.*member = read_amount(*found, parse_microseconds).value_or(0);
    }
    for (const auto& [key, member] : switches) {
        const auto found = field.find(key);
        if (found) options.*member = found->boolean().value_or(false);
    }
    for (const auto& [key, member] : texts) {
        const auto found = field.find(key);
        if (found) options.*member = found->text().value_or("");
    }
    for (const auto& [key, member] : lists) {
        const auto found = field.find(key);
        if (found) options.*member = read_texts(*found);
    }
    for (const auto& [key, member] : maps) {
        const auto found = field.find(key);
        if (found) options.*member = read_pairs(*found, PairValues::required);
    }
}

/// `-1` for no limit, or what `parse` reads.
std::int64_t read_limit(const YamlField& field, Parse parse) {
    if (field.node.kind == YamlKind::scalar && field.node.text == "-1") return -1;
    return read_amount(field, parse).value_or(0);
}

Result<std::int64_t> parse_count(std::string_view text) {
    const auto count = parse_whole(text, 0, std::numeric_limits<int>::max());
    if (count) return *count;
    return Error{Errc::malformed, "expected a whole number, or -1 for no limit"};
}

void read_pids(const YamlField& field, ServiceSpec& service) {
    std::optional<std::int64_t> limit;
    if (const auto pids = field.find("pids_limit")) limit = read_limit(*pids, parse_count);
    constexpr const char* below[] = {"deploy", "resources", "limits", "pids"};
    const auto section = find_below(field, below);
    if (section) {
        const std::int64_t second = read_limit(*section, parse_count);
        if (limit && *limit != second) {
            section->error("`pids_limit` of the service says something else; drop one of the two");
        }
        limit = second;
    }
    service.options.pids_max = limit.value_or(0);
}

void read_memory(const YamlField& field, ServiceSpec& service) {
    ContainerOptions& options = service.options;
    if (const auto shm = field.find("shm_size")) {
        options.shm_bytes = read_amount(*shm, parse_bytes).value_or(0);
    }
    if (const auto swappiness = field.find("mem_swappiness")) {
        options.swappiness = swappiness->integer(-1, 100);
        if (options.swappiness == -1) options.swappiness.reset();  // the engine's default
    }
    const auto swap = field.find("memswap_limit");
    if (!swap) return;
    options.memory_swap_bytes = read_limit(*swap, parse_bytes);
    if (options.memory_swap_bytes <= 0) return;
    if (service.memory_bytes_max == 0) {
        swap->error("counts memory and swap together, and needs `mem_limit` beside it; add it");
    } else if (options.memory_swap_bytes < service.memory_bytes_max) {
        swap->error("expected at least `mem_limit`, as it counts memory and swap together");
    }
}

void check_cpus(const YamlField& field, const ServiceSpec& service) {
    if (service.nano_cpus_max == 0) return;
    for (const char* key : {"cpu_period", "cpu_quota"}) {
        const auto found = field.find(key);
        if (found) found->error("says the same as `cpus` in another way; drop one of the two");
    }
}

/// Those of Linux, see capabilities(7), and the engine's word for all of them.
constexpr std::string_view capabilities[] = {
    "ALL",
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
};

/// `NET_ADMIN` for `cap_net_admin`.
std::vector<std::string> read_capabilities(const YamlField& field) {
    std::vector<std::string> names = read_text_list(field);
    for (std::string& name : names) {
        name = in_upper_case(std::move(name));
        if (name.starts_with("CAP_")) name.erase(0, 4);
        if (std::find(std::begin(capabilities), std::end(capabilities), name) !=
            std::end(capabilities)) {
            continue;
        }
        field.error(fmt::format("there is no capability {}{}", quoted(name),
                                suggestion(name, capabilities)));
    }
    return names;
}

void read_security(const YamlField& field, Draft& draft, ContainerOptions& options) {
    constexpr std::string_view seccomp = "seccomp=";
    if (!field.expect_sequence()) return;
    for (std::size_t i = 0; i < field.node.items.size(); ++i) {
        const YamlField item = field.item(i);
        const auto text = item.text();
        if (!text) continue;
        std::string entry = *text;
        const std::size_t colon = entry.find(':');
        if (entry.find('=') == std::string::npos && colon != std::string::npos) entry[colon] = '=';
        if (entry == "systempaths=unconfined") {
            options.system_paths_open = true;
            continue;
        }
        if (entry.starts_with(seccomp) && entry != "seccomp=unconfined") {
            const std::string path = entry.substr(seccomp.size());
            entry = std::string(seccomp) + read_profile(item, path, draft);
        }
        options.security_opt.push_back(std::move(entry));
    }
}

void read_tmpfs(const YamlField& field, ContainerOptions& options) {
    for (const std::string& text : read_texts(field)) {
        const std::size_t colon = text.find(':');
        const std::string path = text.substr(0, colon);
        if (!is_absolute(path) || path == "/") {
            field.error("expected absolute paths in the container, other than `/`");
            continue;
        }
        options.tmpfs[path] = colon == std::string::npos ? "" : text.substr(colon + 1);
    }
}

void read_addressing(const YamlField& field, ContainerOptions& options) {
    if (const auto dns = field.find("dns")) options.dns = read_addresses(*dns);
    if (const auto mac = field.find("mac_address")) options.mac_address = read_mac_address(*mac);
    if (const auto isolation = field.find("isolation")) {
        options.isolation = isolation->string().value_or("");
        if (!options.isolation.empty() && options.isolation != "default") {
            isolation->error("expected `default`: others need a Windows engine");
        }
    }
}

}  // namespace

void read_options(const YamlField& field, Draft& draft, ServiceSpec& service) {
    ContainerOptions& options = service.options;
    read_plain(field, options);
    read_pids(field, service);
    read_memory(field, service);
    check_cpus(field, service);
    if (const auto init = field.find("init")) options.init = init->boolean();
    if (const auto add = field.find("cap_add")) options.cap_add = read_capabilities(*add);
    if (const auto drop = field.find("cap_drop")) options.cap_drop = read_capabilities(*drop);
    if (const auto security = field.find("security_opt")) read_security(*security, draft, options);
    if (const auto tmpfs = field.find("tmpfs")) read_tmpfs(*tmpfs, options);
    read_addressing(field, options);
    read_devices(field, options);
}

}  // namespace nap
