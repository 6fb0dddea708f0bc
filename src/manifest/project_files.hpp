#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/variables.hpp"
#include "manifest/yaml_field.hpp"
#include "model/cluster.hpp"

namespace nap {

/// `a/./b/../c` as `a/c`; begins with `..` when it leads out of where it is relative to.
[[nodiscard]] std::string normal_path(std::string_view path);
/// `path`, relative to `folder`, as seen from the folder that `folder` is relative to.
[[nodiscard]] std::string joined_path(const std::string& folder, const std::string& path);
[[nodiscard]] std::string folder_of(const std::string& path);

struct ProjectFile {
    std::string path;  ///< within the project directory
    const std::string* text = nullptr;
    int number = 0;  ///< what positions in it carry
};

/// The files of an app's project directory. There is no way out of it: what is not among the files
/// that came with the manifest does not exist.
class ProjectFiles {
  public:
    /// `asked`, if any, gets the path of every file that is looked for.
    ProjectFiles(const ManifestText& manifest, ErrorSink& errors, std::set<std::string>* asked);

    [[nodiscard]] ProjectFile main() const;
    /// nullopt when there is none; says nothing.
    [[nodiscard]] std::optional<ProjectFile> find(const std::string& path);
    /// The file that a value names, or an error where it does.
    [[nodiscard]] std::optional<ProjectFile> open(const std::string& path, const YamlField& named);
    /// What is wrong with a path, whether or not the file exists; empty when nothing is.
    [[nodiscard]] static std::string problem(const std::string& path);

  private:
    const ManifestText& manifest_;
    ErrorSink& errors_;
    std::set<std::string>* asked_;
    std::string folder_;     ///< of the manifest, with the slash at its end
    std::string main_name_;  ///< the manifest's own, within the folder
    std::map<std::string, int> numbers_;
};

/// All that the stages of reading a manifest share.
struct ProjectReading {
    ProjectFiles files;
    ErrorSink& errors;
    YamlBudget budget = {};
    bool has_tags = false;
};

/// The documents of a file; whatever is wrong with it is reported. nullopt when it cannot be used.
[[nodiscard]] std::optional<std::vector<YamlNode>> read_documents(const ProjectFile& file,
                                                                  ProjectReading& reading);

/// The mapping of services: the top level in the version-1 form. nullptr when there is none.
[[nodiscard]] YamlNode* services_of(YamlNode& root);

/// The entries of a list, or the value itself when it is none; nothing when it is null.
[[nodiscard]] std::vector<YamlField> one_or_more(const YamlField& field);

}  // namespace nap
