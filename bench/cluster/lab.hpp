#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cluster/cluster.hpp"

namespace nap::bench {

using test::Cluster;
using test::json;
using test::Names;
using Instant = test::Steady::time_point;

/// One line of the result.
struct Row {
    std::string measure;
    std::string peer;  ///< what it is compared with
    std::string nap;
    std::string target;
    bool met = true;
};

/// A container's `start`, as its engine told of it.
struct Start {
    Instant at;  ///< when the event arrived
    std::string host;
    std::string id;
    json attributes;  ///< labels among them
};

/// Follows the events of all engines, a thread for each.
class Starts {
  public:
    explicit Starts(const Cluster& cluster);
    ~Starts();
    Starts(const Starts&) = delete;
    Starts& operator=(const Starts&) = delete;

    using Wanted = std::function<bool(const Start&)>;

    [[nodiscard]] std::size_t so_far() const;
    /// The `count`-th start after the first `from` ones for which `wanted` holds. Throws Failure
    /// when it does not come.
    Start nth(std::size_t count, std::size_t from, const Wanted& wanted);

  private:
    void follow(const std::string& host, const test::Docker& docker);

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Start> seen_;
    bool over_ = false;
    std::vector<std::thread> threads_;
};

[[nodiscard]] Starts::Wanted labelled(std::string label, std::string value);

/// The three hosts with nap and Swarm on the same engines, and what every measurement does.
class Lab {
  public:
    explicit Lab(Cluster& cluster);

    Cluster& cluster;
    Starts starts;

    /// Starts the agents; returns when they are ready.
    void start_agents();
    [[nodiscard]] const test::Consul& consul() const { return cluster.consul(); }
    void put(const std::string& app, const std::string& manifest) const;
    void await_converged(const std::string& app) const;
    /// Deletes the manifest and waits until nothing of the app is left.
    void remove(const std::string& app) const;
    /// Who leads nap, by the lock; empty when nobody does.
    [[nodiscard]] std::string leader() const;
    /// Containers with this label, running ones only.
    [[nodiscard]] std::size_t running(const std::string& label, const Names& hosts) const;
    /// Running or not.
    [[nodiscard]] std::size_t present(const std::string& label, const Names& hosts) const;
    void nap(const Names& arguments) const;

    /// A call to an engine's API; throws Failure unless it succeeds.
    json call(const std::string& host, const std::string& method, const std::string& path,
              const json& body = nullptr) const;
};

/// A manifest of `replicas` containers that idle on the app's own network.
[[nodiscard]] std::string idle_manifest(int replicas);

[[nodiscard]] double median(std::vector<double> values);
[[nodiscard]] double ms_between(Instant from, Instant to);
/// `1234 ms`
[[nodiscard]] std::string show_ms(double ms);
/// What goes on is told on stderr, results on stdout.
void say(const std::string& text);

void measure_deploy(Lab& lab, std::vector<Row>& rows);
void measure_cut(Lab& lab, std::vector<Row>& rows);
void measure_cut_routed(Lab& lab, std::vector<Row>& rows);
void measure_cut_of_swarm_leader(Lab& lab, std::vector<Row>& rows);
void measure_leader(Lab& lab, std::vector<Row>& rows);
void measure_relink(Lab& lab, std::vector<Row>& rows);

}  // namespace nap::bench
