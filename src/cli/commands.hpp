#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/outcome.hpp"
#include "model/config.hpp"

namespace nap {

namespace asio = boost::asio;

/// What a command works with. The references outlive it.
struct CommandContext {
    asio::any_io_executor executor;
    const Config& config;
    const Console& console;
};

[[nodiscard]] Outcome validate(const ValidateCommand& command, const Console& console);

asio::awaitable<Outcome> plan_app(CommandContext context, PlanCommand command);
asio::awaitable<Outcome> apply_app(CommandContext context, ApplyCommand command);
asio::awaitable<Outcome> show_status(CommandContext context, StatusCommand command);
asio::awaitable<Outcome> list_instances(CommandContext context, PsCommand command);
asio::awaitable<Outcome> remove_app(CommandContext context, RmCommand command);
asio::awaitable<Outcome> list_nodes(CommandContext context, NodesCommand command);
asio::awaitable<Outcome> drain_node(CommandContext context, DrainCommand command);
asio::awaitable<Outcome> undrain_node(CommandContext context, UndrainCommand command);
asio::awaitable<Outcome> explain_app(CommandContext context, ExplainCommand command);
asio::awaitable<Outcome> rebalance_nodes(CommandContext context, RebalanceCommand command);
asio::awaitable<Outcome> approve_held(CommandContext context, ApproveCommand command);
asio::awaitable<Outcome> sync_folder(CommandContext context, SyncCommand command);

}  // namespace nap
