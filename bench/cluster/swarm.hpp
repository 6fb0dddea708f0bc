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
    /// Until so many of its containers run, and no other is left.
    void await_settled(int replicas) const;
    /// Until every host takes part in the swarm.
    void await_nodes() const;
    void remove() const;
    [[nodiscard]] Starts::Wanted wanted() const;
    [[nodiscard]] std::string label() const { return "com.docker.swarm.service.name=" + name_; }

  private:
    [[nodiscard]] json spec(int replicas) const;

    Lab& lab_;
    std::string name_;
};

/// Waits until the engines let go of it.
void remove_network(const Lab& lab, const std::string& name);

}  // namespace nap::bench
