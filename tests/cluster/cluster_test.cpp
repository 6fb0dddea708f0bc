#include "cluster/cluster_test.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nap::test {

namespace {

std::string next_prefix() {
    static int count = 0;
    return "ct" + std::to_string(++count);
}

std::string label(const json& container, const std::string& name) {
    return container.at("Labels").value("io.nap." + name, "");
}

}  // namespace

ClusterTest::ClusterTest() : prefix_(next_prefix()) {}

std::filesystem::path ClusterTest::log(const std::string& host) {
    return cluster().dir() / host / "nap.log";
}

std::filesystem::path ClusterTest::data_dir(const std::string& host) const {
    return cluster().dir() / host / ("data-" + prefix_);
}

void ClusterTest::write_config(const std::string& host) const {
    const char zone = static_cast<char>('a' + (host.back() - '1'));
    write_file(cluster().dir() / host / "nap.yml",
               fmt::format("node: {{name: {}, labels: {{zone: {}}}, advertise: 192.168.77.1{}}}\n"
                           "consul: {{address: \"http://127.0.0.1:8500\", prefix: {}{}}}\n"
                           "docker: {{host: \"{}\"}}\n"
                           "data_dir: {}\n"
                           "backoff: {{initial: 100ms, max: 60s, stable: 1s}}\n"
                           "{}",
                           host, zone, host.back(), prefix_, more_consul,
                           cluster().docker(host).url(), data_dir(host).string(), more_config));
}

void ClusterTest::start_agents(const Names& hosts) {
    for_each_at_once(hosts, [this](const std::string& host) {
        std::filesystem::create_directories(data_dir(host));
        write_config(host);
        write_file(log(host), "");
        cluster().start(host, "nap");
    });
    await("the agents are ready and known", [&] {
        const std::set<std::string> known = nodes();
        return std::all_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
            return known.contains(host) && agent_get(host, "/readyz").status == 200;
        });
    });
}

void ClusterTest::TearDown() {
    if (HasFailure()) ADD_FAILURE() << describe();
    cluster().repair();
    for_each_at_once(all_hosts, [this](const std::string& host) {
        cluster().docker(host).purge();
        std::filesystem::remove_all(data_dir(host));
    });
    // Networks of the swarm stay until no host uses them.
    await("no network is left", [] {
        bool left = false;
        for (const std::string& host : all_hosts) {
            std::set<std::string> names = cluster().docker(host).networks();
            for (const char* own : {"ingress", "docker_gwbridge"})
                names.erase(own);
            if (names.empty()) continue;
            cluster().docker(host).purge();
            left = true;
        }
        return !left;
    });
    consul().remove_tree(prefix_ + "/");
}

void ClusterTest::put(const std::string& app, const std::string& manifest) const {
    consul().put(key("apps/" + app), manifest);
}

void ClusterTest::unput(const std::string& app) const {
    consul().remove(key("apps/" + app));
}

json ClusterTest::status(const std::string& app) const {
    const json document = consul().get_json(key("status/" + app));
    return document.is_object() ? document : json();
}

std::string ClusterTest::phase(const std::string& app) const {
    const json document = status(app);
    return document.is_null() ? "" : document.at("phase").get<std::string>();
}

bool ClusterTest::is_phase(const std::string& app, const std::string& phase) const {
    const json document = status(app);
    return !document.is_null() && document.at("phase") == phase &&
           document.at("modify_index") == consul().modify_index(key("apps/" + app));
}

void ClusterTest::await_phase(const std::string& app, const std::string& phase,
                              milliseconds limit) const {
    await(app + " is " + phase, [&] { return is_phase(app, phase); }, {.limit = limit});
}

void ClusterTest::deploy(const std::string& app, const std::string& manifest) const {
    put(app, manifest);
    await_converged(app);
}

