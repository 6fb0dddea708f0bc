#include "clients/docker_engine.hpp"

#include <gtest/gtest.h>

#include "loopback_server.hpp"

namespace nap::test {

namespace {

class DockerEngineTest : public ::testing::Test {
  protected:
    void SetUp() override {
        DockerOptions options;
        options.host = server.address();
        engine = DockerEngine::create(io.get_executor(), options).value();
    }

    static Reply pong(const std::string& version) {
        return reply(200, "OK", "Api-Version: " + version + "\r\n");
    }

    /// The request line of the i-th request.
    std::string line(std::size_t i) const {
        return server.requests.at(i).substr(0, server.requests.at(i).find(" HTTP/"));
    }

    asio::io_context io;
    LoopbackServer server{io};
    std::unique_ptr<DockerEngine> engine;
    const ContainerId id{"c1"};
};

const std::string event_line =
    R"({"Type":"container","Action":"die","Actor":{"ID":"c1","Attributes":{"exitCode":"7"}},)"
    R"("timeNano":5})"
    "\n";

}  // namespace

TEST_F(DockerEngineTest, NegotiatesOnce) {
    server.replies = {pong("1.41"), reply(200, "[]"), reply(200, "[]")};
    EXPECT_TRUE(run(io, engine->list_containers()));
    EXPECT_TRUE(run(io, engine->list_networks()));
    EXPECT_EQ(line(0), "GET /_ping");
    EXPECT_EQ(line(1), "GET /v1.41/containers/json?all=1");
    EXPECT_EQ(line(2), "GET /v1.41/networks");
}

TEST_F(DockerEngineTest, AsksForNoVersionItDoesNotKnow) {
    server.replies = {pong("1.99"), reply(200, "[]")};
    EXPECT_TRUE(run(io, engine->list_containers()));
    EXPECT_EQ(line(1), "GET /v1.47/containers/json?all=1");
}

TEST_F(DockerEngineTest, RefusesEnginesThatAreTooOld) {
    for (const std::string version : {"1.40", "2.0", "x", ""}) {
        server.replies = {pong(version)};
        const auto list = run(io, engine->list_containers());
        ASSERT_FALSE(list) << version;
        EXPECT_EQ(list.error().code, Errc::rejected);
    }
}

TEST_F(DockerEngineTest, NegotiatesAgainAfterALostConnection) {
    server.replies = {pong("1.41"), {{}, true}, pong("1.43"), reply(204)};
    EXPECT_EQ(run(io, engine->start_container(id)).error().code, Errc::unreachable);
    EXPECT_TRUE(run(io, engine->start_container(id)));
    EXPECT_EQ(line(3), "POST /v1.43/containers/c1/start");
}

TEST_F(DockerEngineTest, AlreadySoIsSuccess) {
    server.replies = {pong("1.41"), reply(304), reply(304),
                      reply(500, R"({"message":"Container c1 is not paused"})"),
                      reply(404, R"({"message":"No such image: x"})")};
    EXPECT_TRUE(run(io, engine->start_container(id)));
    EXPECT_TRUE(run(io, engine->stop_container(id, milliseconds{1500})));
    EXPECT_TRUE(run(io, engine->unpause_container(id)));
    const auto image = run(io, engine->find_image("host:5000/x:1"));
    ASSERT_TRUE(image);
    EXPECT_FALSE(image->has_value());
    EXPECT_EQ(line(2), "POST /v1.41/containers/c1/stop?t=2");
    EXPECT_EQ(line(4), "GET /v1.41/images/host:5000/x:1/json");
}

TEST_F(DockerEngineTest, NamesCannotLeaveTheirPlace) {
    server.replies = {pong("1.41"), reply(204), reply(204), reply(204)};
    EXPECT_TRUE(run(io, engine->remove_container(ContainerId("../x?force=1"))));
    EXPECT_TRUE(run(io, engine->rename_container(id, "a&b=c\r\nX: y")));
    EXPECT_TRUE(run(io, engine->signal_container(id, "HUP&x")));
    EXPECT_EQ(line(1), "DELETE /v1.41/containers/..%2Fx%3Fforce%3D1?force=0&v=0");
    EXPECT_EQ(line(2), "POST /v1.41/containers/c1/rename?name=a%26b%3Dc%0D%0AX%3A%20y");
    EXPECT_EQ(line(3), "POST /v1.41/containers/c1/kill?signal=HUP%26x");
}

TEST_F(DockerEngineTest, PullsAreProvenByAnInspection) {
    const std::string progress = "{\"status\":\"Pulling\"}\r\n{\"status\":\"Done\"}";
    server.replies = {pong("1.41"), reply(200, progress), reply(200, R"({"Id":"sha256:1"})"),
                      reply(200, progress), reply(404, R"({"message":"No such image"})")};
    EXPECT_TRUE(run(io, engine->pull_image("redis", "")));
    EXPECT_EQ(line(1), "POST /v1.41/images/create?fromImage=redis&tag=latest");
    EXPECT_EQ(line(2), "GET /v1.41/images/redis/json");
    EXPECT_EQ(run(io, engine->pull_image("redis", "")).error().code, Errc::internal);
}

TEST_F(DockerEngineTest, PullsFailInsideTheirBody) {
    const std::string body = "{\"status\":\"Pulling\"}\r\n{\"error\":\"no space\"}";
    server.replies = {pong("1.41"), reply(200, body + "\r\n"), reply(200, body)};
    for (int i = 0; i < 2; ++i) {
        const auto pulled = run(io, engine->pull_image("redis", ""));
        ASSERT_FALSE(pulled);
        EXPECT_EQ(pulled.error().message, "pull_image redis: no space");
    }
}

TEST_F(DockerEngineTest, EventsHoweverTheyAreCut) {
    const auto chunk = [](const std::string& text) {
        char size[16];
        std::snprintf(size, sizeof size, "%zx\r\n", text.size());
        return size + text + "\r\n";
    };
    for (std::size_t cut = 1; cut < event_line.size(); cut += 7) {
        server.replies = {pong("1.41"),
                          {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                chunk(event_line + event_line.substr(0, cut)),
                            chunk(event_line.substr(cut)) + "0\r\n\r\n"},
                           false,
                           milliseconds{1}}};
        auto stream = run(io, engine->open_events(TimePoint{nanoseconds{1'500'000'001}}));
        ASSERT_TRUE(stream) << stream.error().message;
        for (int i = 0; i < 2; ++i) {
            const auto event = run(io, (*stream)->next());
            ASSERT_TRUE(event) << cut << ": " << event.error().message;
            EXPECT_EQ(event->action, "die");
            EXPECT_EQ(event->exit_code, 7);
            EXPECT_EQ(event->time, TimePoint{nanoseconds{5}});
        }
        EXPECT_EQ(run(io, (*stream)->next()).error().code, Errc::unreachable);
    }
    EXPECT_EQ(line(1).substr(0, 41), "GET /v1.41/events?since=1.500000001&filte");
}

TEST_F(DockerEngineTest, RefusedStreamsTellWhy) {
    server.replies = {pong("1.41"), reply(400, R"({"message":"invalid filter"})")};
    const auto stream = run(io, engine->open_events(TimePoint{}));
    ASSERT_FALSE(stream);
    EXPECT_EQ(stream.error().code, Errc::rejected);
    EXPECT_EQ(stream.error().message, "events: invalid filter");
}

TEST_F(DockerEngineTest, InfoAsksTwice) {
    server.replies = {pong("1.41"), reply(200, R"({"Version":"20.10.24","ApiVersion":"1.41"})"),
                      reply(200, R"({"DockerRootDir":"/var/lib/docker"})")};
    const auto info = run(io, engine->info());
    ASSERT_TRUE(info);
    EXPECT_EQ(info->version, "20.10.24");
    EXPECT_EQ(info->root_dir, "/var/lib/docker");
}

TEST(DockerEngineOptions, BadAddressesAndCertificatesAreToldAtOnce) {
    asio::io_context io;
    DockerOptions options;
    options.host = "ssh://host";
    EXPECT_EQ(DockerEngine::create(io.get_executor(), options).error().code, Errc::rejected);
    options.host = "tcp://127.0.0.1:2376";
    options.cert_path = "/nonexistent";
    EXPECT_EQ(DockerEngine::create(io.get_executor(), options).error().code, Errc::io);
}

}  // namespace nap::test
