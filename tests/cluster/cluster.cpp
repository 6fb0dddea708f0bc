#include "cluster/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>

namespace nap::test {

namespace {

const std::string script_path = std::string(NAP_SOURCE_DIR) + "/scripts/cluster";
constexpr milliseconds up_limit{180'000};
constexpr milliseconds script_limit{90'000};

Cluster* current = nullptr;

}  // namespace

Names hosts_but(const Names& excluded) {
    Names left;
    for (const std::string& host : all_hosts) {
        if (std::find(excluded.begin(), excluded.end(), host) == excluded.end()) {
            left.push_back(host);
        }
    }
    return left;
}

void for_each_at_once(const Names& names, const std::function<void(const std::string&)>& work) {
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::exception_ptr failure;
    for (const std::string& name : names) {
        threads.emplace_back([&, name] {
            try {
                work(name);
            } catch (...) {
                const std::lock_guard lock(mutex);
                failure = std::current_exception();
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    if (failure) std::rethrow_exception(failure);
}

Cluster::Cluster(std::filesystem::path dir) : dir_(std::move(dir)) {
    for (const std::string& host : all_hosts) {
        docker_.emplace(host, Docker((dir_ / host / "docker/docker.sock").string()));
        consul_.emplace(host, Consul("unix://" + (dir_ / host / "consul.sock").string()));
        faults_[host] = {};
    }
}

void Cluster::up(const Names& options) {
    Argv argv{script_path, "up", dir_, "--nap", NAP_EXECUTABLE};
    argv.insert(argv.end(), options.begin(), options.end());
    run_ok(argv, {.input = "", .env = {}, .limit = up_limit});
}

const Consul& Cluster::consul() const {
    for (const std::string& host : all_hosts) {
        const auto& faults = faults_.at(host);
        if (!faults.contains("cut") && !faults.contains("off") && !faults.contains("consul")) {
            return consul_.at(host);
        }
    }
    throw Failure("no Consul is left");
}

Endpoint Cluster::loopback(const std::string& host, std::uint16_t port) const {
    std::string name = read_file(dir_ / "name");
    return {.unix_path = "", .port = port, .netns = name.substr(0, name.find('\n')) + "-" + host};
}

void Cluster::script(const Names& arguments) const {
    Argv argv{script_path};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    run_ok(argv, {.input = "", .env = {}, .limit = script_limit});
}

void Cluster::cut(const std::string& host) {
    faults_.at(host).insert("cut");
    script({"cut", dir_, host});
}
void Cluster::heal(const std::string& host) {
    script({"heal", dir_, host});
    faults_.at(host).erase("cut");
}
void Cluster::power_off(const std::string& host) {
    faults_.at(host).insert("off");
    script({"power-off", dir_, host});
}
void Cluster::power_on(const std::string& host) {
    script({"power-on", dir_, host});
    faults_.at(host).erase("off");
}
void Cluster::drop(const std::string& host, int percent) {
    faults_.at(host).insert("drop");
    script({"drop", dir_, host, std::to_string(percent)});
}
void Cluster::start(const std::string& host, const std::string& what) {
    script({"start", dir_, host, what});
    faults_.at(host).erase(what);
}
void Cluster::stop(const std::string& host, const std::string& what) {
    faults_.at(host).insert(what);
    script({"stop", dir_, host, what});
}
void Cluster::kill(const std::string& host, const std::string& what) {
    faults_.at(host).insert(what);
    script({"kill", dir_, host, what});
}
void Cluster::freeze(const std::string& host, const std::string& what) {
    faults_.at(host).insert(what);
    script({"freeze", dir_, host, what});
}
void Cluster::thaw(const std::string& host, const std::string& what) {
    script({"thaw", dir_, host, what});
    faults_.at(host).erase(what);
}

void Cluster::repair_host(const std::string& host) {
    std::set<std::string>& faults = faults_.at(host);
    if (faults.contains("cut")) heal(host);
    if (faults.contains("drop")) script({"drop", dir_, host, "0"});
    if (faults.contains("off")) power_on(host);
    for (const char* what : {"docker", "consul"}) {
        if (!faults.contains(what)) continue;
        kill(host, what);
        start(host, what);
    }
    kill(host, "nap");
    faults.clear();
}

bool Cluster::consul_sees_all(const std::string& host) const {
    const auto answer =
        http(consul(host).endpoint(),
             {.path = "/v1/health/state/passing?consistent", .limit = milliseconds(2'000)});
    if (answer.status != 200) return false;
    const json checks = json::parse(answer.body);
    const auto alive = std::count_if(checks.begin(), checks.end(), [](const json& check) {
        return check.at("CheckID") == "serfHealth";
    });
    if (alive == static_cast<long>(all_hosts.size())) return true;
    // Left alone they look for lost ones every 30 s only.
    for (const std::string& other : all_hosts) {
        http(consul(host).endpoint(),
             {.method = "PUT",
              .path = fmt::format("/v1/agent/join/192.168.77.1{}", other.back()),
              .limit = milliseconds(2'000)});
    }
    return false;
}

void Cluster::repair() {
    for_each_at_once(all_hosts, [this](const std::string& host) { repair_host(host); });
    await_consul();
}

void Cluster::await_consul() const {
    await("Consul has a leader and all hosts",
          [this] {
              return std::all_of(all_hosts.begin(), all_hosts.end(),
                                 [this](const std::string& host) { return consul_sees_all(host); });
          },
          {.limit = milliseconds(60'000)});
}

Cluster& cluster() {
    return *current;
}
void set_cluster(Cluster* cluster) {
    current = cluster;
}

}  // namespace nap::test
