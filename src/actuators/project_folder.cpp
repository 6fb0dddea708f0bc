#include "actuators/project_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "model/plan.hpp"

namespace nap {

namespace {

namespace fs = std::filesystem;

constexpr char unfinished[] = ".new";
/// Whoever knows the name may pass through, which an engine with remapped users needs; nobody but
/// the agent's user may list.
constexpr mode_t passage_mode = 0711;
constexpr mode_t folder_mode = 0555;
constexpr mode_t file_mode = 0444;
constexpr mode_t script_mode = 0555;

Error failed(const std::string& what, const fs::path& path) {
    return {Errc::io, what + " " + path.string() + ": " + std::strerror(errno)};
}

/// An open file or folder.
class Handle {
  public:
    explicit Handle(int fd) : fd_(fd) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int fd() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_;
};

bool sync(const fs::path& path) {
    const Handle handle(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return handle && ::fsync(handle.fd()) == 0;
}

/// Relative, and without parts that lead elsewhere. The reader of manifests has seen to that; the
/// one who writes as root looks once more.
bool is_safe(const std::string& path) {
    const fs::path parts(path);
    return !path.empty() && parts.is_relative() && path.find('\0') == std::string::npos &&
           path.find("//") == std::string::npos &&
           std::none_of(parts.begin(), parts.end(), [](const fs::path& part) {
               return part.empty() || part == "." || part == "..";
           });
}

Result<void> make_folder(const fs::path& path, mode_t mode) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("cannot make", path);
    if (::chmod(path.c_str(), mode) != 0) return failed("cannot make", path);
    return {};
}

Result<void> write_file(const fs::path& path, const std::string& content, const BoundFiles& files) {
    const Handle file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return failed("cannot make", path);
    std::size_t done = 0;
    while (done < content.size()) {
        const ssize_t wrote = ::write(file.fd(), content.data() + done, content.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return failed("cannot write", path);
        done += static_cast<std::size_t>(wrote);
    }
    const bool is_script = content.starts_with("#!");
    const mode_t mode =
        files.mode != 0 ? static_cast<mode_t>(files.mode) : (is_script ? script_mode : file_mode);
    const bool given = files.uid != 0 || files.gid != 0;
    if (given &&
        ::fchown(file.fd(), static_cast<uid_t>(files.uid), static_cast<gid_t>(files.gid)) != 0) {
        return failed("cannot give away", path);
    }
    if (::fchmod(file.fd(), mode) != 0) return failed("cannot write", path);
    return {};
}

/// Makes all lasting once it is written: what one sync takes to disk the next need not, and the
/// agent stands still for each. Folders are closed, the innermost first.
Result<void> seal(const fs::path& root) {
    std::vector<fs::path> folders;
    std::error_code error;
    for (fs::recursive_directory_iterator next(root, error), end; !error && next != end;
         next.increment(error)) {
        if (next->is_directory(error)) {
            folders.push_back(next->path());
        } else if (!sync(next->path())) {
            return failed("cannot sync", next->path());
        }
    }
    if (error) return Error{Errc::io, "cannot list " + root.string() + ": " + error.message()};
    std::reverse(folders.begin(), folders.end());
    folders.push_back(root);
    for (const fs::path& folder : folders) {
        if (!sync(folder)) return failed("cannot sync", folder);
        if (::chmod(folder.c_str(), folder_mode) != 0) return failed("cannot close", folder);
    }
    return {};
}

Result<void> fill(const fs::path& root, const BoundFiles& files) {
    if (auto made = make_folder(root, 0700); !made) return made;
    for (const auto& [path, content] : *files.by_path) {
        const std::string name = path.empty() ? single_file_name : path;
        if (!is_safe(name)) {
            return Error{Errc::rejected, "a file cannot be named `" + name + "`; rename it"};
        }
        fs::path folder = root;
        for (const fs::path& part : fs::path(name).parent_path()) {
            folder /= part;
            if (auto made = make_folder(folder, 0700); !made) return made;
        }
        if (auto written = write_file(root / name, content, files); !written) return written;
    }
    return seal(root);
}

Result<void> erase(const fs::path& path) {
    std::error_code error;
    // Folders that nobody may write keep an agent that is not root from emptying them.
    for (fs::recursive_directory_iterator next(path, error), end; !error && next != end;
         next.increment(error)) {
        if (next->is_directory(error)) ::chmod(next->path().c_str(), 0700);
    }
    ::chmod(path.c_str(), 0700);
    fs::remove_all(path, error);
    if (error) return Error{Errc::io, "cannot remove " + path.string() + ": " + error.message()};
    return {};
}

/// What a crash has left of a folder that was being written or removed.
void clear_unfinished(const fs::path& folders) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator next(folders, error), end; !error && next != end;
         next.increment(error)) {
        if (next->path().extension() == unfinished) found.push_back(next->path());
    }
    for (const fs::path& path : found)
        (void)erase(path);
}

}  // namespace

std::string project_folders_path(const std::string& docker_host, const std::string& data_dir,
                                 const ClusterId& cluster, const AppId& app) {
    // A path on another machine means nothing here.
    if (!docker_host.starts_with("unix:")) return {};
    if (!is_safe(app.str()) || !is_safe(cluster.str()) ||
        cluster.str().find('/') != std::string::npos) {
        return {};
    }
    // As the engine will show it.
    std::error_code error;
    const fs::path root = fs::weakly_canonical(data_dir, error);
    return ((error ? fs::path(data_dir) : root) / "files" / cluster.str() / app.str()).string();
}

std::set<std::string> list_project_folders(const std::string& folders_path) {
    std::set<std::string> names;
    if (folders_path.empty()) return names;
    std::error_code error;
    for (fs::directory_iterator next(folders_path, error), end; !error && next != end;
         next.increment(error)) {
        if (next->path().extension() != unfinished) names.insert(next->path().filename());
    }
    return names;
}

Result<void> write_project_folder(const std::string& path, const BoundFiles& files) {
    const fs::path target(path);
    const fs::path folders = target.parent_path();
    if (!files.by_path) return Error{Errc::internal, "no files for " + path};
    std::error_code error;
    if (fs::exists(target, error)) return {};
    // The data directory, `files`, the cluster's, the app's.
    fs::create_directories(folders.parent_path().parent_path().parent_path(), error);
    for (const fs::path& part :
         {folders.parent_path().parent_path(), folders.parent_path(), folders}) {
        if (auto made = make_folder(part, passage_mode); !made) return made;
    }
    clear_unfinished(folders);
    const fs::path fresh = path + unfinished;
    if (auto filled = fill(fresh, files); !filled) {
        (void)erase(fresh);
        return filled;
    }
    if (::rename(fresh.c_str(), target.c_str()) != 0) return failed("cannot name", target);
    if (!sync(folders)) return failed("cannot sync", folders);
    return {};
}

Result<void> remove_project_folder(const std::string& path) {
    const fs::path target(path);
    const fs::path gone = path + unfinished;
    clear_unfinished(target.parent_path());
    // Half of it must not look like the whole.
    if (::rename(target.c_str(), gone.c_str()) != 0 && errno != ENOENT) {
        return failed("cannot remove", target);
    }
    if (auto erased = erase(gone); !erased) return erased;
    std::error_code ignored;
    fs::remove(target.parent_path(), ignored);
    return {};
}

}  // namespace nap
