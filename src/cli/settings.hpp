#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/config.hpp"

namespace nap {

/// One setting that has a flag, a variable (`NAP_` and the flag in capitals) and a key in the
/// configuration file.
struct Setting {
    const char* flag;    ///< without the dashes
    const char* common;  ///< a variable that other tools share, or null; `NAP_…` beats it
    const char* key;     ///< `consul.address`
    const char* value;   ///< what the help calls its value
    const char* help;
    bool agent_only;
};

[[nodiscard]] std::span<const Setting> all_settings();

inline constexpr char default_config_file[] = "/etc/nap/nap.yml";

/// What was said outside the file. `flags` by flag without dashes, `config` among them.
struct SettingSources {
    StringMap flags;
    StringMap variables;
    std::string default_file = default_config_file;  ///< may be absent
};

struct Settings {
    Config config;
    std::vector<std::string> problems;  ///< with any, the configuration cannot be used
    std::vector<std::string> warnings;
};

/// Flag beats variable beats file beats default; an empty variable is none.
[[nodiscard]] Settings load_settings(const SettingSources& sources);

}  // namespace nap
