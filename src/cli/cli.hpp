#pragma once

#include <string>
#include <vector>

#include "cli/console.hpp"
#include "model/config.hpp"

namespace nap {

/// What the program brings along.
struct Program {
    std::string version;
    StringMap variables;              ///< the environment
    int (*run_agent)(const Config&);  ///< the daemon, which the commands do not know
};

/// Runs the command that `args` (without the program's name) asks for; returns the exit code.
int run_cli(std::vector<std::string> args, const Program& program, const Console& console);

}  // namespace nap
