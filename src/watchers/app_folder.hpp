#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/error.hpp"
#include "model/ids.hpp"

namespace nap {

/// Files by the names of the keys they would have under `nap/apps/`: `shop.yml`, `shop/.env`.
using FolderFiles = std::map<std::string, std::string>;

/// What a folder of apps holds: `shop.yml`, or `shop/compose.yml` with the files beside it.
struct AppFolder {
    std::map<AppId, FolderFiles> apps;
    /// Apps that cannot be read whole just now, and why; an empty reason: a file is being written.
    /// They are there all the same.
    std::map<AppId, std::string> unread;
    std::vector<std::string> notes;  ///< what is not used, and why, for people
    /// Tells this folder from another that has come in its place.
    std::string identity;
};

struct FolderRequest {
    std::string path;
    /// Full paths of files that somebody is writing to.
    std::set<std::string> being_written;
    /// Apps that have been taken from it: a folder that has lost its manifest is still theirs.
    std::set<AppId> known;
};

/// The whole folder, or an error: one that is gone or cannot be listed holds nothing to go by. Of
/// an app's folder the manifest is read and what it names; an app that names a link that leads out
/// of the folder, or what is too large, cannot be read.
[[nodiscard]] Result<AppFolder> read_app_folder(const FolderRequest& request);

/// The files of one project directory, by their paths in it, by the same rules.
[[nodiscard]] Result<FolderFiles> read_project(const std::string& folder);

}  // namespace nap
