#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "manifest/yaml_field.hpp"
#include "model/error.hpp"

namespace nap {

// Readers of notations that several keys share. What is wrong they report.

/// A scalar, or a list of them, as they are written.
[[nodiscard]] std::vector<std::string> read_texts(const YamlField& field);
/// As above, where only a list will do.
[[nodiscard]] std::vector<std::string> read_text_list(const YamlField& field);

using Parse = Result<std::int64_t> (*)(std::string_view text);
/// What `parse` makes of a scalar.
[[nodiscard]] std::optional<std::int64_t> read_amount(const YamlField& field, Parse parse);

/// Permission bits, as `0440`: a number without a 0 before it is an error, as Compose takes it for
/// a decimal one, which is hardly ever meant.
[[nodiscard]] std::optional<int> read_mode_bits(const YamlField& field);

/// An IPv4 or IPv6 address, or a list of them.
[[nodiscard]] std::vector<std::string> read_addresses(const YamlField& field);
[[nodiscard]] std::string read_address(const YamlField& field);
/// Six pairs of hex digits.
[[nodiscard]] std::string read_mac_address(const YamlField& field);

/// A list of mappings; calls `read(item)` for each that is one.
template <class Read>
void read_mappings(const YamlField& field, Read read) {
    if (!field.expect_sequence()) return;
    for (std::size_t i = 0; i < field.node.items.size(); ++i) {
        const YamlField item = field.item(i);
        if (item.expect_mapping()) read(item);
    }
}

/// What is reached from `field` by these keys, through mappings.
[[nodiscard]] std::optional<YamlField> find_below(const YamlField& field,
                                                  std::span<const char* const> keys);

/// The value of a key that must be there.
[[nodiscard]] std::optional<YamlField> require(const YamlField& field, const char* key,
                                               const char* what);

}  // namespace nap
