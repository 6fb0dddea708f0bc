#include "differential/makers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "differential/inspected_app.hpp"
#include "support/agent.hpp"
#include "support/testbed.hpp"

namespace nap::test {

namespace {

namespace fs = std::filesystem;

const Docker& docker() {
    return testbed().docker();
}

/// Why docker-compose failed, by case.
json run_compose(const std::vector<Case>& cases) {
    json list = json::array();
    for (const Case& test_case : cases) {
        if (fs::is_directory(test_case.path)) {
            list.push_back({{"name", test_case.name}, {"folder", test_case.path}});
        } else {
            list.push_back({{"name", test_case.name},
                            {"folder", test_case.path.parent_path()},
                            {"file", test_case.path.filename()}});
        }
    }
    const fs::path logs = testbed().scratch() / "compose";
    fs::create_directories(logs);
    const fs::path script = fs::path(NAP_SOURCE_DIR) / "tests/differential/compose_up";
    return json::parse(run_ok({script, docker().url(), logs},
                              {.input = list.dump(), .env = {}, .limit = milliseconds(120'000)}));
}

Made look_at(const Case& test_case) {
    try {
        return {.app = inspected_app(docker(), test_case.name), .error = ""};
    } catch (const std::exception& error) {
        return {.app = {}, .error = error.what()};
    }
}

AgentOptions agent_options(const fs::path& apps) {
    AgentOptions options{.docker_socket = docker().socket(),
                         .consul_address = "http://127.0.0.1:1"};
    // docker-compose allows everything.
    options.more = fmt::format(
        "standalone: {}\n"
        "policy: {{allow: [privileged, 'pid:host', 'ipc:host', 'uts:host', 'userns:host', "
        "'cgroup:host', 'cap_add:ALL', 'cap_add:NET_ADMIN', 'cap_add:SYS_PTRACE', "
        "'security_opt:seccomp=unconfined', 'security_opt:label=disable', "
        "'security_opt:apparmor=unconfined', 'device:/dev', device_cgroup_rules, gpus, "
        "'bind:/run']}}\n",
        apps.string());
    return options;
}

/// By app; empty until the agent answers.
std::map<std::string, json> statuses(const Agent& agent) {
    std::map<std::string, json> found;
    const Finished status = agent.nap({"status", "-o", "json"});
    if (status.exit_code != 0) return found;
    for (const json& app : json::parse(status.out))
        found[app.at("app").get<std::string>()] = app;
    return found;
}

/// Converged, or refused for good.
bool is_settled(const std::map<std::string, json>& statuses, const Case& test_case) {
    const auto found = statuses.find(test_case.name);
    if (found == statuses.end()) return false;
    const json& phase = found->second.at("phase");
    return phase == "converged" || phase == "invalid" ||
           found->second.value("message", "").find("policy") != std::string::npos;
}

Made look_at_nap(const std::map<std::string, json>& statuses, const Case& test_case) {
    const auto found = statuses.find(test_case.name);
    if (found == statuses.end()) return {.app = {}, .error = "nap does not know of it"};
    if (found->second.at("phase") != "converged") return {.app = {}, .error = found->second.dump()};
    return look_at(test_case);
}

}  // namespace

std::vector<Case> all_cases() {
    std::vector<Case> cases;
    const fs::path folder = fs::path(NAP_SOURCE_DIR) / "tests/differential/cases";
    for (const auto& entry : fs::directory_iterator(folder))
        cases.push_back({.name = entry.path().stem(), .path = entry.path()});
    std::sort(cases.begin(), cases.end(),
              [](const Case& a, const Case& b) { return a.name < b.name; });
    return cases;
}

MadeByCase made_by_compose(const std::vector<Case>& cases) {
    const json failed = run_compose(cases);
    MadeByCase made;
    for (const Case& test_case : cases) {
        made[test_case.name] = failed.contains(test_case.name)
                                   ? Made{.app = {}, .error = failed.at(test_case.name)}
                                   : look_at(test_case);
    }
    return made;
}

MadeByCase made_by_nap(const std::vector<Case>& cases) {
    const fs::path folder = testbed().scratch() / "nap";
    for (const Case& test_case : cases) {
        fs::create_directories(folder / "apps");
        fs::copy(test_case.path, folder / "apps" / test_case.path.filename(),
                 fs::copy_options::recursive);
    }
    Agent agent(folder, agent_options(folder / "apps"));
    agent.start();
    agent.await_ready();
    std::map<std::string, json> seen;
    eventually(
        [&] {
            seen = statuses(agent);
            return std::all_of(cases.begin(), cases.end(),
                               [&](const Case& one) { return is_settled(seen, one); });
        },
        {.limit = milliseconds(30'000), .interval = milliseconds(200)});
    MadeByCase made;
    for (const Case& test_case : cases)
        made[test_case.name] = look_at_nap(seen, test_case);
    agent.kill();
    fs::remove_all(folder);
    return made;
}

}  // namespace nap::test
