#include "watchers/app_folder.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "manifest/parse.hpp"
#include "model/app_files.hpp"
#include "model/keys.hpp"

namespace nap {

namespace {

namespace fs = std::filesystem;

/// A larger file fits no assignment (docs/reference/keys.md), nor do so many.
constexpr std::uintmax_t file_bytes_max = 360 * 1024;
constexpr std::size_t app_files_max = 500;

bool has_manifest_ending(const std::string& name) {
    return std::any_of(manifest_endings.begin(), manifest_endings.end(),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

/// What editors leave beside a file while it is open.
bool is_editors(const std::string& name) {
    const std::string ending = fs::path(name).extension().string();
    return name.ends_with('~') || ending == ".swp" || ending == ".swx" || ending == ".swo";
}

class FolderReader {
  public:
    explicit FolderReader(const FolderRequest& request) : request_(request) {}

    Result<AppFolder> read() {
        std::error_code error;
        root_ = fs::canonical(request_.path, error);
        struct stat info {};
        if (error || ::stat(root_.c_str(), &info) != 0) return failed(request_.path, error);
        found_.identity = std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
        std::vector<fs::directory_entry> entries;
        if (!list(root_, entries, error)) return failed(request_.path, error);
        for (const fs::directory_entry& entry : entries)
            read_top(entry);
        for (const auto& [app, reason] : found_.unread)
            found_.apps.erase(app);
        return std::move(found_);
    }

    /// As if the folder were that of an app among others.
    Result<FolderFiles> read_one() {
        std::error_code error;
        root_ = fs::canonical(request_.path, error);
        if (error) return failed(request_.path, error);
        const AppId app("project");
        is_alone_ = true;
        read_folder(app, root_, app.str());
        if (found_.unread.contains(app)) return Error{Errc::io, found_.unread[app]};
        FolderFiles files;
        for (auto& [name, bytes] : found_.apps[app])
            files.emplace(name.substr(app.str().size() + 1), std::move(bytes));
        return files;
    }

  private:
    static Error failed(const std::string& path, std::error_code error) {
        const bool gone = error == std::errc::no_such_file_or_directory;
        return {gone ? Errc::not_found : Errc::io,
                "cannot read the folder " + path + ": " + error.message()};
    }

    static bool list(const fs::path& folder, std::vector<fs::directory_entry>& entries,
                     std::error_code& error) {
        for (fs::directory_iterator next(folder, error), end; !error && next != end;
             next.increment(error)) {
            entries.push_back(*next);
        }
        std::sort(entries.begin(), entries.end());
        return !error;
    }

    void read_top(const fs::directory_entry& entry) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('.') || is_editors(name)) return;
        std::error_code ignored;
        if (entry.is_directory(ignored)) {
            if (!entry.is_symlink(ignored)) read_app(entry.path(), name);
            return;
        }
        if (!has_manifest_ending(name)) return;
        if (is_main_file(name)) {
            found_.notes.push_back(name + " is not used: it names no app; put it into a folder " +
                                   "with the app's name");
            return;
        }
        const AppId app(parse_app_key(name).app);
        if (const auto problem = app_name_problem(app.str())) {
            found_.notes.push_back(name + " is not used: " + *problem);
            return;
        }
        read_file(app, entry.path(), name);
    }

    void read_app(const fs::path& folder, const std::string& name) {
        const AppId app(name);
        const bool has_main =
            std::any_of(main_file_names.begin(), main_file_names.end(), [&](std::string_view main) {
                std::error_code ignored;
                return fs::exists(folder / main, ignored);
            });
        if (!has_main && !request_.known.contains(app)) {
            // Perhaps it is an app's, and cannot be looked into.
            std::error_code error;
            const fs::directory_iterator probe(folder, error);
            if (error) found_.notes.push_back(name + " is not used: " + error.message());
            return;
        }
        if (const auto problem = app_name_problem(name)) {
            found_.notes.push_back("the folder " + name + " is not used: " + *problem);
            return;
        }
        read_folder(app, folder, name);
    }

    /// The manifest, and what it names of the folder: source code, documentation and the like
    /// beside them are no part of the app.
    void read_folder(const AppId& app, const fs::path& folder, const std::string& name) {
        std::error_code error;
        const auto main =
            std::find_if(main_file_names.begin(), main_file_names.end(),
                         [&](std::string_view one) { return fs::exists(folder / one, error); });
        if (main == main_file_names.end()) {
            read_tree(app, folder, name);
            return;
        }
        const std::string main_name = name + "/" + std::string(*main);
        read_file(app, folder / *main, main_name);
        std::set<std::string> taken{std::string(*main)};
        for (bool is_new = true; is_new && !is_unread(app);) {
            is_new = false;
            for (const std::string& path : named_by(app, main_name, name)) {
                if (path.starts_with("..") || !taken.insert(path).second) continue;
                is_new = take(app, folder, name, path) || is_new;
            }
        }
    }

    /// What the manifest asks for, as far as it can be read with the files found so far.
    std::set<std::string> named_by(const AppId& app, const std::string& main,
                                   const std::string& folder) {
        ManifestText text{.file = main, .text = {}};
        for (const auto& [file, bytes] : found_.apps[app]) {
            if (file == main) {
                text.text = bytes;
            } else {
                text.files.emplace(file.substr(folder.size() + 1), bytes);
            }
        }
        return parse_manifest(app, text).asked;
    }

    /// True when there is something at `path`.
    bool take(const AppId& app, const fs::path& folder, const std::string& name,
              const std::string& path) {
        const fs::path place = path.empty() ? folder : folder / path;
        const std::string shown = path.empty() ? name : name + "/" + path;
        std::error_code error;
        const fs::file_status status = fs::symlink_status(place, error);
        if (!fs::exists(status)) return false;
        if (fs::is_directory(status)) {
            read_tree(app, place, shown);
        } else {
            read_file(app, place, shown);
        }
        return true;
    }

    void read_tree(const AppId& app, const fs::path& folder, const std::string& name) {
        std::error_code error;
        std::vector<fs::directory_entry> entries;
        if (!list(folder, entries, error)) {
            unread(app, "cannot read " + shown(name) + ": " + error.message());
            return;
        }
        for (const fs::directory_entry& entry : entries) {
            const std::string below = entry.path().filename().string();
            if (is_unread(app)) return;
            if (below == ".git" || is_editors(below)) continue;
            const std::string path = name + "/" + below;
            std::error_code ignored;
            if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) {
                read_tree(app, entry.path(), path);
            } else {
                read_file(app, entry.path(), path);
            }
        }
    }

