#pragma once

#include <string>
#include <vector>

#include "cli/console.hpp"
#include "cli/outcome.hpp"
#include "manifest/parse.hpp"
#include "model/error.hpp"

namespace nap {

/// A manifest on this host, read and found good; or how the command ends without it, its errors
/// said one a line.
struct LocalManifest {
    ManifestText text;
    std::optional<AppSpec> spec;
    Outcome outcome;
};

[[nodiscard]] LocalManifest read_local_manifest(const AppId& app, const std::string& file,
                                                const Console& console);

/// The manifest as it stands, with the files beside it when it is called as that of a project
/// directory is: `compose.yml`.
[[nodiscard]] Result<ManifestText> read_manifest_text(const std::string& file);

/// The app that a manifest's file is for: `guestbook` for `guestbook.yml`; for `compose.yml` and
/// `docker-compose.yml` the name of the folder, in the letters that an app's name may have.
[[nodiscard]] std::string app_of_file(const std::string& path);

/// `1 error`, `2 errors`.
[[nodiscard]] std::string counted(std::size_t count, const char* noun);

}  // namespace nap
