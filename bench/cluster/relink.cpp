// An instance moves: from its start on the new host until those that link to it resolve its new
// address.

#include <fmt/format.h>

#include "cluster/lab.hpp"

namespace nap::bench {

using test::all_hosts;
using test::await;
using test::Failure;
using test::milliseconds;

namespace {

constexpr int rounds = 5;

std::string manifest(const std::string& networks) {
    const std::string rest =
        "    image: nap/busybox:1\n    command: [sleep, 1d]\n    stop_signal: SIGKILL\n";
    return "services:\n  web:\n    links: [db]\n" + rest + "  db:\n" + rest + networks;
}

struct Place {
    std::string host;
    json container;
};

Place place_of(const Lab& lab, const std::string& app, const std::string& service) {
    for (const std::string& host : all_hosts) {
        for (const std::string& id : lab.cluster.docker(host).containers(
                 {"io.nap.app=" + app, "io.nap.service=" + service})) {
            return {.host = host, .container = lab.cluster.docker(host).inspect(id)};
        }
    }
    throw Failure("no container of " + service);
}

/// What `web` makes of the name `db`, asked the way its network answers.
bool resolves(const json& web, const std::string& address, bool overlay) {
    if (!overlay) {
        return test::read_file(web.at("HostsPath").get<std::string>()).find(address + "\t") !=
                   std::string::npos ||
               test::read_file(web.at("HostsPath").get<std::string>()).find(address + " ") !=
                   std::string::npos;
    }
    const std::string pid = std::to_string(web.at("State").at("Pid").get<int>());
    const auto answer =
        test::run({"nsenter", "-t", pid, "-n", "busybox", "nslookup", "db", "127.0.0.11"});
    return answer.out.find(address + "\n") != std::string::npos;
}

std::vector<double> move_around(Lab& lab, const std::string& app, bool overlay) {
    lab.put(app, manifest(overlay ? "" : "networks:\n  default: {driver: bridge}\n"));
    lab.await_converged(app);
    std::vector<double> took;
    const auto is_db = [&](const Start& start) {
        return start.attributes.value("io.nap.app", "") == app &&
               start.attributes.value("io.nap.service", "") == "db";
    };
    for (int round = 0; round < rounds; ++round) {
        const json web = place_of(lab, app, "web").container;
        const std::string host = place_of(lab, app, "db").host;
        if (place_of(lab, app, "web").host == host) throw Failure("both are on one host");
        const std::size_t seen = lab.starts.so_far();
        // Beside it on the third host the new copy would be no less local; it may go anywhere.
        lab.nap({"drain", host});
        const Start start = lab.starts.nth(1, seen, is_db);
        const json db = lab.cluster.docker(start.host).inspect(start.id);
        const std::string address =
            db.at("NetworkSettings").at("Networks").at(app + "_default").at("IPAddress");
        await("the new address is known", [&] { return resolves(web, address, overlay); },
              {.interval = milliseconds(1)});
        took.push_back(ms_between(start.at, test::Steady::now()));
        say(fmt::format("  {:<15} {}", app, show_ms(took.back())));
        lab.nap({"undrain", host});
        lab.await_converged(app);
    }
    lab.remove(app);
    return took;
}

}  // namespace

void measure_relink(Lab& lab, std::vector<Row>& rows) {
    say("an instance moves, until its new address is resolved:");
    for (const bool overlay : {true, false}) {
        const std::string kind = overlay ? "overlay" : "routed";
        const double took = median(move_around(lab, kind, overlay));
        rows.push_back({.measure = "moved instance runs → dependents resolve it, " + kind,
                        .peer = "",
                        .nap = show_ms(took),
                        .target = "200 ms",
                        .met = took <= 200});
    }
}

}  // namespace nap::bench
