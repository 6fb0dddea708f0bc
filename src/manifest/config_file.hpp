#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.hpp"
#include "model/manifest_error.hpp"

namespace nap {

/// The largest configuration file read.
inline constexpr std::size_t config_bytes_max = 64 * 1024;

/// What the file says over the defaults; or, with errors, nothing to be used.
struct ParsedConfig {
    Config config;
    std::vector<ManifestError> errors;
};

/// Reads the text of a configuration file. Empty text is a file that says nothing. Never throws on
/// bad input.
[[nodiscard]] ParsedConfig parse_config(const std::string& file, const std::string& text);

/// Sets what the key `key` (`consul.address`) stands for, as flags and variables do, by the same
/// rules as in the file. Says what is wrong with the value; nullopt when it is set. Only keys
/// with a single value can be set.
[[nodiscard]] std::optional<std::string> set_config_value(Config& config, std::string_view key,
                                                          const std::string& value);

}  // namespace nap
