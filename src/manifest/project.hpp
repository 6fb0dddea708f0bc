#pragma once

#include <optional>
#include <set>
#include <string>

#include "manifest/yaml_field.hpp"
#include "model/cluster.hpp"

namespace nap {

/// Reads a manifest and all files that it is made of into one tree, which names no file and no
/// variable any more: variables are filled in, documents and override files merged, `extends`,
/// `include`, env files and the like resolved. Reports every error it finds; nullopt when there is
/// nothing worth reading on.
/// `asked`, if any, gets the paths of the files that were looked for.
[[nodiscard]] std::optional<YamlNode> read_project(const AppId& app, const ManifestText& manifest,
                                                   ErrorSink& errors,
                                                   std::set<std::string>* asked = nullptr);

/// Whether a service runs with these profiles; `*` stands for all of them.
[[nodiscard]] bool is_on(const YamlNode& service, const std::set<std::string>& profiles);

}  // namespace nap
