#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manifest/draft.hpp"
#include "manifest/text.hpp"

namespace nap {
namespace {

using Graph = std::map<std::string, std::vector<const Dependency*>>;

/// Takes out all services that depend on nothing left, over and over; a rest has a cycle in it.
void drop_free(Graph& graph) {
    std::map<std::string, std::vector<std::string>> dependents;
    std::map<std::string, std::size_t> open;
    std::vector<std::string> free;
    for (const auto& [service, edges] : graph) {
        for (const Dependency* edge : edges) {
            if (!graph.contains(edge->target)) continue;
            dependents[edge->target].push_back(service);
            ++open[service];
        }
        if (!open.contains(service)) free.push_back(service);
    }
    while (!free.empty()) {
        const std::string service = std::move(free.back());
        free.pop_back();
        graph.erase(service);
        for (const std::string& dependent : dependents[service]) {
            if (--open[dependent] == 0) free.push_back(dependent);
        }
    }
}

/// A cycle of a graph in which every service depends on one that is left.
std::vector<const Dependency*> find_cycle(const Graph& graph) {
    std::vector<const Dependency*> walk;
    std::map<std::string, std::size_t> visited;
    std::string service = graph.begin()->first;
    while (visited.emplace(service, walk.size()).second) {
        const auto& edges = graph.at(service);
        const auto next = std::find_if(edges.begin(), edges.end(), [&](const Dependency* edge) {
            return graph.contains(edge->target);
        });
        walk.push_back(*next);
        service = (*next)->target;
    }
    walk.erase(walk.begin(), walk.begin() + static_cast<std::ptrdiff_t>(visited[service]));
    std::rotate(walk.begin(),
                std::min_element(walk.begin(), walk.end(),
                                 [](const Dependency* a, const Dependency* b) {
                                     return a->service < b->service;
                                 }),
                walk.end());
    return walk;
}

void report_cycles(Graph graph, ErrorSink& errors) {
    for (drop_free(graph); !graph.empty() && !errors.full(); drop_free(graph)) {
        const auto cycle = find_cycle(graph);
        std::string names = cycle.front()->service;
        for (const Dependency* edge : cycle)
            names += " -> " + edge->target;
        errors.add(cycle.front()->position, cycle.front()->path,
                   fmt::format("a dependency cycle: {}; remove one of these links", names));
        for (const Dependency* edge : cycle)
            graph.erase(edge->service);
    }
}

}  // namespace

void check_dependencies(const Draft& draft, ErrorSink& errors) {
    Graph graph;
    const std::vector<std::string_view> services(draft.services_seen.begin(),
                                                 draft.services_seen.end());
    for (const Dependency& dependency : draft.dependencies) {
        if (errors.full()) return;
        if (!draft.services_seen.contains(dependency.target)) {
            if (!dependency.required) continue;
            const std::string near = suggestion(dependency.target, services);
            errors.add(dependency.position, dependency.path,
                       fmt::format("there is no service {}{}", quoted(dependency.target),
                                   near.empty() ? "; add it, or remove this entry" : near));
        } else if (dependency.target == dependency.service) {
            errors.add(dependency.position, dependency.path,
                       "a service cannot depend on itself; remove this entry");
        } else {
            graph[dependency.service].push_back(&dependency);
        }
    }
    report_cycles(std::move(graph), errors);
}

}  // namespace nap
