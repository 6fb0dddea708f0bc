#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "support/testbed.hpp"

namespace nap::test {

/// The folder of one run, and the promise that all that lives in it ends with the run: when the
/// tests are over, when a signal ends them, and when this program is killed.
class Scratch {
  public:
    /// `prefix` as in `/tmp/nap-it`. Call it before any other thread starts.
    explicit Scratch(const std::string& prefix);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// Returns once everything is gone.
    void clean_up() { janitor_->clean_up(); }
    /// What is still there of it and of network namespaces whose names begin so; empty when clean.
    [[nodiscard]] std::string leftovers(const std::string& netns_prefix) const;

  private:
    void clean_up_on_signals();

    std::filesystem::path path_;
    std::optional<Janitor> janitor_;
};

}  // namespace nap::test
