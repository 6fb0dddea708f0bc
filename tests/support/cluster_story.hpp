#pragma once

#include <random>

#include "support/cluster_world.hpp"

namespace nap::test {

/// A cluster in which anything may happen next. The same seed makes the same story.
class ClusterStory {
  public:
    explicit ClusterStory(unsigned seed) : random_(seed) {
        const int nodes = 1 + below(5);
        for (int i = 0; i < nodes; ++i)
            add_node();
        const int apps = 1 + below(4);
        for (int i = 0; i < apps; ++i)
            apps_.push_back("app" + std::to_string(i));
    }

    ClusterWorld world;

    /// One thing happens: to a node, a manifest, a report, or the leader.
    void step() {
        switch (below(16)) {
            case 0:
            case 1:
                return change_manifest();
            case 2:
                return world.lose(any_node());
            case 3:
            case 4:
                return bring_back();
            case 5:
                return toggle_engine();
            case 6:
                return toggle_drain();
            case 7:
                return meddle();
            case 8:
                world.hosts.at(NodeId(any_node())).slow = chance(50);
                return;
            case 9:
                return approve();
            case 10:
                return follow_unreported();
            default:
                return report_some();
        }
    }
    void pass_time() { world.pass(milliseconds(chance(50) ? below(400) : below(6'000))); }

    /// All faults end, and people put everything right.
    void heal() {
        world.write_fails = nullptr;
        world.drain({});
        for (auto& [id, host] : world.hosts) {
            host.slow = false;
            if (!host.connected) world.bring_back_unseen(id.str());
            if (!host.has_engine) world.set_engine(id.str(), true);
        }
        world.list_nodes();
        world.distrust("");
        for (const std::string& app : apps_) {
            const auto found = world.manifests.find(AppId(app));
            const bool broken = found != world.manifests.end() && !found->second->spec;
            if (broken) world.put(app, make_spec());
        }
    }
    void approve() {
        for (const Hold& hold : world.holds)
            world.approve(hold.id);
    }

    bool chance(int percent) { return below(100) < percent; }
    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
    std::mt19937& random() { return random_; }

  private:
    void add_node() { world.add_node("n" + std::to_string(world.hosts.size())); }
    std::string any_node() {
        auto next = world.hosts.begin();
        std::advance(next, below(static_cast<int>(world.hosts.size())));
        return next->first.str();
    }
    std::string any_app() { return apps_[random_() % apps_.size()]; }

    /// Services whose name says what they are: that stays the same from one manifest to the next.
    AppSpec make_spec() {
        AppSpec spec;
        if (chance(70)) spec.services["web"] = {.image = "web:1", .replicas = below(7)};
        if (chance(60)) {
            spec.services["single"] = {
                .image = "s:1", .replicas = below(4), .partition = PartitionPolicy::stop};
        }
        if (chance(30)) {
            spec.services["data"] = {
                .image = "d:1", .replicas = 1 + below(2), .sticky = Sticky::always};
        }
        if (chance(30)) {
            spec.services["each"] = {.image = "e:1", .mode = DeployMode::global};
        }
        for (auto& [name, service] : spec.services) {
            if (chance(20)) service.placement.per_node_max = 1 + below(3);
        }
        spec.colocate = !spec.services.contains("each") && chance(20);
        return spec;
    }

    void change_manifest() {
        const std::string app = any_app();
        if (chance(15)) return world.remove(app);
        if (chance(15)) return world.put_broken(app);
        world.put(app, make_spec());
    }
    void bring_back() {
        const std::string node = any_node();
        const SimHost& host = world.hosts.at(NodeId(node));
        if (host.connected && host.heard_of) {
            if (world.hosts.size() < 6 && chance(30)) add_node();
        } else if (host.connected || chance(70)) {
            if (!host.connected) world.bring_back_unseen(node);
            world.list_nodes();
        } else {
            world.bring_back_unseen(node);
        }
    }
    void toggle_engine() {
        const std::string node = any_node();
        world.set_engine(node, !world.hosts.at(NodeId(node)).has_engine);
    }
    void toggle_drain() {
        std::set<NodeId> draining = world.draining;
        const NodeId node(any_node());
        if (draining.erase(node) == 0) draining.insert(node);
        std::vector<std::string> names;
        for (const NodeId& each : draining)
            names.push_back(each.str());
        world.drain(names);
    }
    void meddle() {
        switch (below(4)) {
            case 0:
                return world.change_leader();
            case 1:
                return world.distrust(world.absence_untrusted.empty() ? "no sentinel" : "");
            case 2:
                return world.ask_rebalance();
            default:
                if (world.write_fails) {
                    world.write_fails = nullptr;
                } else {
                    world.write_fails = [this] { return chance(25); };
                }
        }
    }
    void follow_unreported() {
        const std::string node = any_node();
        for (const std::string& app : apps_)
            world.follow(node, app);
    }
    void report_some() {
        const std::string node = any_node();
        SimHost& host = world.hosts.at(NodeId(node));
        if (chance(20)) host.fresh[AppId(any_app())] = {{"web", 1 + below(3)}, {"single", 1}};
        if (chance(30)) host.fresh.clear();
        for (const std::string& app : apps_) {
            if (chance(80)) world.report(node, app);
        }
    }

    std::mt19937 random_;
    std::vector<std::string> apps_;
};

}  // namespace nap::test
