#include "support/docker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace nap::test {

namespace {

std::string encoded(const std::string& text) {
    std::string result;
    for (const char c : text) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
        result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return result;
}

void expect_success(const HttpResponse& response, const std::string& what) {
    if (response.status >= 200 && response.status < 300) return;
    throw Failure(fmt::format("{}: status {}: {}", what, response.status, response.body));
}

}  // namespace

HttpResponse Docker::call(const std::string& method, const std::string& path,
                          const std::string& body) const {
    return http({.unix_path = socket_}, {.method = method, .path = path, .body = body});
}

json Docker::get(const std::string& path) const {
    const HttpResponse response = call("GET", path);
    if (response.status == 404) return nullptr;
    expect_success(response, "GET " + path);
    return json::parse(response.body);
}

std::string Docker::cli(Argv arguments, const std::string& input) const {
    arguments.insert(arguments.begin(), {"docker", "--host", url()});
    std::string out = run_ok(arguments, {.input = input, .env = {}});
    if (out.ends_with('\n')) out.pop_back();
    return out;
}

json Docker::inspect(const std::string& container) const {
    return get("/containers/" + container + "/json");
}

json Docker::list(const std::vector<std::string>& labels) const {
    const std::string filters = json{{"label", labels}}.dump();
    const HttpResponse answer = call("GET", "/containers/json?all=1&filters=" + encoded(filters));
    return answer.status == 200 ? json::parse(answer.body) : json();
}

std::vector<std::string> Docker::containers(const std::vector<std::string>& labels) const {
    const json found = list(labels);
    if (found.is_null()) throw Failure("no list of containers from " + socket_);
    std::vector<std::string> ids;
    for (const json& container : found) {
        ids.push_back(container.at("Id"));
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::set<std::string> Docker::networks() const {
    std::set<std::string> names;
    for (const json& network : get("/networks"))
        names.insert(network.at("Name"));
    for (const char* own : {"bridge", "host", "none"})
        names.erase(own);
    return names;
}

std::set<std::string> Docker::volumes() const {
    std::set<std::string> names;
    const json answer = get("/volumes");
    for (const json& volume : answer.at("Volumes"))
        names.insert(volume.at("Name"));
    return names;
}

json Docker::network(const std::string& name) const {
    return get("/networks/" + name);
}

json Docker::networks_with(const std::string& label) const {
    const std::string filters = json{{"label", json::array({label})}}.dump();
    return get("/networks?filters=" + encoded(filters));
}

json Docker::volumes_with(const std::string& label) const {
    const std::string filters = json{{"label", json::array({label})}}.dump();
    return get("/volumes?filters=" + encoded(filters)).at("Volumes");
}

void Docker::signal(const std::string& container, const std::string& signal) const {
    const std::string path = "/containers/" + container + "/kill?signal=" + signal;
    expect_success(call("POST", path), path);
}

void Docker::remove(const std::string& container) const {
    const std::string path = "/containers/" + container + "?force=1";
    expect_success(call("DELETE", path), "DELETE " + path);
}

std::string Docker::run_foreign(const std::string& name, const Argv& options) const {
    Argv arguments{"run", "-d", "--name", name, "--stop-signal", "KILL"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"nap/busybox:1", "sleep", "100000"});
    return cli(arguments);
}

void Docker::tag(const std::string& image, const std::string& repository) const {
    const std::string path = "/images/" + image + "/tag?repo=" + repository + "&tag=1";
    expect_success(call("POST", path), path);
}

std::unique_ptr<HttpExchange> Docker::events(const json& filters) const {
    // `since`, as the engine answers before it has subscribed.
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    const std::string path = fmt::format("/events?since={}.{:06}000&filters={}", us / 1'000'000,
                                         us % 1'000'000, encoded(filters.dump()));
    auto stream =
        std::make_unique<HttpExchange>(Endpoint{.unix_path = socket_}, HttpRequest{.path = path});
    if (stream->status() != 200) throw Failure("no event stream");
    return stream;
}

json Docker::world() const {
    json found;
    for (const std::string& id : containers()) {
        const json container = inspect(id);
        if (container.is_null()) continue;
        found["containers"][id] = {{"name", container.at("Name")},
                                   {"status", container.at("State").at("Status")},
                                   {"started", container.at("State").at("StartedAt")},
                                   {"networks", container.at("NetworkSettings").at("Networks")}};
    }
    for (const json& network : get("/networks")) {
        found["networks"][network.at("Id").get<std::string>()] = network.at("Name");
    }
    found["volumes"] = volumes();
    return found;
}

void Docker::purge() const {
    std::vector<std::thread> removals;
    for (const std::string& id : containers()) {
        removals.emplace_back([this, id] { call("DELETE", "/containers/" + id + "?force=1&v=1"); });
    }
    for (std::thread& removal : removals)
        removal.join();
    expect_success(call("POST", "/networks/prune"), "prune networks");
    expect_success(call("POST", "/volumes/prune"), "prune volumes");
    // Those with options are not pruned.
    for (const std::string& name : volumes())
        call("DELETE", "/volumes/" + name);
    if (!containers().empty()) throw Failure("containers cannot be removed");
}

}  // namespace nap::test
