#include "support/nap_test.hpp"

#include <fmt/format.h>

namespace nap::test {

namespace {

std::string next_prefix() {
    static int count = 0;
    return "it" + std::to_string(++count);
}

bool is_running(const json& container) {
    return container.at("State").at("Status") == "running";
}

}  // namespace

NapTest::NapTest() : prefix_(next_prefix()), dir_(testbed().scratch() / prefix_) {
    std::filesystem::create_directories(dir_);
}

void NapTest::TearDown() {
    if (HasFailure()) ADD_FAILURE() << describe();
    agents_.clear();
    testbed().repair();
    docker().purge();
    consul().remove_tree(prefix_ + "/");
    std::filesystem::remove_all(dir_);
}

AgentOptions NapTest::agent_options() const {
    return {.prefix = prefix_,
            .docker_socket = docker().socket(),
            .consul_address = consul().address()};
}

Agent& NapTest::start_agent(const AgentOptions& options) {
    const auto dir = dir_ / fmt::format("agent{}", agents_.size());
    agents_.push_back(std::make_unique<Agent>(dir, options));
    agents_.back()->start();
    agents_.back()->await_ready();
    return *agents_.back();
}

void NapTest::put(const std::string& app, const std::string& manifest) const {
    consul().put(key("apps/" + app), manifest);
}

void NapTest::unput(const std::string& app) const {
    consul().remove(key("apps/" + app));
}

json NapTest::status(const std::string& app) const {
    const json document = consul().get_json(key("status/" + app));
    return document.is_object() ? document : json();
}

json NapTest::observed(const std::string& app) const {
    const json document = consul().get_json(key("observed/nap0/" + app));
    return document.is_object() ? document : json();
}

json NapTest::observed_instance(const std::string& app, const std::string& service,
                                int slot) const {
    const json report = observed(app);
    if (report.is_null()) return nullptr;
    for (const json& instance : report.at("instances")) {
        if (instance.at("service") == service && instance.at("slot") == slot) return instance;
    }
    return nullptr;
}

void NapTest::await_phase(const std::string& app, const std::string& phase,
                          milliseconds limit) const {
    const std::uint64_t index = consul().modify_index(key("apps/" + app));
    await(app + " is " + phase,
          [&] {
              const json document = status(app);
              return !document.is_null() && document.at("modify_index") == index &&
                     document.at("phase") == phase;
          },
          {.limit = limit});
}

void NapTest::await_degraded(const std::string& app, const std::string& part) const {
    const std::uint64_t index = consul().modify_index(key("apps/" + app));
    await(fmt::format("{} is degraded: {}", app, part), [&] {
        const json document = status(app);
        return !document.is_null() && document.at("modify_index") == index &&
               document.at("phase") == "degraded" &&
               document.at("message").get<std::string>().find(part) != std::string::npos;
    });
}

void NapTest::await_gone(const std::string& app) const {
    await(app + " is gone", [&] {
        return ids(app).empty() && status(app).is_null() && observed(app).is_null() &&
               !consul().get(key("assigned/nap0/" + app));
    });
}

void NapTest::deploy(const std::string& app, const std::string& manifest) const {
    put(app, manifest);
    await_converged(app);
}

std::vector<std::string> NapTest::ids(const std::string& app) const {
    return docker().containers({"io.nap.app=" + app});
}

json NapTest::instance(const std::string& app, const std::string& service, int slot) const {
    const auto found = docker().containers(
        {"io.nap.app=" + app, "io.nap.service=" + service, "io.nap.slot=" + std::to_string(slot)});
    if (found.size() != 1) {
        throw Failure(fmt::format("{} containers of {} {}/{}", found.size(), app, service, slot));
    }
    return docker().inspect(found.front());
}

std::string NapTest::id_of(const std::string& app, const std::string& service, int slot) const {
    return instance(app, service, slot).at("Id");
}

std::string NapTest::address_of(const std::string& app, const std::string& service,
                                const std::string& network) const {
    return instance(app, service).at("NetworkSettings").at("Networks").at(network).at("IPAddress");
}

Lives NapTest::lives(const std::string& app) const {
    Lives found;
    for (const std::string& id : ids(app)) {
        const json container = docker().inspect(id);
        if (container.is_null() || !is_running(container)) continue;
        const json& labels = container.at("Config").at("Labels");
        const std::string name = labels.at("io.nap.service").get<std::string>() + "/" +
                                 labels.at("io.nap.slot").get<std::string>();
        if (found.contains(name)) throw Failure("two containers run as " + app + " " + name);
        found[name] = {.id = id, .started_at = container.at("State").at("StartedAt")};
    }
    return found;
}

Life NapTest::await_new_life(const std::string& app, const std::string& instance,
                             const Life& before) const {
    Life now;
    await(app + " " + instance + " runs again", [&] {
        const Lives all = lives(app);
        const auto found = all.find(instance);
        if (found == all.end() || found->second == before) return false;
        now = found->second;
        return true;
    });
    return now;
}

std::string NapTest::exec(const std::string& container, const Argv& command) const {
    Argv arguments{"exec", container};
    arguments.insert(arguments.end(), command.begin(), command.end());
    return docker().cli(arguments);
}

std::string NapTest::write_manifest(const std::string& text) const {
    static int count = 0;
    const auto path = dir_ / fmt::format("manifest{}.yml", ++count);
    write_file(path, text);
    return path;
}

std::string NapTest::describe() const {
    std::string text = "\n== containers\n";
    const Finished ps = run({"docker", "--host", docker().url(), "ps", "-a"});
    text += ps.out + ps.err;
    for (const std::string& name : consul().keys(prefix_ + "/")) {
        text += "== " + name + "\n" + consul().get(name).value_or("").substr(0, 1500) + "\n";
    }
    for (const auto& agent : agents_) {
        text += "== " + agent->log().string() + "\n" + tail(agent->log(), 80);
        text += "== nap status\n" + agent->nap({"status"}).out;
    }
    return text;
}

std::string sleeper(const std::string& name, const std::string& more) {
    std::string text = "  " + name + ":\n" +
                       "    image: nap/busybox:1\n"
                       "    command: sleep 100000\n"
                       "    stop_signal: KILL\n";
    return text + more;
}

std::vector<json> objects_with(const json& document, const std::string& field) {
    std::vector<json> found;
    if (document.is_object() && document.contains(field)) found.push_back(document);
    if (!document.is_structured()) return found;
    for (const json& part : document) {
        const auto inner = objects_with(part, field);
        found.insert(found.end(), inner.begin(), inner.end());
    }
    return found;
}

}  // namespace nap::test
