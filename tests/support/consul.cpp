#include "support/consul.hpp"

#include <fmt/format.h>

namespace nap::test {

Consul::Consul(std::string address) : address_(std::move(address)) {
    if (address_.starts_with("unix://")) {
        endpoint_.unix_path = address_.substr(7);
        return;
    }
    endpoint_.port =
        static_cast<std::uint16_t>(std::stoi(address_.substr(address_.rfind(':') + 1)));
}

void Consul::put(const std::string& key, const std::string& value) const {
    const auto answer = http(endpoint_, {.method = "PUT", .path = "/v1/kv/" + key, .body = value});
    if (answer.status != 200 || !answer.body.starts_with("true")) {
        throw Failure(fmt::format("put {}: status {}: {}", key, answer.status, answer.body));
    }
}

void Consul::remove(const std::string& key) const {
    const auto answer = http(endpoint_, {.method = "DELETE", .path = "/v1/kv/" + key});
    if (answer.status != 200) throw Failure("cannot delete " + key);
}

void Consul::remove_tree(const std::string& prefix) const {
    const auto answer =
        http(endpoint_, {.method = "DELETE", .path = "/v1/kv/" + prefix + "?recurse"});
    if (answer.status != 200) throw Failure("cannot delete below " + prefix);
}

std::optional<std::string> Consul::get(const std::string& key) const {
    const auto answer = http(endpoint_, {.path = "/v1/kv/" + key + "?raw"});
    if (answer.status != 200) return std::nullopt;
    return answer.body;
}

json Consul::get_json(const std::string& key) const {
    const auto text = get(key);
    return text ? json::parse(*text) : json();
}

std::uint64_t Consul::modify_index(const std::string& key) const {
    const auto answer = http(endpoint_, {.path = "/v1/kv/" + key});
    if (answer.status != 200) return 0;
    return json::parse(answer.body).at(0).at("ModifyIndex");
}

std::vector<std::string> Consul::keys(const std::string& prefix) const {
    const auto answer = http(endpoint_, {.path = "/v1/kv/" + prefix + "?keys"});
    if (answer.status != 200) return {};
    return json::parse(answer.body).get<std::vector<std::string>>();
}

json Consul::dump(const std::string& prefix) const {
    json found = json::object();
    for (const std::string& key : keys(prefix)) {
        found[key] = {modify_index(key), get(key).value_or("")};
    }
    return found;
}

}  // namespace nap::test
