#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "system/agent_process.hpp"
#include "system/docker.hpp"

namespace nap::bench {

/// One line of the result.
struct Row {
    std::string measure;
    std::string floor;
    std::string nap;
    std::string target;
    bool met = true;
};

struct LabOptions {
    AgentPlaces places;  ///< `docker` and `consul` are the daemons themselves
};

/// The private daemons and what every measurement does with them.
class Lab {
  public:
    Lab(asio::any_io_executor executor, LabOptions options);

    Docker docker;

    [[nodiscard]] asio::any_io_executor executor() const { return executor_; }
    [[nodiscard]] const AgentPlaces& places() const { return places_; }

    /// Writes a manifest; returns when the answer had arrived.
    asio::awaitable<Instant> put(AppId app, std::string manifest);
    /// Deletes the manifest and waits until no container of the app is left. Names are not used
    /// again: its network may stay, as Docker::remove tells.
    asio::awaitable<void> remove(AppId app);
    /// Waits until nap says that the app has converged.
    asio::awaitable<void> await_converged(AppId app);
    /// Waits until the agent has joined the cluster and leads it.
    asio::awaitable<void> await_leader();
    /// Raft's index of the last change below nap's keys, deletions too.
    asio::awaitable<std::string> kv_index();
    /// All keys with this prefix, as Consul answers; empty when there are none.
    asio::awaitable<std::string> listing(std::string prefix);
    /// A transaction, as Consul takes it.
    asio::awaitable<void> transact(std::string ops);
    /// Deletes the manifests of all apps whose names begin so, and waits until nap has forgotten
    /// them.
    asio::awaitable<void> remove_all(std::string names);

  private:
    asio::awaitable<HttpResponse> consul(std::string method, std::string target,
                                         std::string body = {});

    asio::any_io_executor executor_;
    AgentPlaces places_;
    HttpClient consul_;
};

/// A manifest of `replicas` containers that idle on the app's own network and end at once when
/// told.
[[nodiscard]] std::string idle_manifest(int replicas);
/// The same in version-1 form, one service each: on the engine's default bridge.
[[nodiscard]] std::string bridge_manifest(int services);
/// What nap itself makes of a manifest.
[[nodiscard]] AppSpec read_app(const std::string& name, const std::string& manifest);

[[nodiscard]] double median(std::vector<double> values);
[[nodiscard]] double ms_between(Instant from, Instant to);
/// `12.3 ms`
[[nodiscard]] std::string show_ms(double ms);

/// What went on is told on stderr, results on stdout.
void say(const std::string& text);

/// `where` names the kind of network in the rows and in the apps' names.
struct RecoveryOptions {
    std::string where;
    bool default_bridge = false;
};
asio::awaitable<void> measure_recovery(Lab& lab, RecoveryOptions options, std::vector<Row>& rows);
asio::awaitable<void> measure_deploy(Lab& lab, std::vector<Row>& rows);
asio::awaitable<void> measure_intake(Lab& lab, std::vector<Row>& rows);
/// Docker and Consul as seen through recorders between the agent and them.
struct Recorders {
    const Recorder& docker;
    const Recorder& consul;
};
asio::awaitable<void> measure_put(Lab& lab, Recorders recorders, std::vector<Row>& rows);
asio::awaitable<void> measure_idle(Lab& lab, Recorders recorders, const AgentProcess& agent,
                                   std::vector<Row>& rows);
asio::awaitable<void> measure_reaction(Lab& lab, Recorders recorders, std::vector<Row>& rows);

}  // namespace nap::bench
