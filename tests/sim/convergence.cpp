#include "sim/convergence.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "clients/json_codec.hpp"

namespace nap::sim {

namespace {

bool ours(const std::optional<OwnerLabels>& owner) {
    return owner && owner->cluster.str() != foreign_cluster;
}

/// The engine made it after its host was done with the app: it does not run, and there is no order
/// left by which it could be removed (see docs/simulator.md).
bool made_too_late(const Cluster& cluster, const SimHost& host, const SimContainer& container) {
    const std::string key =
        "nap/assigned/" + host.node().str() + "/" + container.seen.owner->app.str();
    return container.seen.started_at == TimePoint{} && !cluster.consul.kv().contains(key);
}

/// Likewise a network. The host's last word may be some seconds older than the end of its order.
bool made_too_late(const Cluster& cluster, const SimHost& host, const ObservedNetwork& network) {
    constexpr auto last_word = std::chrono::seconds(15);
    const std::string key = "nap/assigned/" + host.node().str() + "/" + network.owner->app.str();
    const auto ended = cluster.orders_changed.find(key);
    return ended != cluster.orders_changed.end() && !cluster.consul.kv().contains(key) &&
           host.engine().made_at(network.id) + last_word > ended->second;
}

/// Every container of `instance`, as `n0 shop-web-1 running`.
std::vector<std::string> copies(const Cluster& cluster, const std::string& app,
                                const InstanceId& instance, std::string& problem) {
    std::vector<std::string> found;
    const WantedApp& wanted = *cluster.wishes.find(app);
    for (const auto& host : cluster.hosts) {
        for (const auto& [id, container] : host->engine().containers()) {
            const auto& owner = container.seen.owner;
            const bool its = ours(owner) && owner->app.str() == app && owner->instance == instance;
            if (!its || made_too_late(cluster, *host, container)) continue;
            found.push_back(host->node().str() + " " + container.seen.name);
            if (container.seen.state != ContainerState::running) {
                problem = fmt::format("{} is {}", found.back(), to_string(container.seen.state));
            }
            const auto mark = container.config.environment.find("MARK");
            const auto image = host->engine().image(container.config.image);
            if (image && *image != container.seen.image_id) {
                problem = found.back() + " is made from an older image";
            }
            const bool current = mark != container.config.environment.end() &&
                                 mark->second == wanted.services.at(instance.service).mark;
            if (!current) problem = found.back() + " is made from an older manifest";
        }
    }
    return found;
}

/// What is wrong with a container whoever wants it.
std::string container_difference(const SimHost& host, const SimContainer& container) {
    const ObservedContainer& seen = container.seen;
    const std::string what = host.node().str() + " " + seen.name;
    if (seen.state != ContainerState::running) {
        return what + " is " + to_string(seen.state);
    }
    const auto image = host.engine().image(container.config.image);
    if (image && *image != seen.image_id) return what + " is made from an older image";
    const InstanceId& instance = seen.owner->instance;
    const std::string name =
        fmt::format("{}-{}-{}", seen.owner->app.str(), instance.service, instance.slot);
    if (seen.name != name) return what + " should be called " + name;
    return {};
}

/// A global service has one container on each host.
std::string global_difference(const Cluster& cluster, const std::string& app,
                              const std::string& service) {
    const std::string& mark = cluster.wishes.find(app)->services.at(service).mark;
    for (const auto& host : cluster.hosts) {
        int count = 0;
        for (const auto& [id, container] : host->engine().containers()) {
            const auto& owner = container.seen.owner;
            const bool its =
                ours(owner) && owner->app.str() == app && owner->instance.service == service;
            if (!its) continue;
            ++count;
            const auto found = container.config.environment.find("MARK");
            const bool current =
                found != container.config.environment.end() && found->second == mark;
            if (!current) return container.seen.name + " is made from an older manifest";
        }
        if (count == 1) continue;
        return fmt::format("{}: {} has {} of the global {}", app, host->node().str(), count,
                           service);
    }
    return {};
}

std::string app_difference(const Cluster& cluster, const std::string& app) {
    for (const auto& [name, service] : cluster.wishes.find(app)->services) {
        if (service.global) {
            if (auto problem = global_difference(cluster, app, name); !problem.empty()) {
                return problem;
            }
            continue;
        }
        for (int slot = 1; slot <= service.replicas; ++slot) {
            const InstanceId instance{name, slot};
            std::string problem;
            const auto found = copies(cluster, app, instance, problem);
            if (!problem.empty()) return problem;
            if (found.empty()) return app + ": " + to_string(instance) + " is nowhere";
            if (found.size() > 1) {
                return fmt::format("{}: {} is there twice: {} and {}", app, to_string(instance),
                                   found[0], found[1]);
            }
        }
    }
    return {};
}

/// The host has been told that it is not to run the instance, and follows its order.
bool told_to_go(const Cluster& cluster, const SimHost& host, const OwnerLabels& owner) {
    const std::string key = host.node().str() + "/" + owner.app.str();
    const auto found = cluster.consul.kv().find("nap/assigned/" + key);
    const auto answer = cluster.consul.kv().find("nap/observed/" + key);
    if (found == cluster.consul.kv().end() || answer == cluster.consul.kv().end()) return false;
    const auto order = decode_assignment(found->second.value);
    const auto report = decode_host_report(answer->second.value);
    return order && report && report->refused.empty() &&
           std::find(order->instances.begin(), order->instances.end(), owner.instance) ==
               order->instances.end();
}

std::string surplus(const Cluster& cluster) {
    for (const auto& host : cluster.hosts) {
        for (const auto& [id, container] : host->engine().containers()) {
            if (!ours(container.seen.owner)) continue;
            const OwnerLabels& owner = *container.seen.owner;
            const std::string app = owner.app.str();
            if (made_too_late(cluster, *host, container)) continue;
            const std::string problem = container_difference(*host, container);
            if (!problem.empty()) return problem;
            // What nobody can know to be removed, or may not be sure of, stays.
            if (told_to_go(cluster, *host, owner)) {
                return host->node().str() + " " + container.seen.name + " is on its way out";
            }
            if (cluster.wishes.invalid(app)) continue;
            const WantedApp* wanted = cluster.wishes.find(app);
            if (wanted == nullptr && cluster.history_lost) continue;
            if (wanted == nullptr ||
                wanted->find(owner.instance.service, owner.instance.slot) == nullptr) {
                return host->node().str() + " " + container.seen.name + " is not wanted any more";
            }
        }
        for (const ObservedNetwork& network : host->engine().networks()) {
            if (!ours(network.owner) || cluster.history_lost) continue;
            const std::string app = network.owner->app.str();
            const bool gone = cluster.wishes.find(app) == nullptr && !cluster.wishes.invalid(app);
            if (gone && !made_too_late(cluster, *host, network))
                return host->node().str() + " network " + network.name + " is left over";
        }
    }
    return {};
}

std::string status_difference(const Cluster& cluster, const std::string& app) {
    const auto& kv = cluster.consul.kv();
    const auto entry = kv.find("nap/status/" + app);
    const bool wanted = cluster.wishes.find(app) != nullptr;
    const bool invalid = cluster.wishes.invalid(app);
    if (!wanted && !invalid) {
        if (cluster.history_lost) return {};
        for (const auto& [key, record] : kv) {
            const bool about = key.ends_with("/" + app) && key != Cluster::app_key(app);
            if (about) return key + " is left over";
        }
        return {};
    }
    if (entry == kv.end()) return app + " has no status";
    const auto status = decode_app_status(entry->second.value);
    if (!status) return app + " has an unreadable status";
    const Phase expected = invalid ? Phase::invalid : Phase::converged;
    if (status->phase == expected) return {};
    return fmt::format("{} is {}, not {}: {}", app, to_string(status->phase), to_string(expected),
                       status->message);
}

}  // namespace

std::string difference(const Cluster& cluster) {
    for (const std::string& app : cluster.wishes.apps()) {
        if (cluster.wishes.invalid(app)) continue;
        if (auto problem = app_difference(cluster, app); !problem.empty()) return problem;
    }
    if (auto problem = surplus(cluster); !problem.empty()) return problem;
    for (const std::string& app : cluster.wishes.all()) {
        if (auto problem = status_difference(cluster, app); !problem.empty()) return problem;
    }
    return {};
}

}  // namespace nap::sim
