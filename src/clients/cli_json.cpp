#include "clients/cli_json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "clients/cli_json_text.hpp"
#include "clients/json_codec.hpp"

namespace nap {

namespace {

using nlohmann::json;

/// The documents in KV are what the commands show, so their one encoder makes both.
json document(const AppStatus& status, const std::vector<Hold>& holds) {
    json shown = json::parse(encode(status));
    shown["held"] = to_json(holds);
    return shown;
}

json to_json(const ManifestError& error) {
    return {{"file", error.file},
            {"line", error.line},
            {"column", error.column},
            {"path", error.path},
            {"message", error.message}};
}

/// The step's line in the plan as people read it, without its number and what it waits for.
std::string text_of(const Step& step) {
    std::string text = to_string(Plan{.steps = {{step.action, {}, step.cause}}});
    text.erase(0, text.find(' ') + 1);
    text.pop_back();
    return text;
}

json to_json(const Step& step) {
    json after = json::array();
    for (const std::size_t index : step.after)
        after.push_back(index + 1);
    return {{"action", action_name(step.action)},
            {"object", object_of(step.action)},
            {"cause", step.cause},
            {"after", std::move(after)},
            {"text", text_of(step)}};
}

}  // namespace

std::string ascii_text(const json& value) {
    return value.dump(2, ' ', true, json::error_handler_t::replace);
}

std::string cli_json(const AppStatus& status, const std::vector<Hold>& holds) {
    return ascii_text(document(status, holds));
}

std::string cli_json(const std::vector<AppStatus>& statuses, const std::vector<Hold>& holds) {
    json list = json::array();
    for (const AppStatus& status : statuses)
        list.push_back(document(status, holds));
    return ascii_text(list);
}

std::string cli_json(const std::vector<HostReport>& reports) {
    json list = json::array();
    for (const HostReport& report : reports) {
        json shown = json::parse(encode(report));
        for (json& instance : shown["instances"]) {
            instance["node"] = report.node.str();
            instance["app"] = report.app.str();
            list.push_back(std::move(instance));
        }
    }
    return ascii_text(list);
}

json to_json(const Plan& plan) {
    json steps = json::array();
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        steps.push_back(to_json(plan.steps[i]));
        steps.back()["number"] = i + 1;
    }
    json blocked = json::array();
    for (const Blocked& entry : plan.blocked) {
        blocked.push_back({{"object", entry.object},
                           {"reason", entry.reason + entry.detail},
                           {"fault", entry.fault}});
    }
    return {{"steps", std::move(steps)}, {"blocked", std::move(blocked)}};
}

std::string cli_json(const std::vector<CheckedManifest>& manifests) {
    json list = json::array();
    for (const CheckedManifest& manifest : manifests) {
        json errors = json::array();
        for (const ManifestError& error : manifest.errors)
            errors.push_back(to_json(error));
        json warnings = json::array();
        for (const ManifestError& warning : manifest.warnings)
            warnings.push_back(to_json(warning));
        list.push_back({{"file", manifest.file},
                        {"app", manifest.app.str()},
                        {"valid", manifest.errors.empty()},
                        {"errors", std::move(errors)},
                        {"warnings", std::move(warnings)}});
    }
    return ascii_text(list);
}

}  // namespace nap
