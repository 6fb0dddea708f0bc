#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include "agent/agent.hpp"
#include "cli/cli.hpp"

namespace {

nap::StringMap environment() {
    nap::StringMap variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

bool wants_colour(const nap::StringMap& variables) {
    const auto no_colour = variables.find("NO_COLOR");
    const bool refused = no_colour != variables.end() && !no_colour->second.empty();
    return !refused && ::isatty(STDOUT_FILENO) == 1;
}

int run(std::vector<std::string> args) {
    const nap::Program program{
        .version = NAP_VERSION, .variables = environment(), .run_agent = nap::run_agent};
    const nap::Console console{std::cout, std::cerr, wants_colour(program.variables)};
    return nap::run_cli(std::move(args), program, console);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << "nap: internal error: " << error.what() << '\n';
        return 2;
    }
}
