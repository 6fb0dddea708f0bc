// What befalls the cluster of a story: changes of mind, and things that break.

#include <fmt/core.h>

#include "sim/story.hpp"

namespace nap::sim {

namespace {

using std::chrono::hours;
using std::chrono::seconds;

}  // namespace

void Story::operators_act() {
    static const std::vector<std::string> names{"blog", "mail", "shop"};
    const std::size_t index = random_.below(names.size());
    const std::string& app = names[index];
    const WantedApp* wanted = cluster_.wishes.find(app);
    cluster_.kernel.log("operators turn to " + app);
    if (wanted == nullptr) {
        if (random_.chance(150)) return cluster_.put_garbage(app, maker_.garbage());
        return cluster_.put_app(app, maker_.make(static_cast<int>(index)));
    }
    switch (random_.below(6)) {
        case 0:
            return cluster_.remove_app(app);
        case 1:
            return cluster_.put_garbage(app, maker_.garbage());
        case 2:
            return cluster_.put_app(app, WantedApp(*wanted));
        default:
            return cluster_.put_app(app, maker_.change(*wanted));
    }
}

void Story::containers_act() {
    SimHost& host = any_host();
    std::vector<ContainerId> ids;
    for (const auto& [id, container] : host.engine().containers()) {
        const auto& owner = container.seen.owner;
        if (owner && owner->cluster.str() != foreign_cluster) ids.push_back(id);
    }
    if (!ids.empty()) disturb_container(host, random_.pick(ids));
}

void Story::disturb_container(SimHost& host, const ContainerId& id) {
    EngineState& engine = host.engine();
    const SimContainer& container = engine.containers().at(id);
    const OwnerLabels owner = *container.seen.owner;
    const std::size_t choice = random_.below(8);
    cluster_.kernel.log(
        fmt::format("{} {} gets into trouble {}", host.node().str(), container.seen.name, choice));
    switch (choice) {
        case 0:
            return engine.pause(id);
        case 1:
            return engine.set_health(id, Health::unhealthy);
        case 2:
            return engine.hang(id, up_to(seconds(60)));
        case 3:
            return engine.kill_and_remove(id);
        case 4: {
            const std::pair<std::string, std::string> service{owner.app.str(),
                                                              owner.instance.service};
            sick_.insert(service);
            cluster_.kernel.after(up_to(seconds(40)), [this, service] { sick_.erase(service); });
            return engine.die(id, 1);
        }
        case 5: {
            const std::string reference = container.config.image;
            engine.add_pullable(reference,
                                ImageId(fmt::format("sha256:{}@{}", reference, ++versions_)));
            if (random_.chance(500)) return engine.drop_image(reference);
            return engine.set_image(reference,
                                    ImageId(fmt::format("sha256:{}@{}", reference, versions_)));
        }
        default:
            return engine.die(id, static_cast<int>(random_.below(3)));
    }
}

void Story::restart_later(SimHost& host, nanoseconds after) {
    SimHost* restarted = &host;
    cluster_.kernel.after(after, [restarted] { restarted->start_agent(); });
}

void Story::engine_acts(SimHost& host) {
    EngineState& engine = host.engine();
    if (random_.chance(200)) return engine.make_noise();
    host.engine_down(random_.chance(400));
    SimHost* there = &host;
    cluster_.kernel.after(up_to(seconds(15)), [there] { there->engine_up(); });
}

void Story::hosts_act() {
    SimHost& host = any_host();
    SimHost* there = &host;
    switch (random_.below(9)) {
        case 7:
            cluster_.drain(host, true);
            return cluster_.kernel.after(up_to(seconds(60)),
                                         [this, there] { cluster_.drain(*there, false); });
        case 8:
            return lose_power(host);
        case 0:
            host.crash_agent();
            return restart_later(host, up_to(seconds(20)));
        case 1:
            host.stop_agent();
            return restart_later(host, up_to(seconds(20)));
        case 2:
            host.freeze();
            return cluster_.kernel.after(up_to(seconds(70)), [there] { there->thaw(); });
        case 3:
            host.set_cut(true);
            return cluster_.kernel.after(up_to(seconds(70)), [there] { there->set_cut(false); });
        case 4: {
            const bool back = random_.chance(500);
            const nanoseconds jump =
                up_to(random_.chance(500) ? nanoseconds(seconds(5)) : nanoseconds(hours(3)));
            cluster_.kernel.log(host.node().str() + " has its clock set");
            host.clock().offset += back ? -jump : jump;
            return;
        }
        default:
            return engine_acts(host);
    }
}

void Story::lose_power(SimHost& host) {
    host.crash_agent();
    host.engine_down(false);
    host.set_cut(true);
    SimHost* there = &host;
    const nanoseconds away = up_to(seconds(60));
    cluster_.kernel.after(away, [there] {
        there->set_cut(false);
        there->engine_up();
    });
    restart_later(host, away + up_to(seconds(2)));
}

void Story::lose_history() {
    // An agent that has never heard of the cluster would found another one.
    if (cluster_.kernel.seconds() < 15) return;
    cluster_.history_lost = true;
    switch (random_.below(3)) {
        case 0:
            cluster_.kernel.log("consul is restored from a snapshot");
            cluster_.referee.set_restored();
            return cluster_.consul.restore(snapshot_);
        case 1:
            cluster_.kernel.log("consul is wiped");
            return cluster_.consul.wipe();
        default:
            cluster_.kernel.log("someone deletes all of nap's keys");
            static_cast<void>(cluster_.consul.transact(
                "someone", {{.verb = KvVerb::remove_tree, .key = "nap/"}}));
    }
}

void Story::store_acts() {
    ConsulLink* link = &any_host().link();
    switch (random_.below(6)) {
        case 0:
            snapshot_ = cluster_.consul.snapshot();
            return;
        case 1:
            cluster_.kernel.log("consul loses its leader");
            cluster_.consul.set_leaderless(true);
            return cluster_.kernel.after(up_to(seconds(40)), [this] {
                cluster_.kernel.log("consul has a leader again");
                cluster_.consul.set_leaderless(false);
            });
        case 2:
            return cluster_.consul.reap_tombstones();
        case 3:
            cluster_.kernel.log("a token loses its right to read");
            link->read_denied = true;
            return cluster_.kernel.after(up_to(seconds(40)), [link] { link->read_denied = false; });
        case 4:
            if (random_.chance(300)) return lose_history();
            return;
        default:
            return cluster_.consul.forget_checks(any_host().node());
    }
}

}  // namespace nap::sim
