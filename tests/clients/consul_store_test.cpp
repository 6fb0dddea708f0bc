#include "clients/consul_store.hpp"

#include <gtest/gtest.h>

#include "clients/consul_codec.hpp"
#include "loopback_server.hpp"

namespace nap::test {

namespace {

const std::string leader = "X-Consul-Index: 28\r\nX-Consul-Knownleader: true\r\n";

class ConsulStoreTest : public ::testing::Test {
  protected:
    void SetUp() override {
        ConsulOptions options;
        options.address = server.address();
        options.token = "s3cret";
        store = ConsulStore::create(io.get_executor(), options).value();
    }

    std::string line(std::size_t i) const {
        return server.requests.at(i).substr(0, server.requests.at(i).find(" HTTP/"));
    }

    Result<KvListing> list(ReadOptions options = {}) {
        return run(io, store->list("nap/apps/", options));
    }

    asio::io_context io;
    LoopbackServer server{io};
    std::unique_ptr<ConsulStore> store;
};

const std::string entries =
    R"([{"LockIndex":0,"Key":"nap/a","Flags":0,"Value":"aGk=","CreateIndex":28,"ModifyIndex":28},)"
    R"({"LockIndex":1,"Key":"nap/b","Flags":0,"Value":null,"Session":"s","ModifyIndex":29}])";

}  // namespace

TEST_F(ConsulStoreTest, ReadsAndWatches) {
    server.replies = {reply(200, entries, leader), reply(200, entries, leader),
                      reply(404, "", leader)};
    const auto first = list();
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->index, 28u);
    ASSERT_EQ(first->entries.size(), 2u);
    EXPECT_EQ(first->entries[0].value, "hi");
    EXPECT_EQ(first->entries[0].modify_index, 28u);
    EXPECT_EQ(first->entries[1].value, "");
    EXPECT_EQ(first->entries[1].session.str(), "s");
    EXPECT_EQ(line(0), "GET /v1/kv/nap/apps/?consistent&recurse");
    EXPECT_NE(server.requests[0].find("X-Consul-Token: s3cret\r\n"), std::string::npos);

    ReadOptions options;
    options.index = 28;
    EXPECT_TRUE(list(options));
    EXPECT_EQ(line(1), "GET /v1/kv/nap/apps/?consistent&recurse&index=28&wait=300000ms");
    const auto key = run(io, store->watch_key("nap/a b?", options));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->index, 28u);
    EXPECT_TRUE(key->entries.empty());
    EXPECT_EQ(line(2), "GET /v1/kv/nap/a%20b%3F?consistent&index=28&wait=300000ms");
}

TEST_F(ConsulStoreTest, AWatchIsBegunAnewWhenConsulHasAnotherLeader) {
    const Reply silent{.parts = {"HTTP/1.1 200 X\r\n", "never"}, .pause = std::chrono::minutes(1)};
    server.replies = {silent, reply(200, "\"10.0.0.1:8300\""), reply(200, "\"10.0.0.2:8300\"")};
    ReadOptions options;
    options.index = 28;
    const auto watched = list(options);
    ASSERT_FALSE(watched);
    EXPECT_EQ(watched.error().code, Errc::no_leader);
    EXPECT_EQ(line(1), "GET /v1/status/leader");
    EXPECT_EQ(line(2), "GET /v1/status/leader");
    EXPECT_EQ(server.requests.size(), 3u);
}

TEST_F(ConsulStoreTest, AbsenceIsAnEmptyListingWithAnIndex) {
    server.replies = {reply(404, "", leader), reply(404, "", leader), reply(404, "not here")};
    const auto empty = list();
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->index, 28u);
    EXPECT_FALSE(run(io, store->get("nap/x", {}))->has_value());
    // A 404 from something that is not Consul says nothing about the keys.
    EXPECT_EQ(list().error().code, Errc::malformed);
}

TEST_F(ConsulStoreTest, AReadWithoutALeaderIsNoAnswer) {
    server.replies = {reply(404, "", "X-Consul-Index: 1\r\nX-Consul-KnownLeader: false\r\n"),
                      reply(500, "No cluster leader")};
    EXPECT_EQ(list().error().code, Errc::no_leader);
    EXPECT_EQ(list().error().code, Errc::no_leader);
}

TEST_F(ConsulStoreTest, ErrorsKeepTheirClass) {
    const std::pair<Reply, Errc> cases[] = {
        {reply(403, "Permission denied"), Errc::denied},
        {reply(500, "rpc error making call: ACL not found"), Errc::denied},
        {reply(429, "rate limit"), Errc::internal},
        {reply(503, ""), Errc::internal},
        {reply(500, "leadership lost while committing log"), Errc::unreachable},
        {reply(500, "boom"), Errc::internal},
        {reply(400, "bad"), Errc::rejected},
        {reply(200, "{", leader), Errc::malformed},
        {reply(200, R"([{"Key":"a","ModifyIndex":1,"Value":"*"}])", leader), Errc::malformed},
    };
    for (const auto& [answer, code] : cases) {
        server.replies = {answer};
        const auto result = list();
        ASSERT_FALSE(result) << answer.parts[0];
        EXPECT_EQ(result.error().code, code) << answer.parts[0];
        EXPECT_EQ(result.error().message.find("s3cret"), std::string::npos);
    }
}

