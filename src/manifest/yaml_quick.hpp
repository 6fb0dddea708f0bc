#pragma once

#include <string_view>

#include "manifest/yaml_builder.hpp"

namespace nap {

/// Reads the YAML that manifests are commonly written in, several times faster than the library:
/// one document of mappings and lists in either style, scalars on one line, `|` and `>` blocks,
/// anchors. False when there is anything else in it, or anything wrong: the library has to read it
/// then, with a fresh builder. What it reads, it reads as the library would, to the last position;
/// a test compares the two.
[[nodiscard]] bool read_quickly(int file, std::string_view text, YamlBuilder& builder);

}  // namespace nap
