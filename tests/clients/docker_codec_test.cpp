#include "clients/docker_codec.hpp"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "captured.hpp"
#include "clients/line_buffer.hpp"
#include "model/rfc3339.hpp"

namespace nap::test {

TEST(DockerCodec, ReadsTheContainerList) {
    const auto list = decode_container_list(captured("docker-list.json"));
    ASSERT_TRUE(list) << list.error().message;
    ASSERT_EQ(list->size(), 2u);
    EXPECT_EQ(list->at(0).name, "other");
    EXPECT_EQ(list->at(0).fingerprint, "exited bridge=");
    EXPECT_FALSE(list->at(0).owner);
    EXPECT_EQ(list->at(1).fingerprint, "running(healthy) n1=172.18.0.2");
    EXPECT_EQ(list->at(1).owner->instance, (InstanceId{"web", 2}));
}

TEST(DockerCodec, FingerprintsIgnoreTheUptime) {
    const auto fingerprint = [](const std::string& status) {
        return decode_container_list(R"([{"Id":"1","Names":["/o/alias","/n"],"State":"running",)"
                                     R"("Status":")" +
                                     status + "\"}]")
            ->at(0)
            .fingerprint;
    };
    EXPECT_EQ(fingerprint("Up 3 seconds"), fingerprint("Up 2 days"));
    EXPECT_EQ(fingerprint("Up 1 second (unhealthy)"), "running(unhealthy)");
    EXPECT_EQ(fingerprint("Up 1 second (health: starting)"), "running(health: starting)");
}

TEST(DockerCodec, LinkedContainersKeepTheirOwnName) {
    const auto list = decode_container_list(
        R"([{"Id":"1","Names":["/other/alias","/own"],"State":"running","Labels":null}])");
    ASSERT_TRUE(list);
    EXPECT_EQ(list->at(0).name, "own");
}

TEST(DockerCodec, ReadsAnInspection) {
    const auto container = decode_container(captured("docker-inspect.json"));
    ASSERT_TRUE(container) << container.error().message;
    EXPECT_EQ(container->name, "web");
    EXPECT_EQ(container->id.str().substr(0, 8), "6804512b");
    EXPECT_EQ(container->owner->app.str(), "a");
    EXPECT_EQ(container->state, ContainerState::running);
    EXPECT_EQ(container->health, Health::healthy);
    EXPECT_EQ(container->health_output, "hello");
    EXPECT_EQ(container->started_at, parse_rfc3339("2026-11-21T04:01:23.317489431Z"));
    EXPECT_EQ(container->finished_at, TimePoint{});
    EXPECT_EQ(container->hosts_path,
              "/var/lib/docker/containers/" + container->id.str() + "/hosts");
    ASSERT_EQ(container->attachments.size(), 1u);
    EXPECT_EQ(container->attachments[0].network, "n1");
    EXPECT_EQ(container->attachments[0].address, "172.18.0.2");
    EXPECT_EQ(container->ports, (std::vector<PortSpec>{{53, 32768, "0.0.0.0", "udp"},
                                                       {53, 32768, "::", "udp"},
                                                       {80, 8080, "127.0.0.1", "tcp"}}));
    ASSERT_EQ(container->mounts.size(), 3u);
    EXPECT_EQ(container->mounts[1].volume, "v1");
    EXPECT_EQ(container->mounts[1].target, "/data");
    EXPECT_EQ(container->mounts[2].volume, "");
}

TEST(DockerCodec, InspectionsThatCannotBeReadNameTheField) {
    std::string text = captured("docker-inspect.json");
    text.replace(text.find("\"running\""), 9, "\"asleep!\"");
    const auto container = decode_container(text);
    ASSERT_FALSE(container);
    EXPECT_EQ(container.error().code, Errc::malformed);
    EXPECT_EQ(container.error().message,
              "container.State.Status: expected a container state, found string");
    EXPECT_EQ(decode_container("{}").error().message, "container.Id: missing; expected a string");
    EXPECT_FALSE(decode_container("<html>"));
}

