#pragma once

#include <optional>
#include <string>

namespace nap {

/// What a work tree is at.
struct GitHead {
    std::string commit;
    std::string author;     ///< `Name <address>`
    bool modified = false;  ///< the folder has changes that are not committed
    bool busy = false;      ///< git is at work on it just now

    friend bool operator==(const GitHead&, const GitHead&) = default;
};

/// nullopt when the folder is in no git work tree with a commit, or there is no git.
[[nodiscard]] std::optional<GitHead> read_git_head(const std::string& folder);

}  // namespace nap
