#include "sim/story.hpp"

#include <fmt/core.h>

#include "sim/convergence.hpp"

namespace nap::sim {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const std::vector<std::string>& app_names() {
    static const std::vector<std::string> names{"blog", "mail", "shop"};
    return names;
}

int index_of(const std::string& app) {
    return static_cast<int>(std::find(app_names().begin(), app_names().end(), app) -
                            app_names().begin());
}

ImageId image_of(const std::string& reference, int version) {
    return ImageId(fmt::format("sha256:{}@{}", reference, version));
}

ContainerConfig foreign_config(const std::string& app) {
    ContainerConfig config;
    config.image = image_names().front();
    if (!app.empty()) {
        config.labels = {{"io.nap.cluster", foreign_cluster},
                         {"io.nap.app", app},
                         {"io.nap.service", "web"},
                         {"io.nap.slot", "1"}};
    }
    return config;
}

}  // namespace

Story::Story(const Options& options)
    : cluster_({.seed = options.seed,
                .hosts = options.hosts,
                .routed = options.routed,
                .folder = options.folder,
                .keep_log = options.keep_log}),
      random_(cluster_.kernel.random),
      maker_(random_, static_cast<int>(options.hosts), options.routed),
      kind_(static_cast<Kind>(random_.below(5))) {
    cluster_.habit = [this](const SimHost& host, const SimContainer& c) { return habit(host, c); };
    for (const auto& host : cluster_.hosts)
        furnish(*host);
    snapshot_ = cluster_.consul.snapshot();
}

Habit Story::habit(const SimHost&, const SimContainer& container) {
    Habit habit{.start_time = random_.between(milliseconds(20), milliseconds(300)),
                .stop_time = random_.between(milliseconds(5), milliseconds(100))};
    if (container.config.stop_grace_period) habit.stop_time = nanoseconds{0};
    const auto& owner = container.seen.owner;
    if (owner && sick_.contains({owner->app.str(), owner->instance.service})) {
        if (random_.chance(700)) habit.lives = up_to(seconds(1));
        habit.healthy = random_.chance(300);
    }
    return habit;
}

void Story::furnish(SimHost& host) {
    EngineState& engine = host.engine();
    for (const std::string& reference : image_names()) {
        engine.add_pullable(reference, image_of(reference, 0));
        if (random_.chance(800)) engine.set_image(reference, image_of(reference, 0));
    }
    engine.set_image(image_names().front(), image_of(image_names().front(), 0));
    int number = 0;
    for (const char* app : {"", "shop", "mail"}) {
        const std::string name = fmt::format("foreign-{}", ++number);
        engine.create("someone", name, foreign_config(app), [&engine](Result<ContainerId> id) {
            engine.start("someone", *id, [](const Result<void>&) {});
        });
    }
    NetworkSpec network{.name = "foreign"};
    static_cast<void>(engine.create_network("someone", network));
}

bool Story::run() {
    open_for_business();
    make_trouble();
    if (!cluster_.failed()) mend();
    if (!cluster_.failed()) await_rest();
    if (!cluster_.failed()) demand_quiet();
    if (cluster_.failed()) note_keys();
    return !cluster_.failed();
}

void Story::note_keys() {
    for (const auto& [key, record] : cluster_.consul.kv()) {
        if (key.starts_with("nap/apps/")) continue;
        cluster_.kernel.note(fmt::format("{} = {}", key, record.value));
    }
}

void Story::open_for_business() {
    for (const auto& host : cluster_.hosts) {
        SimHost* starting = host.get();
        cluster_.kernel.after(up_to(seconds(3)), [starting] { starting->start_agent(); });
    }
    for (const std::string& app : app_names()) {
        if (random_.chance(600)) cluster_.put_app(app, maker_.make(index_of(app)));
    }
    cluster_.run_for(seconds(random_.below(2) * 10));
}

