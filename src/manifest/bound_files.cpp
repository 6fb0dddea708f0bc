#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/project_files.hpp"
#include "manifest/text.hpp"

// Relative binds: files of the app's project directory, mounted from a copy on each host.
namespace nap {
namespace {

constexpr std::size_t name_bytes_max = 255;

/// What keeps `path` from being a file's on a host; empty when nothing does.
std::string path_problem(std::string_view path) {
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, slash);
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (part.empty() || part == "." || part == "..") return "has an empty part, `.` or `..`";
        if (part.size() > name_bytes_max) return "has a part of more than 255 bytes";
        const bool plain = std::none_of(part.begin(), part.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
        });
        if (!plain) return "has a control character in it";
    }
    return {};
}

/// Files at `path` and below it, by what they are called from there.
StringMap files_at(const ManifestText& manifest, const std::string& path) {
    StringMap found;
    const auto take = [&](const std::string& name, const std::string& bytes) {
        if (path.empty()) {
            found.emplace(name, bytes);
        } else if (name == path) {
            found.emplace("", bytes);
        } else if (name.starts_with(path + "/")) {
            found.emplace(name.substr(path.size() + 1), bytes);
        }
    };
    for (const auto& [name, bytes] : manifest.files)
        take(name, bytes);
    // A manifest that is one key is in no folder.
    if (!manifest.files.empty()) {
        take(manifest.file.substr(manifest.file.rfind('/') + 1), manifest.text);
    }
    return found;
}

/// A file and a folder of one name: KV can have both, a host cannot.
std::string doubled_name(const StringMap& files) {
    for (const auto& [path, bytes] : files) {
        for (std::size_t slash = path.find('/'); slash != std::string::npos;
             slash = path.find('/', slash + 1)) {
            std::string parent = path.substr(0, slash);
            if (files.contains(parent)) return parent;
        }
    }
    if (files.size() > 1 && files.contains("")) return ".";
    return {};
}

bool are_usable(const YamlField& field, const StringMap& files) {
    for (const auto& [path, bytes] : files) {
        const std::string problem = path_problem(path);
        if (problem.empty()) continue;
        field.error(fmt::format("the name {} of a file {}; rename it", quoted(path), problem));
        return false;
    }
    const std::string doubled = doubled_name(files);
    if (doubled.empty()) return true;
    field.error(fmt::format("{} is both a file and a folder of the project directory; rename one",
                            quoted(doubled)));
    return false;
}

}  // namespace

bool bind_files(const YamlField& field, MountSpec& mount, Draft& draft) {
    const std::string path = normal_path(mount.source);
    if (path.starts_with("..")) {
        field.error(ProjectFiles::problem(mount.source));
        return false;
    }
    mount.source = path;
    constexpr char too_large[] =
        "too large: the files that are mounted have more than 4 MiB in all";
    if (draft.bound_bytes > yaml_text_bytes_max) {
        field.error(too_large);
        return false;
    }
    StringMap files = files_at(*draft.manifest, path);
    if (files.empty()) {
        field.error(fmt::format(
            "there is no file or folder {} in the app's project directory; add it there. If it is "
            "what the container writes, use a volume, as `data:{}`",
            quoted(path.empty() ? "." : path), mount.target));
        return false;
    }
    if (!are_usable(field, files)) return false;
    for (const auto& [name, bytes] : files)
        draft.bound_bytes += bytes.size();
    if (draft.bound_bytes > yaml_text_bytes_max) {
        field.error(too_large);
        return false;
    }
    mount.files.by_path = std::make_shared<const StringMap>(std::move(files));
    return true;
}

}  // namespace nap