    /// For a reason that will not pass by itself.
    [[nodiscard]] bool is_unread(const AppId& app) const {
        const auto found = found_.unread.find(app);
        return found != found_.unread.end() && !found->second.empty();
    }

    void read_file(const AppId& app, const fs::path& path, const std::string& name) {
        if (request_.being_written.contains(path.string())) {
            unread(app, "");
            return;
        }
        std::error_code error;
        const fs::path real = fs::canonical(path, error);
        if (error) {
            unread(app, "cannot read " + shown(name) + ": " + error.message());
            return;
        }
        const auto [end, ignored] =
            std::mismatch(root_.begin(), root_.end(), real.begin(), real.end());
        if (end != root_.end()) {
            unread(app, shown(name) +
                            " is a link that leads out of the folder; put the file itself there");
            return;
        }
        if (fs::is_directory(real, error)) {
            unread(app, shown(name) + " is a link to a folder; put the folder itself there");
            return;
        }
        if (!fs::is_regular_file(real, error)) {
            found_.notes.push_back(shown(name) + " is not used: it is no regular file");
            return;
        }
        if (fs::file_size(real, error) > file_bytes_max) {
            unread(app, shown(name) + " has more than " + std::to_string(file_bytes_max) +
                            " bytes, which is more than an app's file may have; put it on the "
                            "hosts, or into an image");
            return;
        }
        std::ifstream in(real, std::ios::binary);
        FolderFiles& files = found_.apps[app];
        files[name] = std::string(std::istreambuf_iterator<char>(in), {});
        if (!in.is_open() || in.bad()) {
            unread(app, "cannot read " + shown(name) + ": " + std::strerror(errno));
        } else if (files.size() > app_files_max) {
            unread(app, "the manifest mounts folders with more than " +
                            std::to_string(app_files_max) + " files, down to " + shown(name) +
                            "; put them on the hosts, or into an image");
        }
    }

    /// A reason that people should hear stays before one that passes by itself.
    void unread(const AppId& app, const std::string& reason) {
        std::string& known = found_.unread[app];
        if (known.empty()) known = reason;
    }

    /// A file's name for people.
    [[nodiscard]] std::string shown(const std::string& name) const {
        if (!is_alone_) return name;
        return (fs::path(request_.path) / fs::path(name).lexically_relative("project"))
            .lexically_normal()
            .string();
    }

    const FolderRequest& request_;
    bool is_alone_ = false;  ///< the folder is one app's
    fs::path root_;
    AppFolder found_;
};

}  // namespace

Result<AppFolder> read_app_folder(const FolderRequest& request) {
    return FolderReader(request).read();
}

Result<FolderFiles> read_project(const std::string& folder) {
    const FolderRequest request{.path = folder, .being_written = {}, .known = {}};
    return FolderReader(request).read_one();
}

}  // namespace nap
