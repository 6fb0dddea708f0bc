#pragma once

#include "manifest/yaml_field.hpp"

namespace nap {

/// Turns `$$` into `$` in every value and reports any other dollar sign. Keys and extension fields
/// are left alone.
void resolve_dollars(YamlNode& root, ErrorSink& errors);

}  // namespace nap
