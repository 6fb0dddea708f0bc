// Walks tests/golden: each folder holds a manifest, a host, and the plan that follows from them.
// NAP_UPDATE_GOLDEN=1 rewrites the plans; `git diff` then shows what has changed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "manifest/parse.hpp"
#include "model/rfc3339.hpp"
#include "reconciler/instances.hpp"
#include "support/world.hpp"

namespace nap::test {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// A time of day on the world's first day, `00:59:30` or `00:59:30.5`.
TimePoint read_time(const json& object, const char* key, TimePoint fallback) {
    if (!object.contains(key)) return fallback;
    const auto time = parse_rfc3339("2025-12-18T" + object[key].get<std::string>() + "Z");
    EXPECT_TRUE(time) << key;
    return time ? *time : fallback;
}

InstanceId read_instance(const std::string& text) {
    const auto slash = text.find('/');
    return {text.substr(0, slash), std::stoi(text.substr(slash + 1))};
}

ContainerState read_state(const std::string& text) {
    for (int i = 0; i <= static_cast<int>(ContainerState::dead); ++i) {
        const auto state = static_cast<ContainerState>(i);
        if (text == to_string(state)) return state;
    }
    ADD_FAILURE() << "no state " << text;
    return ContainerState::created;
}

Health read_health(const std::string& text) {
    for (const Health health : {Health::starting, Health::healthy, Health::unhealthy}) {
        if (text == to_string(health)) return health;
    }
    return Health::none;
}

/// `owner` may name another cluster or app; null is nobody.
void read_owner(const json& from, std::optional<OwnerLabels>& owner) {
    if (!from.contains("owner")) return;
    if (from["owner"].is_null()) {
        owner.reset();
        return;
    }
    const json& given = from["owner"];
    if (given.contains("cluster")) owner->cluster = ClusterId(given["cluster"]);
    if (given.contains("app")) owner->app = AppId(given["app"]);
}

void read_attachments(const json& from, ObservedContainer& container) {
    container.attachments.clear();
    for (const json& item : from) {
        const std::string network = item["network"];
        container.attachments.push_back({network,
                                         NetworkId(item.value("id", network_id(network).str())),
                                         item.value("address", std::string())});
    }
}

void read_end(const json& from, ObservedContainer& container) {
    container.exit_code = from.value("exit_code", 0);
    container.oom_killed = from.value("oom_killed", false);
    container.error = from.value("error", "");
    container.health = read_health(from.value("health", "none"));
    container.health_output = from.value("health_output", "");
    for (const json& item : from.value("mounts", json::array())) {
        container.mounts.push_back({item["volume"], item["target"]});
    }
}

void read_container(const json& from, World& world) {
    const InstanceId instance = read_instance(from["instance"]);
    ObservedContainer container = running_container(world, instance, from["id"]);
    container.name = from.value("name", container.name);
    container.state = read_state(from.value("state", "running"));
    container.owner->config_hash = from.value("config", container.owner->config_hash);
    container.image_id = ImageId(from.value("image_id", container.image_id.str()));
    container.created_at = read_time(from, "created", container.created_at);
    const bool never_started = container.state == ContainerState::created;
    container.started_at =
        read_time(from, "started", never_started ? TimePoint{} : container.started_at);
    container.finished_at = read_time(from, "finished", {});
    read_owner(from, container.owner);
    read_end(from, container);
    if (container.state != ContainerState::running) {
        for (Attachment& attachment : container.attachments)
            attachment.address.clear();
    }
    for (const json& id : from.value("shares", json::array()))
        container.shares.emplace_back(id.get<std::string>());
    if (from.contains("attachments")) read_attachments(from["attachments"], container);
    add_container(world, std::move(container));
}

void read_networks(const json& from, World& world) {
    if (!from.contains("networks")) return add_networks(world);
    world.host.networks.push_back({network_id("bridge"), "bridge", std::nullopt});
    for (const json& item : from["networks"]) {
        const std::string name = item["name"];
        std::string hash = config_hash(NetworkSpec{});
        for (const auto& [key, spec] : world.app.networks) {
            if (spec.name == name) hash = config_hash(spec);
        }
        ObservedNetwork network{NetworkId(item.value("id", network_id(name).str())), name,
                                owner_of(world, {}, item.value("config", hash))};
        network.swarm = item.value("swarm", false);
        if (network.swarm) network.id = NetworkId(item.value("id", swarm_network_id(name).str()));
        read_owner(item, network.owner);
        world.host.networks.push_back(std::move(network));
    }
}

void read_volumes(const json& from, World& world) {
    if (!from.contains("volumes")) return add_volumes(world);
    for (const json& item : from["volumes"]) {
        ObservedVolume volume{item["name"], owner_of(world, {}, {})};
        read_owner(item, volume.owner);
        world.host.volumes.push_back(std::move(volume));
    }
}

void read_images(const json& from, World& world) {
    if (!from.contains("images")) return add_images(world);
    for (const auto& [reference, id] : from["images"].items()) {
        world.host.images[reference] = ImageId(id);
    }
}

void read_attempts(const json& from, World& world) {
    for (const auto& [object, item] : from.items()) {
        Attempt& attempt = world.attempts[object];
        attempt.failures = item.value("failures", 0);
        attempt.deaths = item.value("deaths", 0);
        attempt.not_before = read_time(item, "not_before", {});
        attempt.last_error = item.value("last_error", "");
    }
}

NetworkScope read_scope(const std::string& text) {
    for (const auto scope : {NetworkScope::local, NetworkScope::overlay, NetworkScope::routed}) {
        if (text == to_string(scope)) return scope;
    }
    ADD_FAILURE() << "no scope " << text;
    return NetworkScope::local;
}

/// What other hosts have to do with it.
void read_cluster(const json& from, World& world) {
    world.scope = read_scope(from.value("scope", "local"));
    world.elsewhere = from.value("elsewhere", false);
    world.swarm_manager = from.value("swarm_manager", false);
    world.frozen = from.value("frozen", false);
    for (const json& item : from.value("peers", json::array())) {
        world.peers.push_back({.instance = read_instance(item["instance"]),
                               .name = item["name"],
                               .addresses = item.value("addresses", StringMap{})});
    }
}

void read_rest(const json& from, World& world) {
    world.remove = from.value("remove", false);
    world.now = read_time(from, "now", world.now);
    world.busy = from.value("busy", std::set<std::string>{});
    world.policy.allow = from.value("allow", std::vector<std::string>{});
    world.instances = all_instances(world.app);
    if (world.remove) world.instances.clear();
    if (from.contains("instances")) {
        world.instances.clear();
        for (const json& item : from["instances"])
            world.instances.push_back(read_instance(item));
    }
    const json names = from.value("names", json::object());
    const json blocks = from.value("hosts_blocks", json::object());
    for (const auto& [name, id] : names.items()) {
        world.host.names[name] = ContainerId(id);
    }
    for (const auto& [id, block] : blocks.items()) {
        world.host.hosts_blocks.erase(ContainerId(id));
        if (block.is_string()) world.host.hosts_blocks[ContainerId(id)] = block;
    }
}

std::optional<World> read_world(const fs::path& folder) {
    const json from = json::parse(read_text(folder / "observed.json"));
    World world;
    const AppId app(from.value("app", "guestbook"));
    const auto parsed =
        parse_manifest(app, {.file = "desired.yaml", .text = read_text(folder / "desired.yaml")});
    for (const ManifestError& error : parsed.errors)
        ADD_FAILURE() << to_string(error);
    if (!parsed.spec) return std::nullopt;
    world.app = *parsed.spec;
    read_cluster(from, world);
    read_networks(from, world);
    read_volumes(from, world);
    read_images(from, world);
    for (const json& item : from.value("containers", json::array()))
        read_container(item, world);
    read_attempts(from.value("attempts", json::object()), world);
    read_rest(from, world);
    return world;
}

std::string plan_text(const World& world) {
    const Plan plan = world.plan();
    std::string text = to_string(plan);
    for (const Step& step : plan.steps) {
        const auto* write = std::get_if<WriteHosts>(&step.action);
        if (write == nullptr) continue;
        text += "hosts of " + to_string(write->instance) + ":\n" + write->block;
    }
    if (plan.look_again) text += "look again at " + format_rfc3339(*plan.look_again) + "\n";
    return text.empty() ? "nothing to do\n" : text;
}

std::vector<std::string> cases() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(NAP_SOURCE_DIR "/tests/golden")) {
        if (entry.is_directory() && !fs::is_empty(entry)) names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

class Golden : public ::testing::TestWithParam<std::string> {};

TEST_P(Golden, PlanIsAsWritten) {
    const fs::path folder = fs::path(NAP_SOURCE_DIR "/tests/golden") / GetParam();
    const auto world = read_world(folder);
    ASSERT_TRUE(world);
    const std::string text = plan_text(*world);
    if (std::getenv("NAP_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(folder / "plan.txt") << text;
    } else {
        EXPECT_EQ(text, read_text(folder / "plan.txt"));
    }
}

std::string test_name(const ::testing::TestParamInfo<std::string>& golden) {
    std::string name = golden.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, ::testing::ValuesIn(cases()), test_name);

TEST(GoldenFolder, HasItsCases) {
    EXPECT_GE(cases().size(), 26U);
}

}  // namespace
}  // namespace nap::test
