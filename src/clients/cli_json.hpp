#pragma once

#include <string>
#include <vector>

#include "model/cluster.hpp"
#include "model/plan.hpp"

namespace nap {

/// What a check found in one manifest.
struct CheckedManifest {
    std::string file;
    AppId app;
    std::vector<ManifestError> errors;
    std::vector<ManifestError> warnings = {};
};

// What `-o json` prints (docs/reference/cli.md). All but ASCII is escaped, so the text is safe on
// a terminal.

/// Each status carries what is held in the cluster, so that no list hides it.
[[nodiscard]] std::string cli_json(const AppStatus& status, const std::vector<Hold>& holds);
[[nodiscard]] std::string cli_json(const std::vector<AppStatus>& statuses,
                                   const std::vector<Hold>& holds);
/// One flat list of instances, each with its node and app.
[[nodiscard]] std::string cli_json(const std::vector<HostReport>& reports);
[[nodiscard]] std::string cli_json(const std::vector<CheckedManifest>& manifests);

}  // namespace nap
