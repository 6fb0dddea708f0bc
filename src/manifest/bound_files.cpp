#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/project_files.hpp"
#include "manifest/text.hpp"
#include "model/app_files.hpp"

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

std::string_view last_part(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
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
    const std::string own(last_part(manifest.file));
    if (!manifest.files.empty() || is_main_file(own)) take(own, manifest.text);
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

/// Nothing but what keeps a folder in git, or the manifest itself.
bool is_bare(const StringMap& files, const MountSpec& mount, const ManifestText& manifest) {
    if (mount.read_only) return files.empty();
    return std::all_of(files.begin(), files.end(), [&](const auto& file) {
        const std::string& name = file.first;
        if (name == ".gitkeep" || name == ".gitignore" || name == ".keep") return true;
        return mount.source.empty() && name == last_part(manifest.file);
    });
}

/// By its name; a folder that is missing Compose creates, a file it cannot.
bool looks_like_a_file(const MountSpec& mount) {
    const std::string_view source = last_part(mount.source);
    const std::string_view target = last_part(mount.target);
    const auto has_ending = [](std::string_view name) {
        if (name.ends_with(".d")) return false;  // a folder of parts, as `conf.d`
        return name.find('.', 1) != std::string_view::npos || name.ends_with("file");
    };
    const bool hidden_both = source.starts_with('.') && target.starts_with('.');
    return has_ending(source) || has_ending(target) || hidden_both;
}

/// A folder for the container to write to: where Compose would create an empty one, it gets a
/// volume, which is kept as any volume is.
bool make_volume(const YamlField& field, MountSpec& mount, Draft& draft) {
    const std::string shown = mount.source.empty() ? "." : "./" + mount.source;
    if (mount.read_only || looks_like_a_file(mount) || !mount.options.create_host_path) {
        field.error(
            fmt::format("there is no file or folder {} in the app's project directory; add it "
                        "there. If it is on the hosts, write its path from `/` on",
                        quoted(shown)));
        return false;
    }
    VolumeSpec volume;
    volume.name = fmt::format("{}_.{}", draft.spec.app.str(), mount.source);
    for (char& c : volume.name) {
        if (!is_plain_name({&c, 1})) c = '.';
    }
    const auto has_name = [&](const auto& other) {
        return other.second.name == volume.name && other.first != shown;
    };
    const auto& declared = draft.volumes_declared;
    const auto& used = draft.spec.volumes;
    if (std::any_of(declared.begin(), declared.end(), has_name) ||
        std::any_of(used.begin(), used.end(), has_name)) {
        field.error(
            fmt::format("the volume for {} would be called {}, as another one is; rename "
                        "one of the two",
                        quoted(shown), quoted(volume.name)));
        return false;
    }
    field.warn(
        fmt::format("there are no files at {} beside the manifest, so what is written to {} "
                    "is kept in the volume {}",
                    quoted(shown), quoted(mount.target), quoted(volume.name)));
    draft.spec.volumes[shown] = std::move(volume);
    mount.kind = MountKind::volume;
    mount.source = shown;
    mount.options = {.copy = false};  // an empty folder, whatever the image has there
    return true;
}

/// Files of the app are read-only; not to have said so is common, to have said otherwise a mistake.
bool settle_writing(const YamlField& field, Writing writing, MountSpec& mount) {
    if (mount.read_only) return true;
    if (writing == Writing::wanted) {
        field.error(
            "the app's files are the same on all hosts and cannot be written to: drop `rw`; what a "
            "container writes belongs in a volume");
        return false;
    }
    const bool is_folder = !mount.files.by_path->contains("");
    if (is_folder) {
        field.warn(
            fmt::format("is mounted read-only, as all files of the app are; write `ro` to say so. "
                        "What is written to {} belongs in a volume, or in a folder without files",
                        quoted(mount.target)));
    }
    mount.read_only = true;
    return true;
}

}  // namespace

bool bind_files(const YamlField& field, Writing writing, MountSpec& mount, Draft& draft) {
    const std::string path = normal_path(mount.source);
    if (path.starts_with("..")) {
        field.error(ProjectFiles::problem(mount.source));
        return false;
    }
    mount.source = path;
    draft.asked.insert(path);
    constexpr char too_large[] =
        "too large: the files that are mounted have more than 4 MiB in all";
    if (draft.bound_bytes > yaml_text_bytes_max) {
        field.error(too_large);
        return false;
    }
    StringMap files = files_at(*draft.manifest, path);
    if (is_bare(files, mount, *draft.manifest)) return make_volume(field, mount, draft);
    if (!are_usable(field, files)) return false;
    for (const auto& [name, bytes] : files)
        draft.bound_bytes += bytes.size();
    if (draft.bound_bytes > yaml_text_bytes_max) {
        field.error(too_large);
        return false;
    }
    mount.files.by_path = std::make_shared<const StringMap>(std::move(files));
    return settle_writing(field, writing, mount);
}

}  // namespace nap
