#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/app_spec.hpp"

namespace nap {

struct AgentCommand {};
struct ValidateCommand {
    std::vector<std::string> paths;
    bool json = false;
};
struct PlanCommand {
    AppId app;
    std::string file;
    bool json = false;
};
struct ApplyCommand {
    AppId app;
    std::string file;
    std::optional<std::uint64_t> check_index;
    bool detach = false;
    milliseconds timeout{60'000};
};
struct StatusCommand {
    std::optional<AppId> app;
    bool json = false;
};
struct PsCommand {
    std::optional<AppId> app;
    bool json = false;
};
struct RmCommand {
    AppId app;
    milliseconds timeout{60'000};
};

struct NodesCommand {
    bool json = false;
};
struct DrainCommand {
    NodeId node;
    bool detach = false;
    milliseconds timeout{60'000};
    bool json = false;
};
struct UndrainCommand {
    NodeId node;
    bool json = false;
};
struct ExplainCommand {
    AppId app;
    std::string service;  ///< empty: all
    bool json = false;
};
struct RebalanceCommand {
    bool dry_run = false;
    bool detach = false;
    milliseconds timeout{60'000};
    bool json = false;
};
struct ApproveCommand {
    std::vector<std::string> ids;  ///< empty: all that is held
    bool json = false;
};

struct SyncCommand {
    std::string folder;
    bool prune = false;
    bool watch = false;
    bool json = false;
};

using Command =
    std::variant<AgentCommand, ValidateCommand, PlanCommand, ApplyCommand, StatusCommand, PsCommand,
                 RmCommand, NodesCommand, DrainCommand, UndrainCommand, ExplainCommand,
                 RebalanceCommand, ApproveCommand, SyncCommand>;

/// A command to run with the settings its flags gave; or, without one, what to say instead.
struct CommandLine {
    std::optional<Command> command;
    StringMap flags;  ///< by flag without dashes, as SettingSources wants them
    int exit_code = 0;
    std::string out;  ///< help and version, when asked for
    std::string err;  ///< what is wrong, and help that was not asked for
};

/// `args` without the program's name.
[[nodiscard]] CommandLine parse_command_line(std::vector<std::string> args,
                                             const std::string& version);

}  // namespace nap
