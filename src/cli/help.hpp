#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace nap {

/// The group of the options that every command has.
inline constexpr char shared_group[] = "Options for every command";

/// The help of the program or of one command: examples first, then CLI11's own, and for a command
/// the options it shares with all others.
[[nodiscard]] std::string help_text(const CLI::App* app, std::string name, CLI::AppFormatMode mode);

}  // namespace nap
