#include "cli/manifest_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/files.hpp"
#include "manifest/text.hpp"
#include "model/app_files.hpp"
#include "model/keys.hpp"
#include "watchers/app_folder.hpp"

namespace nap {

namespace {

/// As Compose makes a project's name of its folder's.
std::string sanitised(const std::string& folder) {
    std::string name;
    for (const char c : in_lower_case(folder)) {
        const bool is_start = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        const bool may_follow = !name.empty() && (c == '_' || c == '-');
        if (is_start || may_follow) name += c;
    }
    return name;
}

}  // namespace

LocalManifest read_local_manifest(const AppId& app, const std::string& file,
                                  const Console& console) {
    auto text = read_manifest_text(file);
    if (!text) return {.outcome = {Exit::not_found, text.error().message}};
    LocalManifest manifest{.text = std::move(*text)};
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

Result<ManifestText> read_manifest_text(const std::string& file) {
    namespace fs = std::filesystem;
    auto text = read_file(file, manifest_bytes_max);
    if (!text) return text.error();
    ManifestText manifest{.file = file, .text = std::move(*text)};
    const std::string name = fs::path(file).filename().string();
    if (!is_main_file(name)) return manifest;
    const fs::path folder = fs::path(file).parent_path();
    auto files = read_project(folder.empty() ? "." : folder.string());
    if (!files) return files.error();
    files->erase(name);
    manifest.files = std::move(*files);
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
