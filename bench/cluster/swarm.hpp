#pragma once

#include <string>

#include "cluster/lab.hpp"

namespace nap::bench {

/// A service of the engines' swarm, with a network of its own, asked for through the API.
class Swarm {
  public:
    Swarm(Lab& lab, std::string name) : lab_(lab), name_(std::move(name)) {}

    void create(int replicas);
    void scale(int replicas);
    /// Until exactly so many of its containers run. Some that have ended are kept as its history.
    void await_settled(int replicas) const;
    void remove() const;
    [[nodiscard]] Starts::Wanted wanted() const;
    [[nodiscard]] std::string label() const { return "com.docker.swarm.service.name=" + name_; }

  private:
    [[nodiscard]] json spec(int replicas) const;

    Lab& lab_;
    std::string name_;
};

/// Waits until every host takes part in the swarm, and can lead it.
void await_swarm(const Lab& lab);
/// The host whose engine leads the swarm. Throws Failure when none does.
[[nodiscard]] std::string swarm_leader(const Lab& lab);
/// Waits until the engines let go of it.
void remove_network(const Lab& lab, const std::string& name);

}  // namespace nap::bench
