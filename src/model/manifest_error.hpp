#pragma once

#include <string>
#include <vector>

namespace nap {

/// One thing wrong with a manifest, where it stands. Lines and columns count from 1; 0 is unknown.
struct ManifestError {
    std::string file;
    int line = 0;
    int column = 0;
    std::string path;     ///< `services.web.ports[0]`
    std::string message;  ///< what was expected, what was found, what to do

    friend bool operator==(const ManifestError&, const ManifestError&) = default;
};

/// `guestbook.yml:3:5: services.web.ports[0]: …`
[[nodiscard]] std::string to_string(const ManifestError& error);

}  // namespace nap
