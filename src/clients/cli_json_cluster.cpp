#include "clients/cli_json_cluster.hpp"

#include <nlohmann/json.hpp>

#include "clients/cli_json_text.hpp"
#include "clients/json_codec.hpp"

namespace nap {

namespace {

using nlohmann::json;

json to_json(const NodeSummary& node) {
    json shown = node.record ? json::parse(encode(*node.record)) : json::object();
    shown.erase("schema");
    shown.erase("leads");
    if (node.record) shown["role"] = node.record->leads ? "manager" : "worker";
    shown["node"] = node.node.str();
    shown["state"] = node.state;
    shown["draining"] = node.draining;
    shown["leader"] = node.leader;
    shown["instances"] = node.instances;
    return shown;
}

json to_json(const AppId& app, const InstanceId& instance) {
    return {{"app", app.str()}, {"service", instance.service}, {"slot", instance.slot}};
}

json to_json(const std::vector<InstanceId>& instances) {
    json list = json::array();
    for (const InstanceId& instance : instances)
        list.push_back({{"service", instance.service}, {"slot", instance.slot}});
    return list;
}

json to_json(const ExplainedService& service) {
    json instances = json::array();
    for (const ExplainedInstance& instance : service.instances) {
        instances.push_back({{"slot", instance.instance.slot},
                             {"node", instance.node.str()},
                             {"state", instance.state},
                             {"health", instance.health},
                             {"message", instance.message}});
    }
    json nodes = json::array();
    for (const NodeAnswer& answer : service.nodes) {
        nodes.push_back({{"node", answer.node.str()},
                         {"fits", answer.reason.empty()},
                         {"reason", answer.reason}});
    }
    return {{"service", service.service},
            {"instances", std::move(instances)},
            {"nodes", std::move(nodes)}};
}

}  // namespace

json to_json(const std::vector<Hold>& holds) {
    json list = json::array();
    for (const Hold& hold : holds) {
        json apps = json::array();
        for (const AppId& app : hold.apps)
            apps.push_back(app.str());
        list.push_back(
            {{"id", hold.id}, {"what", hold.what}, {"why", hold.why}, {"apps", std::move(apps)}});
    }
    return list;
}

std::string cli_json(const std::vector<NodeSummary>& nodes) {
    json list = json::array();
    for (const NodeSummary& node : nodes)
        list.push_back(to_json(node));
    return ascii_text(list);
}

std::string cli_json(const DrainResult& result) {
    json left = json::array();
    for (const StayingInstance& instance : result.left) {
        left.push_back(to_json(instance.app, instance.instance));
        left.back()["why"] = instance.why;
    }
    return ascii_text(
        {{"node", result.node.str()}, {"draining", result.draining}, {"left", std::move(left)}});
}

std::string cli_json(const std::vector<MovedInstance>& moves) {
    json list = json::array();
    for (const MovedInstance& move : moves) {
        list.push_back(to_json(move.app, move.instance));
        list.back()["from"] = move.from.str();
        list.back()["to"] = move.to.str();
    }
    return ascii_text(list);
}

std::string cli_json(const std::vector<Hold>& holds) {
    return ascii_text(to_json(holds));
}

std::string cli_json(const Explanation& explanation) {
    json services = json::array();
    for (const ExplainedService& service : explanation.services)
        services.push_back(to_json(service));
    json shown{{"app", explanation.app.str()},
               {"status", nullptr},
               {"held", to_json(explanation.holds)},
               {"services", std::move(services)}};
    if (explanation.status) shown["status"] = json::parse(encode(*explanation.status));
    return ascii_text(shown);
}

std::string cli_json(const Plan& plan, const std::vector<NodeChange>& others) {
    json shown = to_json(plan);
    json nodes = json::array();
    for (const NodeChange& change : others) {
        nodes.push_back({{"node", change.node.str()},
                         {"comes", to_json(change.comes)},
                         {"goes", to_json(change.goes)},
                         {"new_manifest", change.new_manifest}});
    }
    shown["other_nodes"] = std::move(nodes);
    return ascii_text(shown);
}

}  // namespace nap
