#pragma once

#include <set>
#include <string>

#include "model/app_spec.hpp"
#include "model/error.hpp"

namespace nap {

// Files of an app's project directory, put on this host for its containers to mount. Each set of
// files has a folder of its own, named by what is in it, that never changes: a container sees all
// of one version or all of another.

/// The folder that holds those of one app; empty when the engine `docker_host` is not known to be
/// on this machine.
[[nodiscard]] std::string project_folders_path(const std::string& docker_host,
                                               const std::string& data_dir,
                                               const ClusterId& cluster, const AppId& app);

/// The names of the complete ones.
[[nodiscard]] std::set<std::string> list_project_folders(const std::string& folders_path);

/// Makes the folder `path` with `files`, all of it or nothing; one that is there is left as it is.
/// All may read the files, none may write, and those that begin with `#!` can be executed. `io` or
/// `rejected` otherwise.
[[nodiscard]] Result<void> write_project_folder(const std::string& path, const BoundFiles& files);

/// Takes it away, and the folder of the app with the last one.
[[nodiscard]] Result<void> remove_project_folder(const std::string& path);

}  // namespace nap
