#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <filesystem>

#include "loopback_server.hpp"

namespace nap::test {

namespace {

class HttpClientTest : public ::testing::Test {
  protected:
    HttpClient client_to(const std::string& address, HttpOptions options = {}) {
        options.endpoint = parse_endpoint(address, 1).value();
        options.observer = [this](std::string_view op, std::string_view code, double) {
            observed.push_back(std::string(op) + " " + std::string(code));
        };
        return HttpClient::create(io.get_executor(), std::move(options)).value();
    }

    Result<HttpResponse> get(HttpClient& client, HttpRequest request = {}) {
        if (request.op.empty()) request.op = "test";
        if (request.target.empty()) request.target = "/x";
        return run(io, client.request(std::move(request)));
    }

    asio::io_context io;
    LoopbackServer server{io};
    std::vector<std::string> observed;
};

HttpRequest idempotent() {
    HttpRequest request;
    request.idempotent = true;
    return request;
}

}  // namespace

TEST_F(HttpClientTest, ReusesConnections) {
    server.replies = {reply(200, "one"),
                      reply(404, "two"),
                      {{"HTTP/1.1 204 X\r\n\r\n"}},
                      reply(200, "four", "Api-Version: 1.41\r\n")};
    HttpClient client = client_to(server.address());
    EXPECT_EQ(get(client)->body, "one");
    EXPECT_EQ(get(client)->status, 404);
    EXPECT_EQ(get(client)->status, 204);
    const auto last = get(client);
    EXPECT_EQ(find_header(last->headers, "api-VERSION"), "1.41");
    EXPECT_EQ(server.connections, 1);
    EXPECT_EQ(observed, (std::vector<std::string>{"test 200", "test 404", "test 204", "test 200"}));
}

TEST_F(HttpClientTest, ConnectsAnewWhenAskedTo) {
    server.replies = {reply(200), reply(200), reply(200)};
    HttpClient client = client_to(server.address());
    HttpRequest anew;
    anew.on_new_connection = true;
    ASSERT_TRUE(get(client));
    ASSERT_TRUE(get(client, anew));
    EXPECT_EQ(server.connections, 2);
    ASSERT_TRUE(get(client));
    EXPECT_EQ(server.connections, 2) << "the others still reuse what is kept";
}

TEST_F(HttpClientTest, SendsHeadersAndBody) {
    server.replies = {reply(200), reply(200)};
    HttpOptions options;
    options.headers = {{"X-Consul-Token", "secret"}};
    HttpClient client = client_to(server.address(), options);
    HttpRequest request;
    request.method = "PUT";
    request.target = "/a?b=c";
    request.body = "{}";
    ASSERT_TRUE(get(client, request));
    request.body.clear();
    ASSERT_TRUE(get(client, request));
    const std::string host = server.address().substr(7);
    EXPECT_EQ(server.requests[0], "PUT /a?b=c HTTP/1.1\r\nHost: " + host +
                                      "\r\nUser-Agent: nap\r\nX-Consul-Token: secret\r\n"
                                      "Content-Type: application/json\r\nContent-Length: 2\r\n"
                                      "\r\n{}");
    EXPECT_NE(server.requests[1].find("Content-Length: 0\r\n"), std::string::npos);
}

TEST_F(HttpClientTest, RefusesLineBreaks) {
    HttpClient client = client_to(server.address());
    HttpRequest request;
    request.target = "/a\r\nX-Evil: 1";
    EXPECT_EQ(get(client, request).error().code, Errc::rejected);
    HttpOptions options;
    options.endpoint = parse_endpoint(server.address(), 1).value();
    options.headers = {{"X-Consul-Token", "sec\nret"}};
    const auto made = HttpClient::create(io.get_executor(), options);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Errc::rejected);
    EXPECT_EQ(made.error().message.find("sec"), std::string::npos);
}

TEST_F(HttpClientTest, NoticesAConnectionClosedWhileIdle) {
    server.replies = {reply(200), reply(200, "again")};
    server.replies[0].close = true;
    HttpClient client = client_to(server.address());
    ASSERT_TRUE(get(client));
    run_for(io, milliseconds{20});
    // Not idempotent, and yet safe: the dead connection is seen before anything is sent.
    const auto second = get(client);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->body, "again");
    EXPECT_EQ(server.connections, 2);
    EXPECT_EQ(server.requests.size(), 2u);
}

