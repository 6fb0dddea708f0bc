#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/manifest_error.hpp"

namespace nap {

/// Lines and columns count from 1, columns in bytes; 0 is unknown. `file` is a number that the
/// ErrorSink of the manifest gave it; 0 is the manifest itself.
struct YamlPosition {
    int line = 0;
    int column = 0;
    int file = 0;
};

enum class YamlKind { scalar, sequence, mapping };

/// What a scalar is by the YAML 1.2 core schema, where `yes`, `on` and `22:22` are strings.
enum class YamlType { null, boolean, integer, number, string };

/// Compose's own tags, which say how a value is merged over an earlier one.
enum class YamlTag : unsigned char { none, reset, replace };

struct YamlEntry;

/// One value. Content reached through an alias or a merge key keeps the position it was written at.
struct YamlNode {
    YamlKind kind = YamlKind::scalar;
    std::string text;         ///< scalars only
    bool plain = false;       ///< scalars only: neither quoted nor tagged as a string
    bool lost_start = false;  ///< scalars only: it began with a variable that is not set
    bool broken = false;  ///< scalars only: its variables could not be filled in, which was said
    YamlTag tag = YamlTag::none;
    YamlPosition position;
    std::vector<YamlNode> items;     ///< sequences only
    std::vector<YamlEntry> entries;  ///< mappings only: in the order written, keys unique

    [[nodiscard]] const YamlNode* find(std::string_view key) const;
    [[nodiscard]] YamlNode* find(std::string_view key);
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

struct YamlProblem {
    YamlPosition position;
    std::string message;
};

/// The documents of one file that are not empty. `complete` is false when the text could not be
/// read to its end; there are no documents then.
struct YamlStream {
    std::vector<YamlNode> documents;
    std::vector<YamlPosition> starts;  ///< where each document begins
    std::vector<YamlProblem> problems;
    bool has_tags = false;  ///< `!reset` or `!override` stand somewhere
    bool complete = true;
};

inline constexpr int yaml_depth_max = 64;
inline constexpr std::size_t yaml_nodes_max = 100'000;
/// Of all scalars together, once aliases are expanded.
inline constexpr std::size_t yaml_text_bytes_max = 4 * 1024 * 1024;

/// What a manifest with all of its files has used up of the limits. Everything that copies or
/// makes values charges it first, so that a few lines cannot cost more than a large manifest.
struct YamlBudget {
    std::size_t nodes = 0;
    std::size_t text_bytes = 0;

    /// False once a limit is passed.
    [[nodiscard]] bool charge(std::size_t nodes_more, std::size_t bytes_more) {
        nodes += nodes_more;
        text_bytes += bytes_more;
        return nodes <= yaml_nodes_max && text_bytes <= yaml_text_bytes_max;
    }
    /// As above, for a value and all that is in it.
    [[nodiscard]] bool charge(const YamlNode& node);
};

/// Reads one YAML document, with aliases and merge keys resolved. Errors name `file`. Never throws
/// on bad input: too large, too deep, not UTF-8, several documents, tags, duplicate keys, a syntax
/// error and an empty document are errors.
[[nodiscard]] YamlDocument read_yaml(const std::string& file, const std::string& text,
                                     std::size_t bytes_max);

/// Reads all documents of a stream, as above, but several are allowed, and so are Compose's tags.
/// `file` is what positions are marked with.
[[nodiscard]] YamlStream read_yaml_stream(int file, const std::string& text, std::size_t bytes_max,
                                          YamlBudget& budget);

/// The same by the library alone, without the checks of size and characters: what the quick reader
/// is compared with.
[[nodiscard]] YamlStream read_yaml_by_library(int file, const std::string& text,
                                              YamlBudget& budget);

}  // namespace nap
