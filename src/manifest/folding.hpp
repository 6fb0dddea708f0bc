#pragma once

#include "manifest/project_files.hpp"

namespace nap {

/// Replaces what names files or variables by what they hold, so that readers see values only:
/// `env_file` and variables without a value go into `environment`, `label_file` into `labels`,
/// `file` and `environment` of configs and secrets become `content`.
void fold_files(YamlNode& root, ProjectReading& reading, Variables& variables);

}  // namespace nap
