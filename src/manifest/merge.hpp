#pragma once

#include <string>

#include "manifest/yaml_tree.hpp"

namespace nap {

/// Merges a whole file over an earlier one by the rules of the Compose Specification; both in the
/// services form, or both with services at top level.
void merge_file(YamlNode& base, YamlNode&& over);

/// Merges a service over the one it extends.
void merge_service(YamlNode& base, YamlNode&& over);

/// Takes out what is tagged `!reset` and drops the tags; the last thing done to a tree.
void settle_tags(YamlNode& node);

/// Whether services stand at top level, as in the version-1 form.
[[nodiscard]] bool is_version1(const YamlNode& root);

}  // namespace nap
