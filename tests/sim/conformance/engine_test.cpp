// The same calls to a real dockerd and to the simulated engine.
#include <gtest/gtest.h>

#include "sim/conformance/engine_script.hpp"

namespace nap::sim {
namespace {

using Task = asio::awaitable<void>;
using Script = EngineScript;

constexpr milliseconds second{1000};

Task lifecycle(Engine& engine, TimePoint now, Transcript& said) {
    Script s(engine, now, said);
    co_await s.list();
    co_await s.list_networks();
    co_await s.find_image("nap/busybox:1");
    co_await s.find_image("nap/none:1");
    co_await s.look("web");
    ContainerConfig config = Script::sleeper();
    config.labels = {{"io.nap.cluster", "u"}, {"io.nap.app", "shop"}};
    co_await s.create("web", config);
    co_await s.look("web");
    co_await s.list();
    co_await s.stop("web");
    co_await s.kill("web", "HUP");
    co_await s.unpause("web");
    co_await s.start("web");
    co_await s.look("web");
    co_await s.list();
    co_await s.start("web");
    co_await s.unpause("web");
    co_await s.remove("web");
    co_await s.stop("web", 5 * second);
    co_await s.look("web");
    co_await s.list();
    co_await s.stop("web");
    co_await s.kill("web", "HUP");
    co_await s.start("web");
    co_await s.kill("web", "KILL");
    co_await s.look("web");
    co_await s.remove("web");
    co_await s.look("web");
    co_await s.remove("web");
    co_await s.start("web");
    co_await s.stop("web");
    co_await s.list();
    co_await s.tell_events();
}

TEST(EngineConformance, TheLifeOfAContainer) {
    expect_same(EngineUse(lifecycle));
}

Task ends(Engine& engine, TimePoint now, Transcript& said) {
    Script s(engine, now, said);
    co_await s.create("good", Script::ender(0));
    co_await s.create("bad", Script::ender(3));
    co_await s.create("deaf", Script::deaf());
    co_await s.start("good");
    co_await s.pass(second);
    co_await s.look("good");
    co_await s.start("bad");
    co_await s.pass(second);
    co_await s.look("bad");
    co_await s.start("bad");
    co_await s.look("bad");
    co_await s.pass(second);
    co_await s.look("bad");
    co_await s.start("deaf");
    co_await s.stop("deaf", second);
    co_await s.look("deaf");
    co_await s.tell_events();
}

TEST(EngineConformance, HowContainersEnd) {
    expect_same(EngineUse(ends));
}

Task restarts(Engine& engine, TimePoint now, Transcript& said) {
    Script s(engine, now, said);
    co_await s.restart("web");
    co_await s.create("web", Script::sleeper());
    co_await s.restart("web", second);
    co_await s.look("web");
    co_await s.restart("web", 5 * second);
    co_await s.look("web");
    co_await s.tell_events();
}

TEST(EngineConformance, Restarts) {
    expect_same(EngineUse(restarts));
}

Task names(Engine& engine, TimePoint now, Transcript& said) {
    Script s(engine, now, said);
    co_await s.create("name-a", Script::sleeper());
    co_await s.create("name-b", Script::sleeper());
    co_await s.create("name-a", Script::sleeper());
    ContainerConfig no_image = Script::sleeper();
    no_image.image = "nap/none:1";
    co_await s.create("name-c", no_image);
    co_await s.rename("name-a", "name-a");
    co_await s.rename("name-a", "name-b");
    co_await s.rename("nobody", "name-d");
    co_await s.rename("name-a", "name-c");
    co_await s.create("name-a", Script::sleeper());
    co_await s.list();
    co_await s.start("name-c");
    co_await s.rename("name-c", "name-d");
    co_await s.look("name-d");
    co_await s.tell_events();
}

TEST(EngineConformance, Names) {
    expect_same(EngineUse(names));
}

Task networks(Engine& engine, TimePoint now, Transcript& said) {
    Script s(engine, now, said);
    co_await s.create_network("front");
    co_await s.create_network("back");
    co_await s.create_network("front");
    ContainerConfig config = Script::sleeper();
    config.networks = {{.network = "front", .aliases = {}, .links = {}}};
    co_await s.create("web", config);
    co_await s.look("web");
    co_await s.connect("web", "back");
    co_await s.look("web");
    co_await s.connect("web", "back");
    co_await s.connect("nobody", "back");
    co_await s.look("web");
    co_await s.start("web");
    co_await s.look("web");
    co_await s.connect("web", "back");
    co_await s.remove_network("back");
    co_await s.remove_network("none-such");
    co_await s.create("plain", Script::sleeper());
    co_await s.start("plain");
    co_await s.look("plain");
    co_await s.connect("plain", "none-such");
    co_await s.connect("plain", "back");
    co_await s.look("plain");
    co_await s.stop("web", 5 * second);
    co_await s.look("web");
    // Of several networks the engine starts with any, so this one has one.
    co_await s.create("solo", config);
    co_await s.start("solo");
    co_await s.stop("solo", 5 * second);
    co_await s.remove_network("front");
    co_await s.start("solo");
    co_await s.look("solo");
    co_await s.create_network("front");
    co_await s.start("solo");
    co_await s.look("solo");
    config.networks.front().network = "none-such";
    co_await s.create("lost", config);
    co_await s.start("lost");
    co_await s.look("lost");
    co_await s.list_networks();
    co_await s.create("stray", Script::sleeper());
    co_await s.connect("stray", "none-such");
    co_await s.look("stray");
    co_await s.start("stray");
    co_await s.look("stray");
    co_await s.tell_events();
}

TEST(EngineConformance, Networks) {
    expect_same(EngineUse(networks));
}

Task ports(Engine& engine, TimePoint now, Transcript& said) {
    Script s(engine, now, said);
    ContainerConfig config = Script::sleeper();
    config.ports = {{.target = 80, .published = 20'080}};
    co_await s.create("port-a", config);
    co_await s.look("port-a");
    co_await s.create("port-b", config);
    co_await s.start("port-a");
    co_await s.look("port-a");
    co_await s.start("port-b");
    co_await s.look("port-b");
    co_await s.list();
    co_await s.stop("port-a", 5 * second);
    co_await s.look("port-a");
    co_await s.start("port-b");
    co_await s.look("port-b");
    config.ports = {{.target = 80, .published = 0}};
    co_await s.create("port-c", config);
    co_await s.start("port-c");
    co_await s.look("port-c");
    co_await s.tell_events();
}

TEST(EngineConformance, Ports) {
    expect_same(EngineUse(ports));
}

Task volumes(Engine& engine, TimePoint now, Transcript& said) {
    Script s(engine, now, said);
    co_await s.create_volume("data");
    co_await s.create_volume("data");
    ContainerConfig config = Script::sleeper();
    config.mounts = {{.kind = MountKind::volume, .source = "data", .target = "/a"},
                     {.kind = MountKind::volume, .source = "fresh", .target = "/b"}};
    co_await s.create("web", config);
    co_await s.list_volumes();
    co_await s.look("web");
    config.mounts = {{.kind = MountKind::anonymous, .source = {}, .target = "/c"}};
    co_await s.create("unnamed", config);
    co_await s.list_volumes();
    co_await s.look("unnamed");
    co_await s.remove("web");
    co_await s.remove("unnamed");
    co_await s.list_volumes();
    co_await s.tell_events();
}

TEST(EngineConformance, Volumes) {
    expect_same(EngineUse(volumes));
}

Task hooks(Engine& engine, TimePoint now, Transcript& said) {
    Script s(engine, now, said);
    const std::vector<std::string> good{"true"};
    co_await s.run_hook("missing", good);
    co_await s.create("web", Script::sleeper());
    co_await s.run_hook("web", good);
    co_await s.start("web");
    co_await s.run_hook("web", good);
    const std::vector<std::string> bad{"sh", "-c", "exit 3"};
    co_await s.run_hook("web", bad);
    co_await s.stop("web", 5 * second);
    co_await s.run_hook("web", good);
    co_await s.tell_events();
}

TEST(EngineConformance, Hooks) {
    expect_same(EngineUse(hooks));
}

Task health(Engine& engine, TimePoint now, Transcript& said) {
    Script s(engine, now, said);
    ContainerConfig config = Script::sleeper();
    config.healthcheck = Healthcheck{.test = {"CMD", "true"}, .interval = 3 * second};
    co_await s.create("web", config);
    co_await s.look("web");
    co_await s.start("web");
    co_await s.look("web");
    co_await s.list();
    co_await s.pass(5 * second);
    co_await s.look("web");
    co_await s.list();
    co_await s.stop("web", 5 * second);
    co_await s.look("web");
    co_await s.tell_events();
}

TEST(EngineConformance, Health) {
    expect_same(EngineUse(health));
}

}  // namespace
}  // namespace nap::sim
