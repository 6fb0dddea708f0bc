#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "support/http.hpp"
#include "support/process.hpp"

namespace nap::test {

using nlohmann::json;

/// A look at, and a hand on, the private engine. Everything here throws Failure on an answer that
/// the caller did not ask for.
class Docker {
  public:
    explicit Docker(std::string socket) : socket_(std::move(socket)) {}

    [[nodiscard]] std::string url() const { return "unix://" + socket_; }
    [[nodiscard]] const std::string& socket() const { return socket_; }

    /// The `docker` command; throws unless it exits with 0. Returns its stdout without the last
    /// line's end.
    std::string cli(Argv arguments, const std::string& input = "") const;

    /// `docker inspect` of a container by id or name; null when there is none.
    json inspect(const std::string& container) const;
    /// Ids of all containers with these labels (`key=value`), sorted.
    std::vector<std::string> containers(const std::vector<std::string>& labels = {}) const;
    /// All containers with these labels, as the engine lists them; null when it does not answer.
    json list(const std::vector<std::string>& labels) const;
    /// Names, without the engine's own three.
    std::set<std::string> networks() const;
    std::set<std::string> volumes() const;
    json network(const std::string& name) const;
    /// As the engine lists them: all those with a label (`key=value`), in full.
    json networks_with(const std::string& label) const;
    json volumes_with(const std::string& label) const;

    void signal(const std::string& container, const std::string& signal = "KILL") const;
    void remove(const std::string& container) const;
    /// A container of somebody else, running for good. Returns its id.
    std::string run_foreign(const std::string& name, const Argv& options = {}) const;
    /// Creates an image name: an event, and nothing else.
    void tag(const std::string& image, const std::string& repository) const;

    /// Events from now on, one JSON text a line; `filters` as the engine takes them.
    std::unique_ptr<HttpExchange> events(const json& filters = json::object()) const;
    /// Everything that could be changed, in a form to compare: what exists, and since when.
    json world() const;

    /// All containers, networks and volumes, whosever they are.
    void purge() const;

  private:
    HttpResponse call(const std::string& method, const std::string& path,
                      const std::string& body = "") const;
    json get(const std::string& path) const;

    std::string socket_;
};

}  // namespace nap::test
