#include "cluster/lab.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nap::bench {

using test::await;
using test::Failure;
using test::milliseconds;

namespace {

constexpr milliseconds wait_max{180'000};

std::size_t count_of(const Lab& lab, const std::string& label, const Names& hosts,
                     bool running_only) {
    std::size_t found = 0;
    for (const std::string& host : hosts) {
        for (const json& container : lab.cluster.docker(host).list({label})) {
            found += !running_only || container.at("State") == "running" ? 1 : 0;
        }
    }
    return found;
}

}  // namespace

Starts::Starts(const Cluster& cluster) {
    for (const std::string& host : test::all_hosts) {
        threads_.emplace_back([this, host, &cluster] { follow(host, cluster.docker(host)); });
    }
}

Starts::~Starts() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    for (std::thread& thread : threads_)
        thread.join();
}

void Starts::follow(const std::string& host, const test::Docker& docker) {
    const auto stream =
        docker.events({{"type", json::array({"container"})}, {"event", json::array({"start"})}});
    while (true) {
        const auto line = stream->read_line(milliseconds(200));
        const Instant now = test::Steady::now();
        const std::lock_guard lock(mutex_);
        if (over_) return;
        if (!line) continue;
        const json actor = json::parse(*line).at("Actor");
        seen_.push_back(
            {.at = now, .host = host, .id = actor.at("ID"), .attributes = actor.at("Attributes")});
        arrived_.notify_all();
    }
}

std::size_t Starts::so_far() const {
    const std::lock_guard lock(mutex_);
    return seen_.size();
}

Start Starts::nth(std::size_t count, std::size_t from, const Wanted& wanted) {
    std::unique_lock lock(mutex_);
    std::size_t next = from;
    std::size_t found = 0;
    const auto enough = [&] {
        while (next < seen_.size()) {
            found += wanted(seen_[next++]) ? 1 : 0;
            if (found == count) return true;
        }
        return false;
    };
    if (!arrived_.wait_for(lock, wait_max, enough)) {
        throw Failure(fmt::format("{} of {} containers have started", found, count));
    }
    return seen_[next - 1];
}

Starts::Wanted labelled(std::string label, std::string value) {
    return [label = std::move(label), value = std::move(value)](const Start& start) {
        return start.attributes.value(label, "") == value;
    };
}

Lab::Lab(Cluster& hosts) : cluster(hosts), starts(hosts) {}

void Lab::start_agents() {
    test::for_each_at_once(test::all_hosts,
                           [this](const std::string& host) { cluster.start(host, "nap"); });
    await("all nodes are known",
          [this] { return consul().keys("nap/nodes/").size() == test::all_hosts.size(); });
    await("somebody leads", [this] { return !leader().empty(); });
}

void Lab::put(const std::string& app, const std::string& manifest) const {
    consul().put("nap/apps/" + app, manifest);
}

void Lab::await_converged(const std::string& app) const {
    const auto index = consul().modify_index("nap/apps/" + app);
    await(app + " has converged",
          [&] {
              const json status = consul().get_json("nap/status/" + app);
              return status.is_object() && status.at("phase") == "converged" &&
                     status.at("modify_index") == index;
          },
          {.limit = wait_max});
}

void Lab::remove(const std::string& app) const {
    consul().remove("nap/apps/" + app);
    await(app + " is gone",
          [&] {
              return present("io.nap.app=" + app, test::all_hosts) == 0 &&
                     consul().get_json("nap/status/" + app).is_null();
          },
          {.limit = wait_max});
}

std::string Lab::leader() const {
    const auto answer = test::http(consul().endpoint(), {.path = "/v1/kv/nap/leader"});
    if (answer.status != 200) return "";
    if (json::parse(answer.body).at(0).value("Session", "").empty()) return "";
    return consul().get_json("nap/leader").at("node");
}

std::size_t Lab::running(const std::string& label, const Names& hosts) const {
    return count_of(*this, label, hosts, true);
}

std::size_t Lab::present(const std::string& label, const Names& hosts) const {
    return count_of(*this, label, hosts, false);
}

void Lab::nap(const Names& arguments) const {
    test::Argv argv{NAP_EXECUTABLE};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    test::run_ok(argv, {.input = "", .env = {{"CONSUL_HTTP_ADDR", consul().address()}}});
}

json Lab::call(const std::string& host, const std::string& method, const std::string& path,
               const json& body) const {
    const auto answer =
        test::http({.unix_path = cluster.docker(host).socket()},
                   {.method = method, .path = path, .body = body.is_null() ? "" : body.dump()});
    if (answer.status < 200 || answer.status >= 300) {
        throw Failure(
            fmt::format("{} {}: status {}: {}", method, path, answer.status, answer.body));
    }
    return answer.body.empty() ? json() : json::parse(answer.body, nullptr, false);
}

std::string idle_manifest(int replicas) {
    return fmt::format(
        "services:\n"
        "  idle:\n"
        "    image: nap/busybox:1\n"
        "    command: [sleep, 1d]\n"
        "    stop_signal: SIGKILL\n"
        "    deploy: {{replicas: {}}}\n",
        replicas);
}

double median(std::vector<double> values) {
    if (values.empty()) throw Failure("no values");
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double ms_between(Instant from, Instant to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

std::string show_ms(double ms) {
    return fmt::format("{:.{}f} ms", ms, ms < 100 ? 1 : 0);
}

void say(const std::string& text) {
    fmt::print(stderr, "{}\n", text);
}

}  // namespace nap::bench
