#include "cluster/swarm.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nap::bench {

using test::await;
using test::milliseconds;

namespace {

/// It takes its time after the loss of its leader.
constexpr milliseconds wait_max{180'000};

}  // namespace

/// No delay between a failure and the next try, which is Swarm at its best.
json Swarm::spec(int replicas) const {
    // Named by its id, an image is not looked for in a registry.
    const json image = lab_.call("nap1", "GET", "/images/nap/busybox:1/json");
    return {{"Name", name_},
            {"TaskTemplate",
             {{"ContainerSpec",
               {{"Image", image.at("Id")},
                {"Command", json::array({"sleep", "1d"})},
                {"StopSignal", "SIGKILL"}}},
              {"RestartPolicy", {{"Condition", "any"}, {"Delay", 0}}},
              {"Networks", json::array({{{"Target", name_}}})}}},
            {"Mode", {{"Replicated", {{"Replicas", replicas}}}}}};
}

void Swarm::create(int replicas) {
    lab_.call("nap1", "POST", "/networks/create",
              {{"Name", name_}, {"Driver", "overlay"}, {"Attachable", true}});
    lab_.call("nap1", "POST", "/services/create", spec(replicas));
}

void Swarm::scale(int replicas) {
    const json service = lab_.call("nap1", "GET", "/services/" + name_);
    lab_.call("nap1", "POST",
              fmt::format("/services/{}/update?version={}", name_,
                          service.at("Version").at("Index").get<std::uint64_t>()),
              spec(replicas));
}

void Swarm::await_settled(int replicas) const {
    const auto count = static_cast<std::size_t>(replicas);
    await("the service has settled",
          [&] { return lab_.running(label(), test::all_hosts) == count; }, {.limit = wait_max});
}

void Swarm::remove() const {
    lab_.call("nap1", "DELETE", "/services/" + name_);
    await("the service is gone", [&] { return lab_.present(label(), test::all_hosts) == 0; },
          {.limit = wait_max});
    remove_network(lab_, name_);
}

Starts::Wanted Swarm::wanted() const {
    return labelled("com.docker.swarm.service.name", name_);
}

namespace {

/// As the host's engine sees them; empty while the swarm has no leader that it could ask.
std::vector<json> swarm_nodes(const Lab& lab, const std::string& host) {
    const auto answer = test::http({.unix_path = lab.cluster.docker(host).socket()},
                                   {.method = "GET", .path = "/nodes"});
    if (answer.status != 200) return {};
    return json::parse(answer.body).get<std::vector<json>>();
}

}  // namespace

void await_swarm(const Lab& lab) {
    await("all nodes of the swarm are ready",
          [&] {
              const std::vector<json> nodes = swarm_nodes(lab, "nap1");
              return !nodes.empty() &&
                     std::all_of(nodes.begin(), nodes.end(), [](const json& node) {
                         return node.at("Status").at("State") == "ready" &&
                                node.at("ManagerStatus").at("Reachability") == "reachable";
                     });
          },
          {.limit = wait_max, .interval = milliseconds(200)});
}

std::string swarm_leader(const Lab& lab) {
    for (const json& node : swarm_nodes(lab, "nap1")) {
        if (node.at("ManagerStatus").value("Leader", false)) {
            return node.at("Description").at("Hostname");
        }
    }
    throw test::Failure("the swarm has no leader");
}

void remove_network(const Lab& lab, const std::string& name) {
    await("the network is gone",
          [&] {
              const auto answer = test::http({.unix_path = lab.cluster.docker("nap1").socket()},
                                             {.method = "DELETE", .path = "/networks/" + name});
              return answer.status == 204 || answer.status == 404;
          },
          {.limit = wait_max, .interval = milliseconds(100)});
}

}  // namespace nap::bench
