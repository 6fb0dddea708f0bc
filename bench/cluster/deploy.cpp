// 9 instances over three hosts, and 9 → 30: nap, Swarm and a plain client of the engines' API, all
// on an overlay network made for it.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "cluster/lab.hpp"
#include "cluster/swarm.hpp"

namespace nap::bench {

using test::await;

namespace {

constexpr int rounds = 5;
constexpr int first = 9;
constexpr int then = 30;
constexpr std::size_t contenders = 2;  ///< the best of the first round: measured in all rounds

/// Times of one contender, in ms.
struct Times {
    std::vector<double> nine;
    std::vector<double> more;
};

/// A client that knows what it wants and asks for it, so many requests at a time.
class Plain {
  public:
    Plain(Lab& lab, std::string name, int degree)
        : lab_(lab), name_(std::move(name)), degree_(degree) {}

    void create_network() {
        lab_.call("nap1", "POST", "/networks/create",
                  {{"Name", name_}, {"Driver", "overlay"}, {"Attachable", true}});
        test::for_each_at_once(test::all_hosts, [&](const std::string& host) {
            await("the network is known",
                  [&] { return lab_.cluster.docker(host).networks().contains(name_); },
                  {.interval = test::milliseconds(1)});
        });
    }
    /// Containers numbered from..to, in turn on the hosts.
    void run(int from, int to) {
        std::atomic<int> next = from;
        Names workers;
        for (int i = 0; i < degree_; ++i)
            workers.push_back(std::to_string(i));
        test::for_each_at_once(workers, [&](const std::string&) {
            for (int slot = next++; slot <= to; slot = next++)
                create_and_start(slot);
        });
    }
    void remove() {
        test::for_each_at_once(test::all_hosts, [&](const std::string& host) {
            const auto ids = lab_.cluster.docker(host).containers({"bench=" + name_});
            test::for_each_at_once(ids, [&](const std::string& id) {
                lab_.call(host, "DELETE", "/containers/" + id + "?force=1");
            });
        });
        remove_network(lab_, name_);
    }

  private:
    void create_and_start(int slot) {
        const std::string& host =
            test::all_hosts[static_cast<std::size_t>(slot) % test::all_hosts.size()];
        const json made = lab_.call(
            host, "POST", fmt::format("/containers/create?name={}-{}", name_, slot),
            {{"Image", "nap/busybox:1"},
             {"Cmd", json::array({"sleep", "1d"})},
             {"StopSignal", "SIGKILL"},
             {"Labels", {{"bench", name_}}},
             {"HostConfig", {{"NetworkMode", name_}, {"RestartPolicy", {{"Name", "no"}}}}}});
        lab_.call(host, "POST", "/containers/" + made.at("Id").get<std::string>() + "/start");
    }

    Lab& lab_;
    std::string name_;
    int degree_;
};

/// From `began` until the `count`-th start after the first `from`.
double until(Lab& lab, Instant began, std::size_t from, int count, const Starts::Wanted& wanted) {
    const Start last = lab.starts.nth(static_cast<std::size_t>(count), from, wanted);
    return ms_between(began, last.at);
}

void plain_round(Lab& lab, int round, int degree, Times& times) {
    const std::string name = fmt::format("plain{}x{}", round, degree);
    const auto wanted = labelled("bench", name);
    Plain plain(lab, name, degree);
    const std::size_t seen = lab.starts.so_far();
    Instant began = test::Steady::now();
    plain.create_network();
    plain.run(1, first);
    times.nine.push_back(until(lab, began, seen, first, wanted));
    began = test::Steady::now();
    plain.run(first + 1, then);
    times.more.push_back(until(lab, began, seen, then, wanted));
    plain.remove();
    say(fmt::format("  {:2} in parallel  {:>9} {:>9}", degree, show_ms(times.nine.back()),
                    show_ms(times.more.back())));
}

void nap_round(Lab& lab, int round, Times& times) {
    const std::string app = fmt::format("nine{}", round);
    const auto wanted = labelled("io.nap.app", app);
    const std::size_t seen = lab.starts.so_far();
    Instant began = test::Steady::now();
    lab.put(app, idle_manifest(first));
    times.nine.push_back(until(lab, began, seen, first, wanted));
    lab.await_converged(app);
    began = test::Steady::now();
    lab.put(app, idle_manifest(then));
    times.more.push_back(until(lab, began, seen, then, wanted));
    lab.await_converged(app);
    lab.remove(app);
    say(fmt::format("  nap             {:>9} {:>9}", show_ms(times.nine.back()),
                    show_ms(times.more.back())));
}

void swarm_round(Lab& lab, int round, Times& times) {
    Swarm swarm(lab, fmt::format("swarm{}", round));
    const std::size_t seen = lab.starts.so_far();
    Instant began = test::Steady::now();
    swarm.create(first);
    times.nine.push_back(until(lab, began, seen, first, swarm.wanted()));
    swarm.await_settled(first);
    began = test::Steady::now();
    swarm.scale(then);
    times.more.push_back(until(lab, began, seen, then, swarm.wanted()));
    swarm.await_settled(then);
    swarm.remove();
    say(fmt::format("  Swarm           {:>9} {:>9}", show_ms(times.nine.back()),
                    show_ms(times.more.back())));
}

double sum(const Times& times) {
    return median(times.nine) + median(times.more);
}

double best(const std::map<int, Times>& plain, std::vector<double> Times::*which) {
    double found = median(plain.begin()->second.*which);
    for (const auto& [degree, times] : plain)
        found = std::min(found, median(times.*which));
    return found;
}

void drop_slow(std::map<int, Times>& plain) {
    while (plain.size() > contenders) {
        plain.erase(std::max_element(plain.begin(), plain.end(), [](const auto& a, const auto& b) {
            return sum(a.second) < sum(b.second);
        }));
    }
}

void add_rows(const std::string& what, double nap, double swarm, double plain,
              std::vector<Row>& rows) {
    rows.push_back({.measure = what + ", beside Swarm",
                    .peer = show_ms(swarm),
                    .nap = show_ms(nap),
                    .target = fmt::format("0.9 × (is {:.2f})", nap / swarm),
                    .met = nap <= 0.9 * swarm});
    rows.push_back({.measure = what + ", beside a plain client",
                    .peer = show_ms(plain),
                    .nap = show_ms(nap),
                    .target = fmt::format("1.10 × (is {:.2f})", nap / plain),
                    .met = nap <= 1.10 * plain});
}

}  // namespace

void measure_deploy(Lab& lab, std::vector<Row>& rows) {
    say("9 instances over three hosts, then 30:");
    std::map<int, Times> plain{{3, {}}, {6, {}}, {9, {}}, {12, {}}, {18, {}}, {30, {}}};
    Times nap;
    Times swarm;
    for (int round = 0; round < rounds; ++round) {
        std::size_t turn = 0;
        for (auto& [degree, times] : plain) {
            if (turn++ == plain.size() / 2) {
                nap_round(lab, round, nap);
                swarm_round(lab, round, swarm);
            }
            plain_round(lab, round, degree, times);
        }
        if (round == 0) drop_slow(plain);
    }
    add_rows("9 instances over 3 hosts", median(nap.nine), median(swarm.nine),
             best(plain, &Times::nine), rows);
    add_rows("9 → 30", median(nap.more), median(swarm.more), best(plain, &Times::more), rows);
}

}  // namespace nap::bench
