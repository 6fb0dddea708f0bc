#pragma once

#include <string>
#include <vector>

#include "model/ids.hpp"
#include "model/keys.hpp"

namespace nap {

/// The prefixes in KV that manifests come from: `nap/apps/`, and those of `apps.prefixes`.
class AppSources {
  public:
    /// `further` are without slashes at their ends.
    AppSources(const Keys& keys, const std::vector<std::string>& further);

    /// Each ends with a slash; `nap/apps/` is the first.
    [[nodiscard]] const std::vector<std::string>& prefixes() const { return prefixes_; }
    /// The prefix that `key` is below.
    [[nodiscard]] const std::string& prefix_of(const std::string& key) const;
    /// Inside the prefix: while it is not readable, no missing manifest counts as deleted.
    [[nodiscard]] static std::string sentinel(const std::string& prefix) {
        return prefix + ".sentinel";
    }

    /// Before the names of files below `prefix` in what people read: nothing below `nap/apps/`.
    [[nodiscard]] std::string shown(const std::string& prefix) const;
    /// A manifest that was reported under the name `file` comes from one of these.
    [[nodiscard]] bool have(const AppId& app, const std::string& file) const;

  private:
    std::vector<std::string> prefixes_;
};

}  // namespace nap
