#include "model/policy.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace nap {
namespace {

/// Whoever writes here commands the host, or the engine, or nap. `/` needs no line: it contains
/// all of these.
constexpr std::string_view system_paths[] = {
    "/boot",           "/dev",         "/etc",     "/proc",
    "/root",           "/run",         "/sys",     "/var/lib/containerd",
    "/var/lib/docker", "/var/lib/nap", "/var/run",
};

constexpr std::string_view allow_prefix = "bind:";

/// What the engine gives every container.
constexpr std::string_view default_capabilities[] = {
    "AUDIT_WRITE",      "CHOWN",   "DAC_OVERRIDE", "FOWNER", "FSETID",  "KILL",   "MKNOD",
    "NET_BIND_SERVICE", "NET_RAW", "SETFCAP",      "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"};

constexpr std::string_view plain_entries[] = {
    "privileged", "device_cgroup_rules", "gpus",       "pid:host", "ipc:host",
    "uts:host",   "userns:host",         "cgroup:host"};
/// A name, or for the last two an absolute path, follows.
constexpr std::string_view entry_prefixes[] = {"cap_add:", "security_opt:", "device:/", "bind:/"};

struct NormalPath {
    std::string text;  ///< no `.`, no empty part, no slash at the end (but `/`)
    bool climbs = false;
};

NormalPath normalise(std::string_view path) {
    NormalPath normal;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        if (part == "..") normal.climbs = true;
        if (!part.empty() && part != ".") normal.text.append("/").append(part);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    if (normal.text.empty()) normal.text = "/";
    return normal;
}

/// Whether `path` is `parent` or below it.
bool is_within(std::string_view path, std::string_view parent) {
    if (parent == "/") return true;
    if (!path.starts_with(parent)) return false;
    return path.size() == parent.size() || path[parent.size()] == '/';
}

bool is_allowed(const HostPolicy& policy, const std::string& path) {
    for (const std::string& entry : policy.allow) {
        const std::string_view line = entry;
        if (!line.starts_with(allow_prefix) || line.substr(allow_prefix.size(), 1) != "/") continue;
        const NormalPath opened = normalise(line.substr(allow_prefix.size()));
        if (!opened.climbs && is_within(path, opened.text)) return true;
    }
    return false;
}

template <class Range>
bool contains(const Range& range, std::string_view wanted) {
    return std::find(std::begin(range), std::end(range), wanted) != std::end(range);
}

/// What the host's word is needed for, as entries of `policy.allow`.
class Wants {
  public:
    explicit Wants(const HostPolicy& policy) : policy_(policy) {}

    void add(std::string entry) {
        if (!contains(policy_.allow, entry) && !contains(denied_, entry)) {
            denied_.push_back(std::move(entry));
        }
    }

    void add_device(const std::string& path) {
        constexpr std::string_view prefix = "device:";
        const NormalPath wanted = normalise(path);
        const bool open =
            std::any_of(policy_.allow.begin(), policy_.allow.end(), [&](const std::string& entry) {
                if (!entry.starts_with(prefix) || wanted.climbs) return false;
                const NormalPath opened = normalise(std::string_view(entry).substr(prefix.size()));
                return !opened.climbs && is_within(wanted.text, opened.text);
            });
        if (!open) add(std::string(prefix) + wanted.text);
    }

    [[nodiscard]] const std::vector<std::string>& denied() const { return denied_; }

  private:
    const HostPolicy& policy_;
    std::vector<std::string> denied_;
};

bool is_free_security_opt(std::string_view entry) {
    return entry.starts_with("no-new-privileges") ||
           (entry.starts_with("apparmor=") && entry != "apparmor=unconfined");
}

}  // namespace

bool is_policy_entry(std::string_view entry) {
    return contains(plain_entries, entry) ||
           std::any_of(std::begin(entry_prefixes), std::end(entry_prefixes),
                       [&](std::string_view prefix) {
                           return entry.starts_with(prefix) &&
                                  (entry.size() > prefix.size() || prefix.ends_with('/'));
                       });
}

std::optional<std::string> denied_options(const HostPolicy& policy, const ContainerOptions& options,
                                          const Hooks& hooks) {
    const auto is_privileged = [](const Hook& hook) { return hook.privileged; };
    const auto any_privileged = [&](const std::vector<Hook>& all) {
        return std::any_of(all.begin(), all.end(), is_privileged);
    };
    Wants wants(policy);
    if (options.privileged || any_privileged(hooks.post_start) || any_privileged(hooks.pre_stop)) {
        wants.add("privileged");
    }
    const std::pair<const char*, const std::string&> modes[] = {{"pid", options.pid_mode},
                                                                {"ipc", options.ipc_mode},
                                                                {"uts", options.uts_mode},
                                                                {"userns", options.userns_mode},
                                                                {"cgroup", options.cgroup_mode}};
    for (const auto& [name, mode] : modes) {
        if (mode == "host") wants.add(std::string(name) + ":host");
    }
    for (const std::string& capability : options.cap_add) {
        if (!contains(default_capabilities, capability)) wants.add("cap_add:" + capability);
    }
    for (const std::string& entry : options.security_opt) {
        // A profile's text is no name: one entry opens all of them.
        const bool is_profile = entry.starts_with("seccomp={");
        if (!is_free_security_opt(entry)) {
            wants.add("security_opt:" + (is_profile ? "seccomp=profile" : entry));
        }
    }
    if (options.system_paths_open) wants.add("security_opt:systempaths=unconfined");
    for (const DeviceMapping& device : options.devices)
        wants.add_device(device.host);
    if (!options.device_cgroup_rules.empty()) wants.add("device_cgroup_rules");
    if (!options.device_requests.empty()) wants.add("gpus");
    if (wants.denied().empty()) return std::nullopt;
    std::string list;
    for (const std::string& entry : wants.denied())
        list += (list.empty() ? "`" : ", `") + entry + "`";
    return "asks for what this host keeps closed to manifests; to open it, add " + list +
           " to `policy.allow` in /etc/nap/nap.yml";
}

std::optional<std::string> denied_bind(const HostPolicy& policy, const std::string& source) {
    const std::string shown = "the host path `" + source + "`";
    if (!source.starts_with('/')) return shown + " is not absolute; write it from `/` on";
    const NormalPath path = normalise(source);
    if (path.climbs) return shown + " has `..` in it; write it without";
    if (is_allowed(policy, path.text)) return std::nullopt;
    for (const std::string_view denied : system_paths) {
        const bool below = is_within(path.text, denied);
        if (!below && !is_within(denied, path.text)) continue;
        std::string reason = shown;
        reason.append(below ? " lies in " : " contains ").append(denied);
        return reason +
               ", which this host keeps closed to manifests; to open it, add `bind:" + path.text +
               "` to `policy.allow` in /etc/nap/nap.yml";
    }
    return std::nullopt;
}

}  // namespace nap
