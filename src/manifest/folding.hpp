#pragma once

#include <set>
#include <string>

#include "manifest/project_files.hpp"

namespace nap {

/// Replaces what names files or variables by what they hold, so that readers see values only:
/// `env_file` and variables without a value go into `environment`, `label_file` into `labels`,
/// `file` and `environment` of configs and secrets become `content`.
/// Services whose profiles are off are left as they are.
void fold_files(YamlNode& root, ProjectReading& reading, Variables& variables,
                const std::set<std::string>& profiles);

/// The part of it that an included model has variables of its own for: gives those of its
/// `environment` entries, configs and secrets that name a variable that is set its value.
void pass_variables(YamlNode& root, ProjectReading& reading, const Variables& variables);

}  // namespace nap
