#include "clients/json_codec.hpp"

#include <fmt/core.h>
#include <array>

#include "clients/base64.hpp"
#include "clients/json_reader.hpp"
#include "clients/json_versioned.hpp"

namespace nap {

namespace {

using nlohmann::json;

json to_json(const PortSpec& port) {
    return {{"target", port.target},
            {"published", port.published},
            {"host_ip", port.host_ip},
            {"protocol", port.protocol}};
}

json to_json(const std::vector<InstanceId>& instances) {
    json list = json::array();
    for (const auto& instance : instances) {
        list.push_back({{"service", instance.service}, {"slot", instance.slot}});
    }
    return list;
}

/// Text as it is; other bytes, which JSON cannot hold, in base64.
json to_json(const ManifestText& manifest) {
    json document{{"file", manifest.file}, {"text", manifest.text}};
    for (const auto& [path, bytes] : manifest.files) {
        const json read_back = json::parse(json_text(bytes), nullptr, false);
        const bool is_text = read_back.is_string() && read_back.get<std::string>() == bytes;
        document["files"][path] =
            is_text ? json{{"text", bytes}} : json{{"base64", encode_base64(bytes)}};
    }
    return document;
}

ManifestText read_manifest_text(const JsonReader& reader) {
    ManifestText manifest{.file = reader.get<std::string>("file"),
                          .text = reader.get<std::string>("text")};
    for (const auto& [path, file] : reader.members("files")) {
        if (file.at("base64").is_absent()) {
            manifest.files[path] = file.get<std::string>("text");
            continue;
        }
        auto bytes = decode_base64(file.get<std::string>("base64"));
        if (!bytes) file.at("base64").expected("base64");
        manifest.files[path] = std::move(bytes).value_or("");
    }
    return manifest;
}

json to_json(const InstanceReport& report) {
    json ports = json::array();
    for (const auto& port : report.ports) {
        ports.push_back(to_json(port));
    }
    return {{"service", report.instance.service},
            {"slot", report.instance.slot},
            {"container", report.container.str()},
            {"state", report.state},
            {"health", report.health},
            {"exit_code", report.exit_code},
            {"oom_killed", report.oom_killed},
            {"restarts", report.restarts},
            {"addresses", report.addresses},
            {"ports", std::move(ports)},
            {"image_id", report.image_id.str()},
            {"since", report.since},
            {"message", report.message}};
}

InstanceId read_instance(const JsonReader& reader) {
    InstanceId instance{reader.get<std::string>("service"), reader.get<int>("slot")};
    if (instance.slot < 1) reader.at("slot").expected("a number from 1");
    return instance;
}

PortSpec read_port(const JsonReader& reader) {
    return {.target = reader.get<std::uint16_t>("target"),
            .published = reader.get<std::uint16_t>("published"),
            .host_ip = reader.get_or<std::string>("host_ip", ""),
            .protocol = reader.get_or<std::string>("protocol", "tcp")};
}

InstanceReport read_instance_report(const JsonReader& reader) {
    InstanceReport report;
    report.instance = read_instance(reader);
    report.container = ContainerId(reader.get<std::string>("container"));
    report.state = reader.get<std::string>("state");
    report.health = reader.get<std::string>("health");
    report.exit_code = reader.get_or("exit_code", 0);
    report.oom_killed = reader.get_or("oom_killed", false);
    report.restarts = reader.get_or("restarts", 0);
    report.addresses = reader.string_map("addresses");
    for (const auto& port : reader.elements("ports")) {
        report.ports.push_back(read_port(port));
    }
    report.image_id = ImageId(reader.get_or<std::string>("image_id", ""));
    report.since = reader.get_or<std::string>("since", "");
    report.message = reader.get_or<std::string>("message", "");
    return report;
}

std::optional<Phase> parse_phase(std::string_view text) {
    for (const Phase phase :
         {Phase::converged, Phase::converging, Phase::degraded, Phase::invalid, Phase::held}) {
        if (text == to_string(phase)) return phase;
    }
    return std::nullopt;
}

std::optional<NetworkScope> parse_scope(std::string_view text) {
    for (const NetworkScope scope :
         {NetworkScope::local, NetworkScope::overlay, NetworkScope::routed}) {
        if (text == to_string(scope)) return scope;
    }
    return std::nullopt;
}

ManifestError read_manifest_error(const JsonReader& reader) {
    return {.file = reader.get<std::string>("file"),
            .line = reader.get<int>("line"),
            .column = reader.get<int>("column"),
            .path = reader.get<std::string>("path"),
            .message = reader.get<std::string>("message")};
}

}  // namespace

std::string encode(const ClusterMeta& meta) {
    return json_text({{"schema", meta.schema}, {"cluster", meta.cluster.str()}});
}

Result<ClusterMeta> decode_cluster_meta(std::string_view text) {
    return read_versioned<ClusterMeta>(text, "meta", [](const JsonReader& reader) {
        ClusterMeta meta;
        meta.cluster = ClusterId(reader.get<std::string>("cluster"));
        meta.schema = reader.get<int>("schema");
        if (meta.cluster.empty()) reader.at("cluster").expected("a UUID");
        return meta;
    });
}

std::string encode(const LeaderRecord& leader) {
    return json_text({{"schema", schema_version},
                      {"node", leader.node.str()},
                      {"epoch", leader.epoch},
                      {"since", leader.since}});
}

Result<LeaderRecord> decode_leader_record(std::string_view text) {
    return read_versioned<LeaderRecord>(text, "leader", [](const JsonReader& reader) {
        LeaderRecord leader;
        leader.node = NodeId(reader.get<std::string>("node"));
        leader.epoch = reader.get<std::uint64_t>("epoch");
        leader.since = reader.get<std::string>("since");
        return leader;
    });
}

namespace {

/// As PeerProgress counts.
constexpr std::array progress_names{"", "pending", "healthy", "completed"};

/// A word of a later version is not known.
PeerProgress read_progress(const JsonReader& peer) {
    const auto name = peer.get_or<std::string>("progress", "");
    for (std::size_t i = 0; i < progress_names.size(); ++i) {
        if (name == progress_names[i]) return static_cast<PeerProgress>(i);
    }
    return PeerProgress::unknown;
}

}  // namespace

std::string encode(const Assignment& assignment) {
    json peers = json::array();
    for (const auto& peer : assignment.peers) {
        peers.push_back({{"service", peer.instance.service},
                         {"slot", peer.instance.slot},
                         {"name", peer.name},
                         {"addresses", peer.addresses}});
        if (peer.progress != PeerProgress::unknown) {
            peers.back()["progress"] = progress_names[static_cast<std::size_t>(peer.progress)];
        }
    }
    return json_text({{"schema", schema_version},
                      {"cluster", assignment.cluster.str()},
                      {"epoch", assignment.epoch},
                      {"serial", assignment.serial},
                      {"app", assignment.app.str()},
                      {"revision", assignment.revision.str()},
                      {"manifest", to_json(assignment.manifest)},
                      {"manifest_index", assignment.manifest_index},
                      {"instances", to_json(assignment.instances)},
                      {"leaving", to_json(assignment.leaving)},
                      {"unleased", assignment.unleased},
                      {"remove", assignment.remove},
                      {"elsewhere", assignment.elsewhere},
                      {"approved", assignment.approved},
                      {"scope", to_string(assignment.scope)},
                      {"peers", std::move(peers)}});
}

Result<Assignment> decode_assignment(std::string_view text) {
    return read_versioned<Assignment>(text, "assignment", [](const JsonReader& reader) {
        Assignment assignment;
        assignment.cluster = ClusterId(reader.get<std::string>("cluster"));
        assignment.epoch = reader.get<std::uint64_t>("epoch");
        assignment.serial = reader.get_or<std::uint64_t>("serial", 0);
        assignment.app = AppId(reader.get<std::string>("app"));
        assignment.revision = RevisionId(reader.get<std::string>("revision"));
        assignment.manifest = read_manifest_text(reader.at("manifest"));
        assignment.manifest_index = reader.get<std::uint64_t>("manifest_index");
        // Required, so that a truncated document never reads as "nothing to run".
        if (const auto list = reader.at("instances"); list.is_absent()) list.expected("a list");
        for (const auto& instance : reader.elements("instances")) {
            assignment.instances.push_back(read_instance(instance));
        }
        for (const auto& instance : reader.elements("leaving")) {
            assignment.leaving.push_back(read_instance(instance));
        }
        for (const auto& service : reader.elements("unleased")) {
            assignment.unleased.push_back(service.as<std::string>());
        }
        assignment.remove = reader.get<bool>("remove");
        assignment.elsewhere = reader.get_or("elsewhere", false);
        assignment.approved = reader.get_or("approved", false);
        const auto scope = parse_scope(reader.get_or<std::string>("scope", "local"));
        if (!scope) reader.at("scope").expected("local, overlay or routed");
        assignment.scope = scope.value_or(NetworkScope::local);
        for (const auto& peer : reader.elements("peers")) {
            assignment.peers.push_back({.instance = read_instance(peer),
                                        .name = peer.get<std::string>("name"),
                                        .addresses = peer.string_map("addresses"),
                                        .progress = read_progress(peer)});
        }
        return assignment;
    });
}

std::string encode(const HostReport& report) {
    json instances = json::array();
    for (const auto& instance : report.instances) {
        instances.push_back(to_json(instance));
    }
    return json_text({{"schema", schema_version},
                      {"node", report.node.str()},
                      {"app", report.app.str()},
                      {"revision", report.revision.str()},
                      {"manifest_index", report.manifest_index},
                      {"serial", report.serial},
                      {"settled", report.settled},
                      {"remove", report.remove},
                      {"instances", std::move(instances)},
                      {"problems", report.problems},
                      {"surplus", to_json(report.surplus)},
                      {"refused", report.refused},
                      {"newer_epoch", report.newer_epoch}});
}

Result<HostReport> decode_host_report(std::string_view text) {
    return read_versioned<HostReport>(text, "report", [](const JsonReader& reader) {
        HostReport report;
        report.node = NodeId(reader.get<std::string>("node"));
        report.app = AppId(reader.get<std::string>("app"));
        report.revision = RevisionId(reader.get<std::string>("revision"));
        report.manifest_index = reader.get<std::uint64_t>("manifest_index");
        report.serial = reader.get_or<std::uint64_t>("serial", 0);
        report.settled = reader.get<bool>("settled");
        report.remove = reader.get<bool>("remove");
        for (const auto& instance : reader.elements("instances")) {
            report.instances.push_back(read_instance_report(instance));
        }
        for (const auto& problem : reader.elements("problems")) {
            report.problems.push_back(problem.as<std::string>());
        }
        for (const auto& instance : reader.elements("surplus")) {
            report.surplus.push_back(read_instance(instance));
        }
        report.refused = reader.get_or<std::string>("refused", "");
        report.newer_epoch = reader.get_or<std::uint64_t>("newer_epoch", 0);
        return report;
    });
}

std::string encode(const AppStatus& status) {
    json services = json::object();
    for (const auto& [name, counts] : status.services) {
        services[name] = {
            {"desired", counts.desired}, {"running", counts.running}, {"healthy", counts.healthy}};
    }
    json errors = json::array();
    for (const auto& error : status.errors) {
        errors.push_back({{"file", error.file},
                          {"line", error.line},
                          {"column", error.column},
                          {"path", error.path},
                          {"message", error.message}});
    }
    return json_text({{"schema", schema_version},
                      {"app", status.app.str()},
                      {"phase", to_string(status.phase)},
                      {"revision", status.revision.str()},
                      {"modify_index", status.modify_index},
                      {"services", std::move(services)},
                      {"errors", std::move(errors)},
                      {"message", status.message},
                      {"updated", status.updated}});
}

Result<AppStatus> decode_app_status(std::string_view text) {
    return read_versioned<AppStatus>(text, "status", [](const JsonReader& reader) {
        AppStatus status;
        status.app = AppId(reader.get<std::string>("app"));
        const auto phase = parse_phase(reader.get<std::string>("phase"));
        if (!phase) reader.at("phase").expected("a phase");
        status.phase = phase.value_or(Phase::converging);
        status.revision = RevisionId(reader.get<std::string>("revision"));
        status.modify_index = reader.get<std::uint64_t>("modify_index");
        for (const auto& [name, counts] : reader.members("services")) {
            status.services[name] = {.desired = counts.get<int>("desired"),
                                     .running = counts.get<int>("running"),
                                     .healthy = counts.get<int>("healthy")};
        }
        for (const auto& error : reader.elements("errors")) {
            status.errors.push_back(read_manifest_error(error));
        }
        status.message = reader.get<std::string>("message");
        status.updated = reader.get<std::string>("updated");
        return status;
    });
}

}  // namespace nap