void Story::make_trouble() {
    if (kind_ == Kind::calls || kind_ == Kind::everything) {
        cluster_.rates.store = static_cast<unsigned>(random_.below(80));
        cluster_.rates.engine = static_cast<unsigned>(random_.below(80));
        cluster_.rates.crash = random_.chance(500) ? 3 : 0;
        cluster_.referee.set_calls_fail(true);
        cluster_.rates.event = static_cast<unsigned>(random_.below(200));
    }
    const auto length = seconds(20 + random_.below(100));
    const MonotonicTime ends = cluster_.kernel.now() + length;
    next_action();
    while (cluster_.kernel.now() < ends && !cluster_.failed()) {
        cluster_.run_for(seconds(1));
        for (const auto& host : cluster_.hosts) {
            cluster_.referee.check_memory(*host);
            // Something restarts an agent that has ended.
            if (host->agent() == nullptr && random_.chance(300)) host->start_agent();
        }
    }
    troubled_ = false;
}

void Story::mend() {
    cluster_.kernel.log("all is mended");
    cluster_.rates = {};
    sick_.clear();
    cluster_.consul.set_leaderless(false);
    for (const auto& host : cluster_.hosts) {
        host->set_cut(false);
        host->link().read_denied = false;
        host->engine_up();
        host->engine().end_hangs();
        cluster_.drain(*host, false);
        host->thaw();
    }
    for (const std::string& app : app_names()) {
        const bool fixes = cluster_.wishes.invalid(app) && random_.chance(700);
        if (fixes) cluster_.put_app(app, maker_.make(index_of(app)));
    }
    cluster_.run_for(seconds(1));
    for (const auto& host : cluster_.hosts)
        host->start_agent();
    if (!cluster_.history_lost) return;
    // By then a leader has said what is missing; a person sees to it.
    cluster_.run_for(seconds(60));
    cluster_.restore_manifests();
}

void Story::await_rest() {
    constexpr auto limit = minutes(7);
    const MonotonicTime began = cluster_.kernel.now();
    std::string open = difference(cluster_);
    while (!open.empty() && cluster_.kernel.now() - began < limit && !cluster_.failed()) {
        cluster_.run_for(milliseconds(500));
        for (const auto& host : cluster_.hosts) {
            cluster_.referee.check_memory(*host);
            host->start_agent();
        }
        const bool asked = (cluster_.kernel.now() - began) % seconds(20) < milliseconds(500);
        if (asked) cluster_.approve_all();
        open = difference(cluster_);
    }
    recovery_ = std::max<nanoseconds>(recovery_, cluster_.kernel.now() - began);
    if (!open.empty() && !cluster_.failed()) {
        cluster_.kernel.violate("L: no rest within 7 minutes after all was mended: " + open);
    }
}

void Story::demand_quiet() {
    // What was missed is found by the next look around, and rows of failures end late.
    cluster_.run_for(seconds(90));
    await_rest();
    if (cluster_.failed()) return;
    const std::uint64_t mutations = cluster_.referee.mutations();
    const std::uint64_t changes = cluster_.referee.key_changes();
    cluster_.kernel.log("quiet begins");
    cluster_.run_for(seconds(150));
    if (cluster_.failed()) return;
    if (cluster_.referee.mutations() != mutations) {
        cluster_.kernel.violate(fmt::format("S11: {} changes of engines while all is as wanted",
                                            cluster_.referee.mutations() - mutations));
    }
    if (cluster_.referee.key_changes() != changes) {
        cluster_.kernel.violate(fmt::format("S14: {} keys written while all is as wanted",
                                            cluster_.referee.key_changes() - changes));
    }
    const std::string open = difference(cluster_);
    if (!open.empty()) cluster_.kernel.violate("L: it did not stay as wanted: " + open);
}

void Story::next_action() {
    if (!troubled_) return;
    cluster_.kernel.after(up_to(seconds(4)), [this] {
        if (!troubled_) return;
        const bool with_hosts = kind_ == Kind::hosts || kind_ == Kind::everything;
        const bool with_store = kind_ == Kind::store || kind_ == Kind::everything;
        const std::size_t choice = random_.below(10);
        if (choice < 3) {
            operators_act();
        } else if (choice < 6 || (!with_hosts && !with_store)) {
            containers_act();
        } else if (with_hosts && (choice < 8 || !with_store)) {
            hosts_act();
        } else if (with_store) {
            store_acts();
        }
        next_action();
    });
}

}  // namespace nap::sim
