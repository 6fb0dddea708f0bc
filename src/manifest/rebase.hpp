#pragma once

#include <string>

#include "manifest/yaml_tree.hpp"

namespace nap {

/// Makes the relative paths in a file that lies in (or counts as lying in) `folder` relative to the
/// project directory: those of binds, env files, label files, configs, secrets, `extends` and
/// `include`.
void rebase_paths(YamlNode& root, const std::string& folder);

}  // namespace nap
