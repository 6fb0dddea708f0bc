#include "cli/manifest_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/files.hpp"
#include "model/keys.hpp"

namespace nap {

namespace {

/// As Compose makes a project's name of its folder's.
std::string sanitised(const std::string& folder) {
    std::string name;
    for (char c : folder) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const bool is_start = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        const bool may_follow = !name.empty() && (c == '_' || c == '-');
        if (is_start || may_follow) name += c;
    }
    return name;
}

}  // namespace

LocalManifest read_local_manifest(const AppId& app, const std::string& file,
                                  const Console& console) {
    const auto text = read_file(file, manifest_bytes_max);
    if (!text) return {.outcome = {Exit::not_found, text.error().message}};
    LocalManifest manifest{.text = {file, *text}};
    ParsedManifest parsed = parse_manifest(app, manifest.text);
    for (const ManifestError& error : parsed.errors)
        console.say(to_string(error));
    for (const ManifestError& warning : parsed.warnings)
        console.say("warning: " + to_string(warning));
    if (!parsed.spec) {
        manifest.outcome = {Exit::invalid, fmt::format("{} has {}; nothing was changed", file,
                                                       counted(parsed.errors.size(), "error"))};
    }
    manifest.spec = std::move(parsed.spec);
    return manifest;
}

std::string app_of_file(const std::string& path) {
    namespace fs = std::filesystem;
    std::string name = parse_app_key(fs::path(path).filename().string()).app;
    if (name != "compose" && name != "docker-compose") return name;
    std::error_code ec;
    const fs::path absolute = fs::absolute(path, ec).lexically_normal();
    return sanitised(absolute.parent_path().filename().string());
}

std::string counted(std::size_t count, const char* noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace nap
