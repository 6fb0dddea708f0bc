#pragma once

#include <map>
#include <set>
#include <string>

#include "manifest/project_files.hpp"

namespace nap {

/// Puts services together with those that they extend, in the same file or another.
class Extender {
  public:
    Extender(ProjectReading& reading, Variables& variables)
        : reading_(reading), variables_(variables) {}

    /// Of a document that `earlier` documents and files, merged so far, come before (may be null).
    void resolve(YamlNode& document, YamlNode* earlier);

  private:
    struct Source {
        YamlNode* root = nullptr;
        YamlNode* earlier = nullptr;
        YamlNode own = {};  ///< of a file that was read for its services
        std::set<std::string> done = {};
        std::set<std::string> active = {};  ///< being resolved: met again they are a cycle
    };

    void resolve_entry(Source& source, YamlEntry& entry, const std::string& path, int depth);
    [[nodiscard]] const YamlNode* base_of(Source& source, const YamlField& extends, int depth);
    [[nodiscard]] Source* open(const YamlField& file);

    ProjectReading& reading_;
    Variables& variables_;
    std::map<std::string, Source> files_;
};

}  // namespace nap
