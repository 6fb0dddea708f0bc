#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "model/time.hpp"

namespace nap {

// Readers of Compose's little notations. Their errors are `malformed`, with a message that says
// what was expected; none shows the value.

/// `1m30s`, `1.5s`, `500ms`: at least 0, rounded up to whole milliseconds.
[[nodiscard]] Result<milliseconds> parse_duration(std::string_view text);

/// `512m`, `1.5gb`, `1048576`: bytes.
[[nodiscard]] Result<std::int64_t> parse_bytes(std::string_view text);

/// `0.5`: billionths of a core.
[[nodiscard]] Result<std::int64_t> parse_nano_cpus(std::string_view text);

/// Splits as a POSIX shell does: quotes and backslashes, but no expansion.
[[nodiscard]] Result<std::vector<std::string>> split_command(std::string_view text);

/// A whole decimal number without sign within [min, max].
[[nodiscard]] std::optional<int> parse_whole(std::string_view text, int min, int max);

/// A signal's name, with or without `SIG`, or its number.
[[nodiscard]] bool is_signal(std::string_view text);

/// An IPv4 or IPv6 address, without brackets.
[[nodiscard]] bool is_address(const std::string& text);

/// A POSIX absolute path.
[[nodiscard]] bool is_absolute(std::string_view path);

}  // namespace nap
