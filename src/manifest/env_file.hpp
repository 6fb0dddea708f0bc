#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/variables.hpp"
#include "manifest/yaml_field.hpp"

namespace nap {

/// One variable of an env file; without a value it is passed on from the manifest's variables.
struct EnvLine {
    std::string key;
    std::optional<std::string> value;
    YamlPosition position;
};

/// What env files are read with.
struct EnvReading {
    Variables& variables;
    YamlBudget& budget;
    ErrorSink& errors;
};

/// Reads an env file by Compose's rules: comments, `export`, quotes and what they mean, variables.
/// Those set above in the same file may be used below. `file` is what positions carry.
[[nodiscard]] std::vector<EnvLine> read_env_file(int file, std::string_view text,
                                                 const EnvReading& reading);

/// Reads the `raw` format: `KEY=value` lines taken as they are, and comment lines.
[[nodiscard]] std::vector<EnvLine> read_raw_env_file(int file, std::string_view text,
                                                     const EnvReading& reading);

}  // namespace nap