Copies ClusterTest::copies(const std::string& app, const Names& hosts) const {
    Copies found;
    for (const std::string& host : hosts) {
        for (const json& container : cluster().docker(host).list({"io.nap.app=" + app})) {
            if (container.at("State") != "running") continue;
            found.push_back(
                {.host = host,
                 .instance = label(container, "service") + "/" + label(container, "slot"),
                 .id = container.at("Id")});
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::map<std::string, int> ClusterTest::per_host(const std::string& app) const {
    std::map<std::string, int> count;
    for (const std::string& host : all_hosts)
        count[host] = 0;
    for (const Copy& copy : copies(app))
        ++count[copy.host];
    return count;
}

Copy ClusterTest::only(const std::string& app, const std::string& instance) const {
    Copies found = copies(app);
    std::erase_if(found, [&](const Copy& copy) { return copy.instance != instance; });
    if (found.size() != 1) {
        throw Failure(fmt::format("{} copies of {} {}", found.size(), app, instance));
    }
    return found.front();
}

bool ClusterTest::whole(const std::string& app, const std::string& service, int count,
                        const Names& hosts) const {
    std::multiset<std::string> wanted;
    for (int slot = 1; slot <= count; ++slot)
        wanted.insert(service + "/" + std::to_string(slot));
    std::multiset<std::string> found;
    for (const Copy& copy : copies(app, hosts)) {
        if (copy.instance.starts_with(service + "/")) found.insert(copy.instance);
    }
    return found == wanted;
}

Lives ClusterTest::lives(const std::string& app) const {
    Lives found;
    for (const Copy& copy : copies(app)) {
        const json container = cluster().docker(copy.host).inspect(copy.id);
        if (container.is_null()) continue;
        found[copy.host + " " + copy.instance] = {
            .id = copy.id, .started_at = container.at("State").at("StartedAt")};
    }
    return found;
}

std::string ClusterTest::leader() const {
    const auto answer = http(consul().endpoint(),
                             {.path = "/v1/kv/" + key("leader"), .limit = milliseconds(5'000)});
    if (answer.status != 200) return "";
    if (json::parse(answer.body).at(0).value("Session", "").empty()) return "";
    return consul().get_json(key("leader")).at("node");
}

std::uint64_t ClusterTest::epoch() const {
    const json document = consul().get_json(key("leader"));
    return document.is_null() ? 0 : document.at("epoch").get<std::uint64_t>();
}

std::string ClusterTest::await_leader_among(const Names& hosts, milliseconds limit) const {
    std::string found;
    await("one of the others leads",
          [&] {
              found = leader();
              return std::find(hosts.begin(), hosts.end(), found) != hosts.end();
          },
          {.limit = limit});
    return found;
}

std::string ClusterTest::follower() const {
    return hosts_but({await_leader_among(all_hosts)}).back();
}

std::set<std::string> ClusterTest::nodes() const {
    std::set<std::string> found;
    for (const std::string& name : consul().keys(key("nodes/")))
        found.insert(name.substr(key("nodes/").size()));
    return found;
}

Finished ClusterTest::nap(Argv arguments, milliseconds limit) const {
    arguments.insert(arguments.begin(), NAP_EXECUTABLE);
    return run(arguments, {.input = "",
                           .env = {{"NAP_CONFIG", cluster().dir() / "nap1/nap.yml"},
                                   {"NAP_PREFIX", prefix_},
                                   {"CONSUL_HTTP_ADDR", consul().address()},
                                   {"CONSUL_HTTP_TOKEN", ""},
                                   {"CONSUL_CACERT", ""},
                                   {"DOCKER_HOST", ""},
                                   {"DOCKER_CERT_PATH", ""}},
                           .limit = limit});
}

std::string ClusterTest::nap_ok(const Argv& arguments) const {
    const Finished finished = nap(arguments);
    if (finished.exit_code != 0) {
        throw Failure(fmt::format("exit code {}: nap {}\n{}{}", finished.exit_code,
                                  arguments.front(), finished.out, finished.err));
    }
    return finished.out;
}

HttpResponse ClusterTest::agent_get(const std::string& host, const std::string& path) const {
    return http(cluster().loopback(host, 7627), {.path = path, .limit = milliseconds(5'000)});
}

double ClusterTest::seconds_since(Steady::time_point then) {
    return std::chrono::duration<double>(Steady::now() - then).count();
}

/// What a command says; that it hangs or fails must not hide what else there is to see.
std::string ClusterTest::look(const Argv& command) {
    try {
        const Finished finished =
            run(command, {.input = "", .env = {}, .limit = milliseconds(5'000)});
        return finished.out + finished.err;
    } catch (const Failure& failure) {
        return failure.what();
    }
}

std::string ClusterTest::describe() const {
    std::string text = "\n";
    for (const std::string& host : all_hosts) {
        text += "== containers of " + host + "\n" +
                look({"docker", "--host", cluster().docker(host).url(), "ps", "-a", "--format",
                      "{{.Names}}\t{{.Status}}\t{{.Ports}}"});
    }
    for (const std::string& name : consul().keys(prefix_ + "/")) {
        text += "== " + name + "\n" + consul().get(name).value_or("").substr(0, 1200) + "\n";
    }
    for (const std::string& host : all_hosts)
        text += "== nap of " + host + "\n" + tail(log(host), 60);
    for (const std::string& host : all_hosts)
        text += "== Consul of " + host + "\n" + tail(cluster().dir() / host / "consul.log", 60);
    return text + "== nap status\n" +
           look({NAP_EXECUTABLE, "status", "--prefix", prefix_, "--consul-address",
                 consul().address()});
}

}  // namespace nap::test