TEST_F(HttpClientTest, RepeatsOnlyIdempotentRequestsOnADeadConnection) {
    const Reply drop{{}, true};
    server.replies = {reply(200), drop, reply(200, "again")};
    HttpClient client = client_to(server.address());
    ASSERT_TRUE(get(client));
    const auto repeated = get(client, idempotent());
    ASSERT_TRUE(repeated) << repeated.error().message;
    EXPECT_EQ(repeated->body, "again");
    EXPECT_EQ(server.requests.size(), 3u);

    server.replies = {drop};
    const auto lost = get(client);
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, Errc::unreachable);
    EXPECT_EQ(server.requests.size(), 4u);
}

TEST_F(HttpClientTest, DoesNotRepeatOnAFreshConnection) {
    server.replies = {{{}, true}};
    HttpClient client = client_to(server.address());
    EXPECT_EQ(get(client, idempotent()).error().code, Errc::unreachable);
    EXPECT_EQ(server.requests.size(), 1u);
}

TEST_F(HttpClientTest, ReadsChunksHoweverTheyAreCut) {
    const std::string whole =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n1;ext=1\r\n,\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n";
    HttpClient client = client_to(server.address());
    for (std::size_t cut = 1; cut < whole.size(); ++cut) {
        server.replies = {{{whole.substr(0, cut), whole.substr(cut)}, false, milliseconds{1}}};
        const auto response = get(client);
        ASSERT_TRUE(response) << cut << ": " << response.error().message;
        EXPECT_EQ(response->body, "hello, world") << cut;
    }
    EXPECT_EQ(server.connections, 1);
}

TEST_F(HttpClientTest, ReadsABodyThatEndsWithTheConnection) {
    server.replies = {{{"HTTP/1.1 200 OK\r\n\r\n", "to the ", "end"}, true}, reply(200, "next")};
    HttpClient client = client_to(server.address());
    EXPECT_EQ(get(client)->body, "to the end");
    EXPECT_EQ(get(client)->body, "next");
    EXPECT_EQ(server.connections, 2);
}

TEST_F(HttpClientTest, GivesUpAtTheDeadline) {
    HttpClient client = client_to(server.address());
    HttpRequest request;
    request.deadline = milliseconds{50};
    const auto before = std::chrono::steady_clock::now();
    const auto response = get(client, request);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Errc::timed_out);
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{2});
    EXPECT_EQ(observed.back(), "test timed_out");
    // The deadline is for the whole request: drops of data do not extend it.
    server.replies = {{std::vector<std::string>(50, "HTTP/1.1 200 OK"), false, milliseconds{20}}};
    EXPECT_EQ(get(client, request).error().code, Errc::timed_out);
}

