#include <ostream>

#include "cli/cluster_view.hpp"
#include "cli/commands.hpp"
#include "cli/render_cluster.hpp"

namespace nap {

asio::awaitable<Outcome> list_nodes(CommandContext context, NodesCommand command) {
    const Console& console = context.console;
    const auto store = open_consul(context.executor, context.config);
    if (!store) co_return consul_failed(context.config, store.error());
    const auto view = co_await read_cluster(**store, Keys(context.config.consul.prefix));
    if (!view) co_return consul_failed(context.config, view.error());
    const std::vector<NodeSummary> nodes = summarize(*view);
    if (command.json) {
        console.out << cli_json(nodes) << '\n';
    } else if (nodes.empty()) {
        console.say("no nodes; start `nap agent` on a host");
    } else {
        console.out << nodes_text(nodes, console.colour);
    }
    if (view->unreadable) co_return consul_failed(context.config, *view->unreadable);
    co_return Outcome{};
}

}  // namespace nap