TEST(DockerCodec, ReadsNetworksVolumesAndImages) {
    const auto networks = decode_network_list(captured("docker-networks.json"));
    ASSERT_TRUE(networks);
    ASSERT_EQ(networks->size(), 4u);
    EXPECT_EQ(networks->at(3).name, "n1");
    EXPECT_EQ(networks->at(3).owner->app.str(), "a");
    EXPECT_FALSE(networks->at(0).owner);
    const auto volumes = decode_volume_list(captured("docker-volumes.json"));
    ASSERT_TRUE(volumes);
    ASSERT_EQ(volumes->size(), 3u);
    EXPECT_TRUE(volumes->at(2).owner);
    EXPECT_TRUE(decode_volume_list(R"({"Volumes":null})")->empty());
    EXPECT_EQ(decode_image(captured("docker-image.json"))->str().substr(0, 13), "sha256:bc97fc");
}

TEST(DockerCodec, TellsTheSwarmsNetworksFromTheEnginesOwn) {
    const auto networks = decode_network_list(captured("docker-networks-swarm.json"));
    ASSERT_TRUE(networks);
    ASSERT_EQ(networks->size(), 2u);
    EXPECT_FALSE(networks->at(0).swarm);
    EXPECT_EQ(networks->at(1).name, "n1");
    EXPECT_TRUE(networks->at(1).swarm);
    EXPECT_TRUE(networks->at(1).owner);
}

// Managers list each other in any order, and workers list them too.
TEST(DockerCodec, MembersOfOneSwarmNameItAlike) {
    const auto manager = decode_info(captured("docker-info-manager.json"));
    const auto worker = decode_info(captured("docker-info-worker.json"));
    ASSERT_TRUE(manager);
    ASSERT_TRUE(worker);
    EXPECT_TRUE(manager->swarm_manager);
    EXPECT_FALSE(worker->swarm_manager);
    EXPECT_EQ(manager->swarm, "growdsxpjhrgsb0r5vzh479vy");
    EXPECT_EQ(worker->swarm, manager->swarm);
    const auto alone = decode_info(
        R"({"DockerRootDir":"/d","Swarm":{"LocalNodeState":"inactive","RemoteManagers":null}})");
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->swarm, "");
    EXPECT_FALSE(alone->swarm_manager);
}

TEST(DockerCodec, ReadsEvents) {
    std::istringstream lines(captured("docker-events.jsonl"));
    std::vector<std::string> seen;
    for (std::string line; std::getline(lines, line);) {
        const auto event = decode_event(line);
        ASSERT_TRUE(event) << line << event.error().message;
        if (event->action.starts_with("exec_") || event->action == "mount") continue;
        seen.push_back(event->type + " " + event->action + " " + event->id.substr(0, 8) + " " +
                       event->name.substr(0, 8) + (event->owner ? " ours" : "") +
                       (event->exit_code ? " " + std::to_string(*event->exit_code) : ""));
    }
    const std::vector<std::string> expected = {
        "image tag bb:1 bb:1",
        "image import sha256:b sha256:b",
        "network create f81a2bf1 n1",
        "volume create v1 ",
        "volume create v2 ",
        "volume create v1 ",
        "volume create c51ab1f3 ",
        "container create 6804512b web ours",
        "container connect 6804512b ",
        "container start 6804512b web ours",
        "container create 3c374e5d other",
        "container connect 3c374e5d ",
        "container start 3c374e5d other",
        "container die 3c374e5d other 1",
        "container disconnect 3c374e5d ",
        "container health_status: healthy 6804512b web ours",
    };
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(decode_event(R"({"Type":"container","Action":"die"})").error().code, Errc::malformed);
}

