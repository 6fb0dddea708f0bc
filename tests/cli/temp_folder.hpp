#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace nap {

/// A folder of its own for one test, gone afterwards.
class TempFolder {
  public:
    TempFolder() {
        std::string name = testing::TempDir() + "nap-cli-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no folder at " << name;
        path_ = name;
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    [[nodiscard]] std::string at(const std::string& name) const { return path_ / name; }
    /// Writes a file that only its owner may read; returns its path.
    std::string write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories(std::filesystem::path(at(name)).parent_path());
        std::ofstream(at(name)) << text;
        std::filesystem::permissions(
            at(name), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        return at(name);
    }

  private:
    std::filesystem::path path_;
};

}  // namespace nap