TEST_F(HttpClientTest, BoundsTheBody) {
    HttpOptions options;
    options.body_bytes_max = 1000;
    HttpClient client = client_to(server.address(), options);
    server.replies = {reply(200, std::string(1000, 'x')), reply(200, std::string(1001, 'x'))};
    EXPECT_EQ(get(client)->body.size(), 1000u);
    EXPECT_EQ(get(client).error().code, Errc::too_large);
    server.replies = {{{"HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x')}}};
    EXPECT_EQ(get(client).error().code, Errc::too_large);
}

TEST_F(HttpClientTest, RefusesGarbage) {
    HttpClient client = client_to(server.address());
    for (const std::string garbage :
         {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        server.replies = {{{garbage}, true}};
        const auto response = get(client);
        ASSERT_FALSE(response) << garbage;
        EXPECT_EQ(response.error().code, Errc::malformed) << garbage << response.error().message;
    }
    server.replies = {{{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}, true}};
    EXPECT_EQ(get(client).error().code, Errc::unreachable);
}

TEST_F(HttpClientTest, KeepsABoundedNumberOfConnections) {
    HttpClient client = client_to(server.address());
    server.replies = std::deque<Reply>(8, reply(200));
    int done = 0;
    for (int i = 0; i < 8; ++i) {
        HttpRequest request{.op = "test", .target = "/", .body = {}};
        asio::co_spawn(io, client.request(std::move(request)),
                       [&](std::exception_ptr, Result<HttpResponse> response) {
                           done += response.has_value() ? 1 : 0;
                       });
    }
    run_for(io, milliseconds{100});
    EXPECT_EQ(done, 8);
    EXPECT_EQ(server.connections, 8);
    EXPECT_EQ(server.ended, 4);
}

TEST_F(HttpClientTest, StreamsPartsAsTheyArrive) {
    server.replies = {{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                        "4\r\none\n\r\n4\r\ntwo\n\r\n", "6\r\nthree\n\r\n", "0\r\n\r\n"},
                       false,
                       milliseconds{100}}};
    HttpClient client = client_to(server.address());
    const auto before = std::chrono::steady_clock::now();
    auto stream = run(io, client.open({.op = "events", .target = "/events", .body = {}}));
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->status(), 200);
    std::string body;
    while (body != "one\ntwo\n") {
        auto part = run(io, stream->next(milliseconds{0}));
        ASSERT_TRUE(part);
        body += *part;
    }
    // Long before the third part is sent.
    EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds{180});
    EXPECT_EQ(*run(io, stream->next(milliseconds{0})), "three\n");
    EXPECT_EQ(*run(io, stream->next(milliseconds{0})), "");
    EXPECT_EQ(*run(io, stream->next(milliseconds{0})), "");
}

TEST_F(HttpClientTest, StreamsMoreThanAnyLimit) {
    HttpOptions options;
    options.body_bytes_max = 10;
    HttpClient client = client_to(server.address(), options);
    server.replies = {reply(200, std::string(300'000, 'x'))};
    auto stream = run(io, client.open({.op = "events", .target = "/", .body = {}}));
    ASSERT_TRUE(stream);
    std::size_t total = 0;
    for (;;) {
        auto part = run(io, stream->next(milliseconds{1000}));
        ASSERT_TRUE(part);
        if (part->empty()) break;
        total += part->size();
    }
    EXPECT_EQ(total, 300'000u);
}

TEST_F(HttpClientTest, StreamsHaveAnIdleLimit) {
    server.replies = {{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}}};
    HttpClient client = client_to(server.address());
    auto stream = run(io, client.open({.op = "events", .target = "/", .body = {}}));
    ASSERT_TRUE(stream);
    const auto part = run(io, stream->next(milliseconds{30}));
    ASSERT_FALSE(part);
    EXPECT_EQ(part.error().code, Errc::timed_out);
}

TEST_F(HttpClientTest, CancellationClosesTheConnection) {
    HttpClient client = client_to(server.address());
    asio::cancellation_signal signal;
    std::optional<Result<HttpResponse>> response;
    HttpRequest request{.op = "test", .target = "/", .body = {}};
    asio::co_spawn(io, client.request(std::move(request)),
                   asio::bind_cancellation_slot(
                       signal.slot(), [&](std::exception_ptr, Result<HttpResponse> answer) {
                           response.emplace(std::move(answer));
                       }));
    run_for(io, milliseconds{30});
    EXPECT_EQ(server.connections, 1);
    signal.emit(asio::cancellation_type::terminal);
    run_for(io, milliseconds{30});
    ASSERT_TRUE(response);
    EXPECT_EQ(response->error().code, Errc::unreachable);
    EXPECT_EQ(server.ended, 1);
}

TEST_F(HttpClientTest, SpeaksOverUnixSockets) {
    const std::string path = "/tmp/nap-http-test-" + std::to_string(::getpid()) + ".sock";
    std::filesystem::remove(path);
    LoopbackServer local(io, path);
    local.replies = {reply(200, "local"), reply(200, "local")};
    HttpClient client = client_to("unix://" + path);
    EXPECT_EQ(get(client)->body, "local");
    EXPECT_EQ(get(client)->body, "local");
    EXPECT_EQ(local.connections, 1);
    std::filesystem::remove(path);
    HttpClient nowhere = client_to("unix://" + path);
    const auto missing = get(nowhere);
    EXPECT_EQ(missing.error().code, Errc::unreachable);
    EXPECT_NE(missing.error().message.find(path), std::string::npos);
}

TEST_F(HttpClientTest, LooksHostNamesUp) {
    server.replies = {reply(200, "here")};
    const std::string port = server.address().substr(17);
    HttpClient client = client_to("localhost:" + port);
    EXPECT_EQ(get(client)->body, "here");
    HttpClient nowhere = client_to("http://no-such-host.invalid:" + port);
    EXPECT_EQ(get(nowhere).error().code, Errc::unreachable);
}

TEST_F(HttpClientTest, SaysWhichTlsFileIsBad) {
    HttpOptions options;
    options.endpoint = parse_endpoint("https://127.0.0.1:1", 1).value();
    options.tls.ca = "/nonexistent/ca.pem";
    const auto made = HttpClient::create(io.get_executor(), options);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Errc::io);
    EXPECT_NE(made.error().message.find("/nonexistent/ca.pem"), std::string::npos);
}

}  // namespace nap::test