TEST(DockerCodec, ErrorsKeepTheirClass) {
    struct Case {
        const char* op;
        int status;
        const char* body;
        Errc code;
        const char* message;
    };
    for (const Case& expected : {
             Case{"inspect", 404, R"({"message":"No such container: x"})", Errc::not_found,
                  "inspect: No such container: x"},
             Case{"create_container", 404, R"({"message":"No such image: a:1"})", Errc::not_found,
                  "create_container: No such image: a:1"},
             Case{"start_container", 404, R"({"message":"network n not found"})", Errc::internal,
                  "start_container: network n not found"},
             Case{"start_container", 404, R"({"message":"No such container: x"})", Errc::not_found,
                  "start_container: No such container: x"},
             Case{"create_container", 409, R"({"message":"in use"})", Errc::conflict,
                  "create_container: in use"},
             Case{"connect_network", 403, R"({"message":"endpoint already exists in network"})",
                  Errc::conflict, "connect_network: endpoint already exists in network"},
             Case{"remove_network", 400,
                  R"({"message":"rpc error: code = FailedPrecondition desc = network n is in use )"
                  R"(by task t"})",
                  Errc::conflict, "remove_network: network n is in use"},
             Case{"remove_network", 500, R"({"message":"network n not found"})", Errc::not_found,
                  "remove_network: network n not found"},
             Case{"start_container", 500,
                  R"({"message":"Could not attach to network n: rpc error: code = NotFound )"
                  R"(desc = network n not found"})",
                  Errc::internal,
                  "start_container: Could not attach to network n: network n not found"},
             Case{"x", 403, R"({"message":"no"})", Errc::rejected, "x: no"},
             Case{"x", 400, R"({"message":"bad"})", Errc::rejected, "x: bad"},
             Case{"start_container", 500, R"({"message":"port is already allocated"})",
                  Errc::internal, "start_container: port is already allocated"},
             Case{"x", 502, "<html>", Errc::internal, "x: the engine answered 502 <html>"},
             Case{"x", 301, "", Errc::rejected, "x: the engine answered 301 "},
         }) {
        const Error error = docker_error(expected.op, expected.status, expected.body);
        EXPECT_EQ(error.code, expected.code) << expected.message;
        EXPECT_EQ(error.message, expected.message);
    }
}

TEST(DockerCodec, FindsFailuresInsideAPull) {
    EXPECT_TRUE(check_pull_line(R"({"status":"Pulling from library/redis","id":"7"})"));
    const auto failed =
        check_pull_line(R"({"errorDetail":{"message":"no space"},"error":"no space"})");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "no space");
    EXPECT_EQ(check_pull_line("pulling").error().code, Errc::malformed);
}

TEST(DockerCodec, DamagedAnswersAreErrorsAtMost) {
    std::mt19937 random(1);
    for (const char* name : {"docker-inspect.json", "docker-list.json", "docker-volumes.json"}) {
        const std::string text = captured(name);
        for (int i = 0; i < 1000; ++i) {
            std::string damaged = text;
            damaged[random() % damaged.size()] = static_cast<char>(random());
            damaged.resize(damaged.size() - random() % 2 * (random() % damaged.size()));
            (void)decode_container(damaged);
            (void)decode_container_list(damaged);
            (void)decode_volume_list(damaged);
            (void)decode_event(damaged);
            (void)docker_error("x", 500, damaged);
        }
    }
}

TEST(LineBuffer, PutsLinesBackTogether) {
    const std::string text = "one\ntwo\r\n\nthree\nfour";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        LineBuffer lines;
        std::vector<std::string> seen;
        for (const auto& chunk : {text.substr(0, cut), text.substr(cut)}) {
            ASSERT_TRUE(lines.add(chunk));
            while (auto line = lines.take()) {
                seen.push_back(*line);
            }
        }
        EXPECT_EQ(seen, (std::vector<std::string>{"one", "two\r", "three"})) << cut;
        EXPECT_EQ(lines.rest(), "four");
    }
}

TEST(LineBuffer, BoundsALine) {
    LineBuffer lines;
    ASSERT_TRUE(lines.add(std::string(LineBuffer::line_bytes_max, 'x')));
    EXPECT_EQ(lines.add("x").error().code, Errc::too_large);
}

}  // namespace nap::test
