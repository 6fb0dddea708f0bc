#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "manifest/yaml_tree.hpp"

namespace nap {

struct BadCharacter {
    YamlPosition position;
    std::string message;
};

/// The first byte that YAML does not allow: not UTF-8, NUL, another control character.
[[nodiscard]] std::optional<BadCharacter> find_bad_character(std::string_view text);

/// The type of an unquoted scalar.
[[nodiscard]] YamlType plain_type(std::string_view text);

/// `text` cut to `bytes_max` between characters, an ellipsis at the cut.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t bytes_max);

/// The value between backticks, short and printable, for use in messages.
[[nodiscard]] std::string quoted(std::string_view text);

/// The candidate that `name` is most likely a misspelling of; empty when none comes near.
[[nodiscard]] std::string_view nearest(std::string_view name,
                                       std::span<const std::string_view> candidates);

/// Not empty, only letters, digits and `._-`.
[[nodiscard]] bool is_plain_name(std::string_view text);

/// Without blanks and line ends around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Of ASCII letters; the others stay.
[[nodiscard]] std::string in_lower_case(std::string text);
[[nodiscard]] std::string in_upper_case(std::string text);

/// A plain name that starts with a letter or a digit, as the engine wants its names.
[[nodiscard]] bool is_engine_name(std::string_view text);

[[nodiscard]] bool is_digit(char c);

}  // namespace nap
