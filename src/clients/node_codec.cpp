// The documents about nodes and about what is held.

#include "clients/json_codec.hpp"
#include "clients/json_reader.hpp"
#include "clients/json_versioned.hpp"

namespace nap {

using nlohmann::json;

std::string encode(const NodeRecord& node) {
    return json_text({{"schema", schema_version},
                      {"node", node.node.str()},
                      {"id", node.id},
                      {"address", node.address},
                      {"engine_version", node.engine_version},
                      {"os", node.os},
                      {"architecture", node.architecture},
                      {"state", node.state},
                      {"leads", node.leads},
                      {"labels", node.labels},
                      {"engine_labels", node.engine_labels},
                      {"nano_cpus", node.nano_cpus},
                      {"memory_bytes", node.memory_bytes},
                      {"swarm", node.swarm},
                      {"swarm_manager", node.swarm_manager},
                      {"lease_ms", node.lease.count()},
                      {"routed", node.routed}});
}

Result<NodeRecord> decode_node_record(std::string_view text) {
    return read_versioned<NodeRecord>(text, "node", [](const JsonReader& reader) {
        NodeRecord node;
        node.node = NodeId(reader.get<std::string>("node"));
        node.id = reader.get_or<std::string>("id", "");
        node.address = reader.get<std::string>("address");
        node.engine_version = reader.get<std::string>("engine_version");
        node.os = reader.get_or<std::string>("os", "");
        node.architecture = reader.get_or<std::string>("architecture", "");
        node.state = reader.get<std::string>("state");
        node.leads = reader.get_or("leads", true);
        node.labels = reader.string_map("labels");
        node.engine_labels = reader.string_map("engine_labels");
        node.nano_cpus = reader.get_or<std::int64_t>("nano_cpus", 0);
        node.memory_bytes = reader.get_or<std::int64_t>("memory_bytes", 0);
        node.swarm = reader.get_or<std::string>("swarm", "");
        node.swarm_manager = reader.get_or("swarm_manager", false);
        node.lease = milliseconds(reader.get_or<std::int64_t>("lease_ms", node.lease.count()));
        node.routed = reader.get_or("routed", false);
        return node;
    });
}

std::string encode(const NodeControl& control) {
    return json_text({{"schema", schema_version}, {"draining", control.draining}});
}

Result<NodeControl> decode_node_control(std::string_view text) {
    return read_versioned<NodeControl>(text, "control", [](const JsonReader& reader) {
        return NodeControl{.draining = reader.get<bool>("draining")};
    });
}

std::string encode(const std::vector<Hold>& holds) {
    json list = json::array();
    for (const Hold& hold : holds) {
        json apps = json::array();
        for (const AppId& app : hold.apps)
            apps.push_back(app.str());
        list.push_back(
            {{"id", hold.id}, {"what", hold.what}, {"why", hold.why}, {"apps", std::move(apps)}});
    }
    return json_text({{"schema", schema_version}, {"holds", std::move(list)}});
}

Result<std::vector<Hold>> decode_holds(std::string_view text) {
    return read_versioned<std::vector<Hold>>(text, "held", [](const JsonReader& reader) {
        std::vector<Hold> holds;
        for (const auto& hold : reader.elements("holds")) {
            holds.push_back({.id = hold.get<std::string>("id"),
                             .what = hold.get<std::string>("what"),
                             .why = hold.get<std::string>("why"),
                             .apps = {}});
            for (const auto& app : hold.elements("apps"))
                holds.back().apps.emplace_back(app.as<std::string>());
        }
        return holds;
    });
}

std::string encode_approvals(const std::set<std::string>& ids) {
    return json_text({{"schema", schema_version}, {"ids", ids}});
}

Result<std::set<std::string>> decode_approvals(std::string_view text) {
    return read_versioned<std::set<std::string>>(text, "approved", [](const JsonReader& reader) {
        std::set<std::string> ids;
        for (const auto& id : reader.elements("ids"))
            ids.insert(id.as<std::string>());
        return ids;
    });
}

std::string encode_rebalance(const std::string& requested) {
    return json_text({{"schema", schema_version}, {"requested", requested}});
}

Result<std::string> decode_rebalance(std::string_view text) {
    return read_versioned<std::string>(text, "rebalance", [](const JsonReader& reader) {
        return reader.get<std::string>("requested");
    });
}

}  // namespace nap
