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

/// A larger file fits no assignment (docs/reference/keys.md), nor does such a number.
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

    void read_folder(const AppId& app, const fs::path& folder, const std::string& name) {
        std::error_code error;
        std::vector<fs::directory_entry> entries;
        if (!list(folder, entries, error)) {
            unread(app, "cannot read " + name + ": " + error.message());
            return;
        }
        for (const fs::directory_entry& entry : entries) {
            const std::string below = entry.path().filename().string();
            const std::string path = name + "/" + below;
            if (found_.unread.contains(app) && !found_.unread[app].empty()) return;
            std::error_code ignored;
            if (entry.is_directory(ignored)) {
                const bool skipped = below.starts_with('.') || entry.is_symlink(ignored);
                if (!skipped) read_folder(app, entry.path(), path);
            } else if (!is_editors(below)) {
                read_file(app, entry.path(), path);
            }
        }
    }

    void read_file(const AppId& app, const fs::path& path, const std::string& name) {
        if (request_.being_written.contains(path.string())) {
            unread(app, "");
            return;
        }
        std::error_code error;
        const fs::path real = fs::canonical(path, error);
        if (error) {
            unread(app, "cannot read " + name + ": " + error.message());
            return;
        }
        const auto [end, ignored] =
            std::mismatch(root_.begin(), root_.end(), real.begin(), real.end());
        if (end != root_.end()) {
            unread(app,
                   name + " is a link that leads out of the folder; put the file itself there");
            return;
        }
        if (!fs::is_regular_file(real, error)) {
            found_.notes.push_back(name + " is not used: it is no regular file");
            return;
        }
        if (fs::file_size(real, error) > file_bytes_max) {
            found_.notes.push_back(name + " is not used: it is larger than " +
                                   std::to_string(file_bytes_max) + " bytes");
            return;
        }
        std::ifstream in(real, std::ios::binary);
        FolderFiles& files = found_.apps[app];
        files[name] = std::string(std::istreambuf_iterator<char>(in), {});
        if (!in.is_open() || in.bad()) {
            unread(app, "cannot read " + name + ": " + std::strerror(errno));
        } else if (files.size() > app_files_max) {
            unread(app, "the folder holds more than " + std::to_string(app_files_max) + " files");
        }
    }

    /// A reason that people should hear stays before one that passes by itself.
    void unread(const AppId& app, const std::string& reason) {
        std::string& known = found_.unread[app];
        if (known.empty()) known = reason;
    }

    const FolderRequest& request_;
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