TEST_F(ConsulStoreTest, Transactions) {
    const std::string refused = R"({"Results":null,"Errors":[{"OpIndex":1,"What":"key exists"},)"
                                R"({"OpIndex":2,"What":"failed session check"}]})";
    server.replies = {reply(200, R"({"Results":[],"Errors":null})"), reply(409, refused),
                      reply(409, R"({"Errors":[{"OpIndex":0,"What":"Permission denied"}]})"),
                      reply(413, "too large")};
    std::vector<KvOp> ops(1);
    ops[0].key = "nap/a";
    EXPECT_TRUE(run(io, store->transact(ops)));
    EXPECT_EQ(line(0), "PUT /v1/txn");
    const auto conflict = run(io, store->transact(ops));
    ASSERT_FALSE(conflict);
    EXPECT_EQ(conflict.error().code, Errc::not_committed);
    EXPECT_EQ(conflict.error().message,
              "transact: operation 1: key exists; operation 2: failed session check");
    EXPECT_EQ(run(io, store->transact(ops)).error().code, Errc::denied);
    EXPECT_EQ(run(io, store->transact(ops)).error().code, Errc::too_large);

    ops[0].value = std::string(600'000, 'x');
    EXPECT_EQ(run(io, store->transact(ops)).error().code, Errc::too_large);
    EXPECT_EQ(run(io, store->transact(std::vector<KvOp>(65))).error().code, Errc::too_large);
    EXPECT_EQ(server.requests.size(), 4u);
}

TEST_F(ConsulStoreTest, Sessions) {
    server.replies = {reply(200, R"({"ID":"s1"})"), reply(200, "[]"), reply(404, "not found"),
                      reply(200, "true")};
    const auto session = run(io, store->create_session({}));
    ASSERT_TRUE(session);
    EXPECT_TRUE(run(io, store->renew_session(*session)));
    EXPECT_EQ(run(io, store->renew_session(*session)).error().code, Errc::not_found);
    EXPECT_TRUE(run(io, store->destroy_session(*session)));
    EXPECT_EQ(line(0), "PUT /v1/session/create");
    EXPECT_EQ(line(1), "PUT /v1/session/renew/s1");
    EXPECT_EQ(line(3), "PUT /v1/session/destroy/s1");
}

TEST(ConsulCodec, Transactions) {
    using enum KvVerb;
    const SessionId session("s");
    const std::vector<KvOp> ops = {
        {set, "k", "hi", 0, {}},
        {cas, "k", "", 7, {}},
        {remove, "k", "", 0, {}},
        {remove_cas, "k", "", 7, {}},
        {remove_tree, "k", "", 0, {}},
        {check_index, "k", "", 7, {}},
        {check_session, "k", "", 0, session},
        {check_not_exists, "k", "", 0, {}},
        {lock, "k", "v", 0, session},
        {unlock, "k", "v", 0, session},
    };
    EXPECT_EQ(encode_transaction(ops),
              R"([{"KV":{"Key":"k","Value":"aGk=","Verb":"set"}},)"
              R"({"KV":{"Index":7,"Key":"k","Value":"","Verb":"cas"}},)"
              R"({"KV":{"Key":"k","Verb":"delete"}},)"
              R"({"KV":{"Index":7,"Key":"k","Verb":"delete-cas"}},)"
              R"({"KV":{"Key":"k","Verb":"delete-tree"}},)"
              R"({"KV":{"Index":7,"Key":"k","Verb":"check-index"}},)"
              R"({"KV":{"Key":"k","Session":"s","Verb":"check-session"}},)"
              R"({"KV":{"Key":"k","Verb":"check-not-exists"}},)"
              R"({"KV":{"Key":"k","Session":"s","Value":"dg==","Verb":"lock"}},)"
              R"({"KV":{"Key":"k","Session":"s","Value":"dg==","Verb":"unlock"}}])");
}

TEST(ConsulCodec, SessionsAndIndices) {
    SessionSpec spec;
    spec.name = "nap leader";
    EXPECT_EQ(encode_session(spec),
              R"({"Behavior":"release","LockDelay":"0ms","Name":"nap leader","TTL":"15000ms"})");
    spec.delete_on_end = true;
    EXPECT_NE(encode_session(spec).find(R"("delete")"), std::string::npos);
    EXPECT_EQ(parse_consul_index("42"), 42u);
    for (const char* text : {"", "0", "-1", "x", "42x", "99999999999999999999999"}) {
        EXPECT_EQ(parse_consul_index(text), 1u) << text;
    }
}

}  // namespace nap::test
