#include "cli/cli.hpp"

#include <ostream>

#include "cli/command_line.hpp"
#include "cli/run_command.hpp"
#include "cli/settings.hpp"

namespace nap {

namespace {

/// Runs what needs settings; `console` gets their problems and warnings first.
class Runner {
  public:
    Runner(const Config& config, const Console& console, const Program& program)
        : config_(config), console_(console), program_(program) {}

    int operator()(const AgentCommand&) const { return program_.run_agent(config_); }
    int operator()(const ValidateCommand& command) const {
        return end(validate(command, console_));
    }
    int operator()(const PlanCommand& command) const { return run(plan_app, command); }
    int operator()(const ApplyCommand& command) const { return run(apply_app, command); }
    int operator()(const StatusCommand& command) const { return run(show_status, command); }
    int operator()(const PsCommand& command) const { return run(list_instances, command); }
    int operator()(const RmCommand& command) const { return run(remove_app, command); }
    int operator()(const NodesCommand& command) const { return run(list_nodes, command); }
    int operator()(const DrainCommand& command) const { return run(drain_node, command); }
    int operator()(const UndrainCommand& command) const { return run(undrain_node, command); }
    int operator()(const ExplainCommand& command) const { return run(explain_app, command); }
    int operator()(const RebalanceCommand& command) const { return run(rebalance_nodes, command); }
    int operator()(const ApproveCommand& command) const { return run(approve_held, command); }
    int operator()(const SyncCommand& command) const { return run(sync_folder, command); }

  private:
    template <class Command>
    int run(asio::awaitable<Outcome> (*start)(CommandContext, Command),
            const Command& command) const {
        const auto bound = [&](CommandContext context) { return start(context, command); };
        return end(run_command(bound, config_, console_));
    }

    int end(const Outcome& outcome) const {
        console_.out.flush();
        if (!outcome.message.empty()) console_.say("nap: " + outcome.message);
        return static_cast<int>(outcome.code);
    }

    const Config& config_;
    const Console& console_;
    const Program& program_;
};

}  // namespace

int run_cli(std::vector<std::string> args, const Program& program, const Console& console) {
    const CommandLine line = parse_command_line(std::move(args), program.version);
    console.out << line.out << std::flush;
    console.err << line.err << std::flush;
    if (!line.command) return line.exit_code;
    Settings settings;
    // Checking manifests is offline and must not depend on how this host is set up.
    if (!std::holds_alternative<ValidateCommand>(*line.command)) {
        settings = load_settings({.flags = line.flags, .variables = program.variables});
    }
    for (const std::string& warning : settings.warnings)
        console.say("nap: warning: " + warning);
    for (const std::string& problem : settings.problems)
        console.say("nap: " + problem);
    if (!settings.problems.empty()) return static_cast<int>(Exit::usage);
    return std::visit(Runner(settings.config, console, program), *line.command);
}

}  // namespace nap
