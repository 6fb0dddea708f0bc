#include "cli/render_cluster.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/console.hpp"
#include "cli/render.hpp"
#include "cli/table.hpp"

namespace nap {

namespace {

Colour colour_of_state(const std::string& state) {
    if (state == "ready" || state == "running") return Colour::green;
    if (state == "draining" || state == "created") return Colour::yellow;
    return Colour::red;
}

/// `4`, `0.5`; empty when not known.
std::string cpus_of(std::int64_t nano_cpus) {
    return nano_cpus == 0 ? "" : fmt::format("{:g}", static_cast<double>(nano_cpus) / 1e9);
}

std::string memory_of(std::int64_t bytes) {
    constexpr double gib = 1024.0 * 1024 * 1024;
    return bytes == 0 ? "" : fmt::format("{:.1f} GiB", static_cast<double>(bytes) / gib);
}

std::string labels_of(const StringMap& labels) {
    std::vector<std::string> pairs;
    for (const auto& [name, value] : labels)
        pairs.push_back(value.empty() ? name : name + "=" + value);
    return fmt::format("{}", fmt::join(pairs, ","));
}

Row node_row(const NodeSummary& node) {
    const NodeRecord record = node.record.value_or(NodeRecord{});
    std::string role = record.leads ? "manager" : "worker";
    if (!node.record) role = "";
    if (node.leader) role = "leader";
    std::string state = node.state;
    if (node.draining && state != "draining") state += ", draining";
    return {{node.node.str()},
            {state, colour_of_state(node.state)},
            {role},
            {record.address},
            {record.engine_version},
            {cpus_of(record.nano_cpus)},
            {memory_of(record.memory_bytes)},
            {std::to_string(node.instances)},
            {labels_of(record.labels)}};
}

bool lacks_a_node(const ExplainedService& service) {
    return std::any_of(service.instances.begin(), service.instances.end(),
                       [](const ExplainedInstance& instance) { return instance.node.empty(); });
}

std::string answers_text(const ExplainedService& service, bool colour) {
    std::vector<std::string> homeless;
    for (const ExplainedInstance& instance : service.instances) {
        if (instance.node.empty()) homeless.push_back(to_string(instance.instance));
    }
    std::string text = homeless.empty()
                           ? fmt::format("\none more instance of {}:\n", printable(service.service))
                           : fmt::format("\n{} cannot be placed, because:\n",
                                         printable(fmt::format("{}", fmt::join(homeless, ", "))));
    if (service.nodes.empty()) return text + "there is no node\n";
    std::vector<Row> rows{{{"NODE"}, {"ANSWER"}}};
    for (const NodeAnswer& answer : service.nodes) {
        const bool fits = answer.reason.empty();
        const std::string yes = homeless.empty() ? "fits" : "would take it";
        rows.push_back({{answer.node.str()},
                        {fits ? yes : answer.reason, fits ? Colour::green : Colour::none}});
    }
    return text + table(std::move(rows), colour);
}

}  // namespace

std::string nodes_text(const std::vector<NodeSummary>& nodes, bool colour) {
    std::vector<Row> rows{{{"NODE"},
                           {"STATE"},
                           {"ROLE"},
                           {"ADDRESS"},
                           {"ENGINE"},
                           {"CPUS"},
                           {"MEMORY"},
                           {"INSTANCES"},
                           {"LABELS"}}};
    for (const NodeSummary& node : nodes)
        rows.push_back(node_row(node));
    return table(std::move(rows), colour);
}

std::string holds_text(const std::vector<Hold>& holds) {
    std::string text;
    for (const Hold& hold : holds) {
        text += printable(fmt::format("held: {}: {}; nap approve releases it (id {})", hold.what,
                                      hold.why, hold.id)) +
                "\n";
    }
    return text;
}

std::string released_text(const std::vector<Hold>& holds) {
    std::string text;
    for (const Hold& hold : holds) {
        text += printable(fmt::format("released {}: {}: {}", hold.id, hold.what, hold.why)) + "\n";
    }
    return text;
}

std::string moves_text(const std::vector<MovedInstance>& moves, bool colour) {
    std::vector<Row> rows{{{"APP"}, {"INSTANCE"}, {"FROM"}, {"TO"}}};
    for (const MovedInstance& move : moves) {
        rows.push_back(
            {{move.app.str()}, {to_string(move.instance)}, {move.from.str()}, {move.to.str()}});
    }
    return table(std::move(rows), colour);
}

std::string changes_text(const std::vector<NodeChange>& changes) {
    const auto names = [](const std::vector<InstanceId>& instances) {
        std::vector<std::string> parts;
        parts.reserve(instances.size());
        for (const InstanceId& instance : instances)
            parts.push_back(to_string(instance));
        return fmt::format("{}", fmt::join(parts, ", "));
    };
    std::string text;
    for (const NodeChange& change : changes) {
        std::vector<std::string> parts;
        if (!change.comes.empty()) parts.push_back("start " + names(change.comes));
        if (!change.goes.empty()) parts.push_back("end " + names(change.goes));
        if (change.new_manifest) parts.emplace_back("follow the new manifest with the others");
        text +=
            printable(fmt::format("on {}: {}", change.node.str(), fmt::join(parts, "; "))) + "\n";
    }
    return text;
}

std::string explanation_text(const Explanation& explanation, bool all_nodes, bool colour) {
    std::string text = holds_text(explanation.holds);
    text += explanation.status ? printable(progress_line(*explanation.status)) + "\n"
                               : explanation.app.str() + ": has no status yet\n";
    std::vector<Row> rows{{{"INSTANCE"}, {"NODE"}, {"STATE"}, {"HEALTH"}, {"MESSAGE"}}};
    std::string answers;
    for (const ExplainedService& service : explanation.services) {
        for (const ExplainedInstance& instance : service.instances) {
            rows.push_back({{to_string(instance.instance)},
                            {instance.node.str()},
                            {instance.state, colour_of_state(instance.state)},
                            {instance.health},
                            {instance.message}});
        }
        if (all_nodes || lacks_a_node(service)) answers += answers_text(service, colour);
    }
    if (rows.size() > 1) text += table(std::move(rows), colour);
    return text + answers;
}

}  // namespace nap
