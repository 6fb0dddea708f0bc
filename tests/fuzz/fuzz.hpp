#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/yaml_field.hpp"
#include "manifest/yaml_tree.hpp"

// What the fuzz targets share. A target takes any bytes and ends the process when something is
// said of them that must never be; docs: tests/fuzz/README.md.
namespace nap::fuzz {

using Check = void (*)(std::string_view input);

struct Target {
    std::string_view name;
    Check check;
};

/// All of them.
[[nodiscard]] std::span<const Target> targets();

/// Ends the process unless `holds`; `what` and `about` are printed.
void require(bool holds, std::string_view what, std::string_view about);

/// A position must lie in `text`, or just behind a line of it.
void require_inside(std::string_view text, int line, int column, std::string_view about);
void require_inside(std::string_view text, const std::vector<ManifestError>& errors);

/// The value in flow style on one line, with all strings quoted: reads as the same value. With
/// `dollars` they are doubled. Empty when it cannot be written so: a character that YAML does not
/// allow, too long a key, too much text.
[[nodiscard]] std::string as_flow(const YamlNode& node, bool dollars);

/// The same value, wherever it stands.
[[nodiscard]] bool same_value(const YamlNode& a, const YamlNode& b);

/// All that is in a stream, positions too.
[[nodiscard]] std::string written(const YamlStream& stream, const YamlBudget& budget);

[[nodiscard]] YamlNode string_node(std::string_view text);
[[nodiscard]] YamlNode list_node(std::vector<YamlNode> items);
[[nodiscard]] YamlNode mapping_node(std::vector<std::pair<std::string, YamlNode>> entries);

/// A list for a reader of one: of YAML, when the input begins with a bracket, else its lines.
[[nodiscard]] YamlNode list_of(std::string_view input);

void yaml(std::string_view input);
void interpolation(std::string_view input);
void ports(std::string_view input);
void volumes(std::string_view input);
void durations(std::string_view input);
void bytes(std::string_view input);
void env(std::string_view input);
void manifest(std::string_view input);

}  // namespace nap::fuzz
