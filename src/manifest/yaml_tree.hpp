#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/manifest_error.hpp"

namespace nap {

/// Lines and columns count from 1, columns in bytes; 0 is unknown.
struct YamlPosition {
    int line = 0;
    int column = 0;
};

enum class YamlKind { scalar, sequence, mapping };

/// What a scalar is by the YAML 1.2 core schema, where `yes`, `on` and `22:22` are strings.
enum class YamlType { null, boolean, integer, number, string };

struct YamlEntry;

/// One value. Content reached through an alias or a merge key keeps the position it was written at.
struct YamlNode {
    YamlKind kind = YamlKind::scalar;
    std::string text;    ///< scalars only
    bool plain = false;  ///< scalars only: neither quoted nor tagged as a string
    YamlPosition position;
    std::vector<YamlNode> items;     ///< sequences only
    std::vector<YamlEntry> entries;  ///< mappings only: in the order written, keys unique

    [[nodiscard]] const YamlNode* find(std::string_view key) const;
    [[nodiscard]] YamlType type() const;  ///< scalars only
    [[nodiscard]] bool is_null() const;
};

struct YamlEntry {
    std::string key;
    YamlPosition position;
    YamlNode value;
};

/// `root` is set when the text could be read to its end, though there may be errors then too.
struct YamlDocument {
    std::optional<YamlNode> root;
    std::vector<ManifestError> errors;
};

inline constexpr int yaml_depth_max = 64;
inline constexpr std::size_t yaml_nodes_max = 100'000;
/// Of all scalars together, once aliases are expanded.
inline constexpr std::size_t yaml_text_bytes_max = 4 * 1024 * 1024;

/// Reads one YAML document, with aliases and merge keys resolved. Errors name `file`. Never throws
/// on bad input: too large, too deep, not UTF-8, several documents, tags, duplicate keys, a syntax
/// error and an empty document are errors.
[[nodiscard]] YamlDocument read_yaml(const std::string& file, const std::string& text,
                                     std::size_t bytes_max);

}  // namespace nap
