#include "cli/render.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/console.hpp"
#include "cli/manifest_file.hpp"
#include "cli/table.hpp"

namespace nap {

namespace {

Colour colour_of(Phase phase) {
    switch (phase) {
        case Phase::converged:
            return Colour::green;
        case Phase::degraded:
        case Phase::invalid:
            return Colour::red;
        case Phase::converging:
        case Phase::held:
            break;
    }
    return Colour::yellow;
}

ServiceCounts total_of(const AppStatus& status) {
    ServiceCounts total;
    for (const auto& [service, counts] : status.services) {
        total.desired += counts.desired;
        total.running += counts.running;
        total.healthy += counts.healthy;
    }
    return total;
}

std::string joined(const std::vector<std::string>& parts) {
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string addresses_of(const InstanceReport& instance) {
    std::vector<std::string> parts;
    for (const auto& [network, address] : instance.addresses) {
        if (!address.empty()) parts.push_back(address);
    }
    return joined(parts);
}

std::string ports_of(const InstanceReport& instance) {
    std::vector<std::string> parts;
    for (const PortSpec& port : instance.ports) {
        const bool is_v6 = port.host_ip.find(':') != std::string::npos;
        const std::string host = is_v6 ? "[" + port.host_ip + "]" : port.host_ip;
        parts.push_back(fmt::format("{}:{}->{}/{}", host.empty() ? "*" : host, port.published,
                                    port.target, port.protocol));
    }
    return joined(parts);
}

Row instance_row(const HostReport& report, const InstanceReport& instance) {
    const bool runs = instance.state == "running";
    const bool unhealthy = instance.health == "unhealthy";
    std::string state = instance.state;
    if (instance.state == "exited") state += fmt::format(" ({})", instance.exit_code);
    if (instance.oom_killed) state += " out of memory";
    return {{report.app.str()},
            {to_string(instance.instance)},
            {report.node.str()},
            {state, runs ? Colour::green : Colour::red},
            {instance.health, unhealthy ? Colour::red : Colour::none},
            {std::to_string(instance.restarts)},
            {instance.container.str().substr(0, 12)},
            {instance.since},
            {addresses_of(instance)},
            {ports_of(instance)},
            {instance.message}};
}

}  // namespace

std::string status_text(const std::vector<AppStatus>& statuses, bool colour) {
    std::vector<Row> rows{{{"APP"}, {"PHASE"}, {"REVISION"}, {"INSTANCES"}, {"MESSAGE"}}};
    std::string errors;
    for (const AppStatus& status : statuses) {
        const ServiceCounts total = total_of(status);
        rows.push_back({{status.app.str()},
                        {to_string(status.phase), colour_of(status.phase)},
                        {status.revision.str().substr(0, 12)},
                        {fmt::format("{}/{}", total.running, total.desired)},
                        {status.message}});
        for (const ManifestError& error : status.errors) {
            errors += printable(to_string(error)) + "\n";
        }
    }
    return table(std::move(rows), colour) + errors;
}

std::string instances_text(const std::vector<HostReport>& reports, bool colour) {
    std::vector<Row> rows{{{"APP"},
                           {"INSTANCE"},
                           {"NODE"},
                           {"STATE"},
                           {"HEALTH"},
                           {"RESTARTS"},
                           {"CONTAINER"},
                           {"SINCE"},
                           {"ADDRESS"},
                           {"PORTS"},
                           {"MESSAGE"}}};
    for (const HostReport& report : reports) {
        for (const InstanceReport& instance : report.instances) {
            rows.push_back(instance_row(report, instance));
        }
    }
    return table(std::move(rows), colour);
}

std::string plan_text(const Plan& plan) {
    const std::string text = to_string(plan);
    std::string shown;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        shown += printable(text.substr(start, end - start)) + "\n";
        start = end + 1;
    }
    return shown;
}

std::string progress_line(const AppStatus& status) {
    const ServiceCounts total = total_of(status);
    std::string line = fmt::format("{}: {}, {} of {} running", status.app.str(),
                                   to_string(status.phase), total.running, total.desired);
    if (!status.message.empty()) line += ": " + status.message;
    return line;
}

std::optional<Outcome> verdict_on(const AppStatus& status, std::uint64_t modify_index) {
    if (status.modify_index < modify_index) return std::nullopt;
    if (status.phase == Phase::converged) return Outcome{};
    if (status.phase == Phase::invalid) {
        return Outcome{
            Exit::invalid,
            fmt::format("the leader refuses the manifest of {}: {}; {}", status.app.str(),
                        counted(status.errors.size(), "error"), status.message)};
    }
    return std::nullopt;
}

}  // namespace nap
