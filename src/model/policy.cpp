#include "model/policy.hpp"

#include <string_view>

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

}  // namespace

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
