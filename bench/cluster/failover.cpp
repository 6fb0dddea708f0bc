// A host is cut off: until all its instances run elsewhere. The leader goes: until another acts.

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <fstream>

#include "cluster/lab.hpp"
#include "cluster/swarm.hpp"

namespace nap::bench {

using test::all_hosts;
using test::await;
using test::Failure;
using test::hosts_but;
using test::milliseconds;

namespace {

constexpr int instances = 9;
constexpr int cut_rounds = 3;
constexpr int leader_rounds = 5;
constexpr milliseconds wait_max{180'000};

/// Starts of these on hosts that are not cut off.
Starts::Wanted elsewhere(Starts::Wanted wanted, std::string lost) {
    return [wanted = std::move(wanted), lost = std::move(lost)](const Start& start) {
        return start.host != lost && wanted(start);
    };
}

double until_elsewhere(Lab& lab, const std::string& lost, const std::string& label,
                       const Starts::Wanted& wanted) {
    const std::size_t count = lab.running(label, {lost});
    if (count == 0) throw Failure("nothing runs on " + lost);
    const std::size_t seen = lab.starts.so_far();
    const Instant began = test::Steady::now();
    lab.cluster.cut(lost);
    const Start last = lab.starts.nth(count, seen, elsewhere(wanted, lost));
    return ms_between(began, last.at);
}

double cut_nap(Lab& lab, const std::string& lost, const std::string& app,
               const std::string& networks) {
    lab.put(app, idle_manifest(instances) + networks);
    lab.await_converged(app);
    const double took =
        until_elsewhere(lab, lost, "io.nap.app=" + app, labelled("io.nap.app", app));
    lab.cluster.heal(lost);
    await("one copy of each is left",
          [&] {
              return lab.running("io.nap.app=" + app, all_hosts) == instances &&
                     lab.consul().keys("nap/nodes/").size() == all_hosts.size();
          },
          {.limit = wait_max});
    lab.await_converged(app);
    lab.remove(app);
    say("  nap             " + show_ms(took));
    return took;
}

double cut_swarm(Lab& lab, const std::string& lost, const std::string& name) {
    Swarm swarm(lab, name);
    swarm.create(instances);
    swarm.await_settled(instances);
    const double took = until_elsewhere(lab, lost, swarm.label(), swarm.wanted());
    lab.cluster.heal(lost);
    await_swarm(lab);
    swarm.await_settled(instances);
    swarm.remove();
    say("  Swarm           " + show_ms(took));
    return took;
}

/// A host that leads the swarm, or one that does not.
std::string host_to_cut(const Lab& lab, bool leads, int round) {
    await_swarm(lab);
    const std::string leader = swarm_leader(lab);
    const Names others = hosts_but({leader});
    return leads ? leader : others[static_cast<std::size_t>(round) % others.size()];
}

Row row_of_cut(const std::string& measure, double took) {
    return {.measure = measure,
            .peer = "",
            .nap = show_ms(took),
            .target = "8 s",
            .met = took <= 8'000};
}

/// On an overlay network, beside Swarm. Without its leader the swarm's networks start nothing,
/// whoever asks: that is told apart.
void cut_overlay(Lab& lab, bool leads, std::vector<Row>& rows) {
    const std::string what =
        leads ? "the host of the swarm's leader cut off" : "host cut off, overlay";
    say(what + ":");
    std::vector<double> nap;
    std::vector<double> swarm;
    for (int round = 0; round < cut_rounds; ++round) {
        const std::string name = fmt::format("cut-{}{}", leads ? "leader" : "host", round);
        nap.push_back(cut_nap(lab, host_to_cut(lab, leads, round), name, ""));
        swarm.push_back(cut_swarm(lab, host_to_cut(lab, leads, round), name));
    }
    const double took = median(nap);
    rows.push_back(row_of_cut(what + " → elsewhere", took));
    rows.push_back({.measure = what + ", beside Swarm",
                    .peer = show_ms(median(swarm)),
                    .nap = show_ms(took),
                    .target = fmt::format("0.6 × (is {:.2f})", took / median(swarm)),
                    .met = took <= 0.6 * median(swarm)});
}

/// Straight away, as a script would take longer than what is measured.
void signal_agent(Lab& lab, const std::string& host, int number) {
    std::ifstream file(lab.cluster.dir() / host / "nap.id");
    pid_t pid = 0;
    if (!(file >> pid) || ::kill(pid, number) != 0) throw Failure("no agent on " + host);
}

/// From the signal until another leader has given a new app's instance to a node.
double hand_over(Lab& lab, int number, const std::string& app) {
    const std::string lost = lab.leader();
    const Names others = hosts_but({lost});
    const test::Consul& consul = lab.cluster.consul(others.front());
    const Instant began = test::Steady::now();
    signal_agent(lab, lost, number);
    consul.put("nap/apps/" + app, idle_manifest(1));
    await("the new leader acts",
          [&] {
              return std::any_of(others.begin(), others.end(), [&](const std::string& host) {
                  return consul.get("nap/assigned/" + host + "/" + app).has_value();
              });
          },
          {.limit = wait_max, .interval = milliseconds(2)});
    const double took = ms_between(began, test::Steady::now());
    lab.cluster.kill(lost, "nap");
    lab.cluster.start(lost, "nap");
    await("all nodes are known again",
          [&] { return lab.consul().keys("nap/nodes/").size() == all_hosts.size(); });
    lab.await_converged(app);
    lab.remove(app);
    return took;
}

}  // namespace

void measure_cut(Lab& lab, std::vector<Row>& rows) {
    cut_overlay(lab, false, rows);
}

void measure_cut_routed(Lab& lab, std::vector<Row>& rows) {
    say("host cut off, routed:");
    std::vector<double> took;
    for (const std::string& host : all_hosts) {
        await_swarm(lab);
        took.push_back(
            cut_nap(lab, host, "cut-routed-" + host, "networks:\n  default: {driver: bridge}\n"));
    }
    rows.push_back(row_of_cut("host cut off, routed → elsewhere", median(took)));
}

void measure_cut_of_swarm_leader(Lab& lab, std::vector<Row>& rows) {
    cut_overlay(lab, true, rows);
}

void measure_leader(Lab& lab, std::vector<Row>& rows) {
    say("the leader goes:");
    std::vector<double> graceful;
    std::vector<double> crash;
    for (int round = 0; round < leader_rounds; ++round) {
        graceful.push_back(hand_over(lab, SIGTERM, fmt::format("graceful{}", round)));
        say("  stopped         " + show_ms(graceful.back()));
        crash.push_back(hand_over(lab, SIGKILL, fmt::format("crash{}", round)));
        say("  killed          " + show_ms(crash.back()));
    }
    rows.push_back({.measure = "leader stopped → another acts",
                    .peer = "",
                    .nap = show_ms(median(graceful)),
                    .target = "1 s",
                    .met = median(graceful) <= 1'000});
    rows.push_back({.measure = "leader killed → another acts",
                    .peer = "",
                    .nap = show_ms(median(crash)),
                    .target = "8 s",
                    .met = median(crash) <= 8'000});
}

}  // namespace nap::bench
