#include "clients/json_codec.hpp"

#include <gtest/gtest.h>

namespace nap {

namespace {

Assignment sample_assignment() {
    return {.cluster = ClusterId("uuid"),
            .epoch = 18446744073709551615u,
            .serial = 7,
            .app = AppId("guestbook"),
            .revision = RevisionId("r1"),
            .manifest = {"guestbook.yml", "web:\n  image: \"x\"\n"},
            .manifest_index = 42,
            .instances = {{"web", 1}, {"web", 2}},
            .leaving = {{"web", 2}},
            .unleased = {"db"},
            .remove = false};
}

HostReport sample_report() {
    InstanceReport instance;
    instance.instance = {"web", 1};
    instance.container = ContainerId("abc");
    instance.state = "exited";
    instance.health = "none";
    instance.exit_code = 137;
    instance.oom_killed = true;
    instance.restarts = 3;
    instance.addresses = {{"bridge", "172.17.0.2"}};
    instance.ports = {{80, 8080, "127.0.0.1", "tcp"}};
    instance.image_id = ImageId("sha256:1");
    instance.since = "2026-11-21T04:01:22.528Z";
    instance.message = "waits 1 s";
    return {.node = NodeId("nap0"),
            .app = AppId("guestbook"),
            .revision = RevisionId("r1"),
            .manifest_index = 42,
            .serial = 7,
            .settled = true,
            .instances = {instance},
            .problems = {"one", "two"},
            .surplus = {{"web", 2}},
            .refused = "it is of leadership 3",
            .newer_epoch = 9};
}

AppStatus sample_status() {
    return {.app = AppId("guestbook"),
            .phase = Phase::invalid,
            .revision = RevisionId("r1"),
            .modify_index = 42,
            .services = {{"web", {2, 1, 0}}},
            .errors = {{"guestbook.yml", 3, 5, "services.web", "unknown key"}},
            .message = "m",
            .updated = "2026-11-21T04:01:22.528Z"};
}

}  // namespace

TEST(JsonCodec, AssignmentGoesThereAndBack) {
    const auto decoded = decode_assignment(encode(sample_assignment()));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, sample_assignment());
    EXPECT_EQ(encode(*decoded), encode(sample_assignment()));
}

TEST(JsonCodec, FilesOfAnAssignmentAreKeptByteByByte) {
    Assignment assignment = sample_assignment();
    assignment.manifest.files = {{".env", "A=\"1\"\n"},
                                 {"conf/\u00e9.txt", "caf\u00e9 \uFFFD"},
                                 {"image.bin", std::string("\x00\xff\xfe\x80", 4)},
                                 {"empty", ""}};
    const auto decoded = decode_assignment(encode(assignment));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, assignment);
}

TEST(JsonCodec, ReportGoesThereAndBack) {
    const auto decoded = decode_host_report(encode(sample_report()));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, sample_report());
}

TEST(JsonCodec, StatusGoesThereAndBack) {
    const auto decoded = decode_app_status(encode(sample_status()));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_TRUE(decoded->same_apart_from_time(sample_status()));
    EXPECT_EQ(decoded->updated, sample_status().updated);
    EXPECT_EQ(encode(sample_status()),
              R"({"app":"guestbook","errors":[{"column":5,"file":"guestbook.yml","line":3,)"
              R"("message":"unknown key","path":"services.web"}],"message":"m",)"
              R"("modify_index":42,"phase":"invalid","revision":"r1","schema":1,)"
              R"("services":{"web":{"desired":2,"healthy":0,"running":1}},)"
              R"("updated":"2026-11-21T04:01:22.528Z"})");
}

TEST(JsonCodec, SmallRecordsGoThereAndBack) {
    const auto meta = decode_cluster_meta(encode(ClusterMeta{ClusterId("uuid"), 1}));
    ASSERT_TRUE(meta);
    EXPECT_EQ(meta->cluster.str(), "uuid");
    const auto leader = decode_leader_record(encode(LeaderRecord{NodeId("nap0"), 7, "now"}));
    ASSERT_TRUE(leader);
    EXPECT_EQ(leader->node.str(), "nap0");
    EXPECT_EQ(leader->epoch, 7u);
    const NodeRecord record{.node = NodeId("nap0"),
                            .id = "ABCD",
                            .address = "192.0.2.10",
                            .engine_version = "20.10.24",
                            .os = "linux",
                            .architecture = "amd64",
                            .state = "engine-down",
                            .leads = false,
                            .labels = {{"zone", "a"}},
                            .engine_labels = {{"gpu", "yes"}},
                            .nano_cpus = 2'000'000'000,
                            .memory_bytes = 1 << 30,
                            .swarm = "manager",
                            .swarm_manager = true,
                            .routed = true};
    const auto node = decode_node_record(encode(record));
    ASSERT_TRUE(node);
    EXPECT_EQ(*node, record);
}

TEST(JsonCodec, IgnoresUnknownFields) {
    const auto leader =
        decode_leader_record(R"({"schema":1,"node":"n","epoch":1,"since":"","new":[{"x":1}]})");
    EXPECT_TRUE(leader);
}

TEST(JsonCodec, OnlyReadsNewerSchemas) {
    const auto newer = decode_leader_record(R"({"schema":2,"leader":{}})");
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, Errc::rejected);
    EXPECT_EQ(newer.error().message,
              "leader: written by a newer nap (schema 2); upgrade this agent");
}

TEST(JsonCodec, NamesTheFieldThatIsWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"", "leader is not valid JSON"},
        {"{", "leader is not valid JSON"},
        {"{} {}", "leader is not valid JSON"},
        {"\"\xff\"", "leader is not valid JSON"},
        {"[]", "leader: expected an object, found array"},
        {"null", "leader.schema: missing; expected an integer"},
        {"{}", "leader.schema: missing; expected an integer"},
        {R"({"schema":"1"})", "leader.schema: expected an integer, found string"},
        {R"({"schema":1e400})", "leader is not valid JSON"},
        {R"({"schema":99999999999})", "leader.schema: expected an integer, found number"},
        {R"({"schema":1})", "leader.node: missing; expected a string"},
        {R"({"schema":1,"node":7})", "leader.node: expected a string, found number"},
        {R"({"schema":1,"node":"n","epoch":-1})",
         "leader.epoch: expected a number that is not negative, found number"},
    };
    for (const auto& [text, message] : cases) {
        const auto leader = decode_leader_record(text);
        ASSERT_FALSE(leader) << text;
        EXPECT_EQ(leader.error().code, Errc::malformed) << text;
        EXPECT_EQ(leader.error().message, message) << text;
    }
}

TEST(JsonCodec, ATruncatedAssignmentIsNotAnEmptyOne) {
    std::string text = encode(sample_assignment());
    const auto replace = [&text](const std::string& what, const std::string& by) {
        std::string changed = text;
        changed.replace(changed.find(what), what.size(), by);
        return changed;
    };
    EXPECT_EQ(decode_assignment(replace("\"instances\"", "\"lost\"")).error().message,
              "assignment.instances: missing; expected a list");
    EXPECT_EQ(decode_assignment(replace("\"slot\":2", "\"slot\":0")).error().message,
              "assignment.instances[1].slot: expected a number from 1, found number");
    EXPECT_FALSE(decode_assignment(replace("\"remove\"", "\"lost\"")));
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_FALSE(decode_assignment(text.substr(0, size))) << size;
    }
}

TEST(JsonCodec, BytesThatAreNotUtf8AreReplaced) {
    Assignment assignment = sample_assignment();
    assignment.manifest.text =
        "a\xff"
        "b\xc3";
    const auto decoded = decode_assignment(encode(assignment));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->manifest.text,
              "a\xef\xbf\xbd"
              "b\xef\xbf\xbd");
}

TEST(JsonCodec, DeepNestingIsJustMalformed) {
    EXPECT_FALSE(decode_app_status(std::string(200'000, '[')));
    EXPECT_FALSE(decode_app_status(std::string(200'000, '[') + std::string(200'000, ']')));
}

TEST(JsonCodec, UnknownPhasesAreErrors) {
    AppStatus status = sample_status();
    std::string text = encode(status);
    text.replace(text.find("\"invalid\""), 9, "\"asleep\"");
    EXPECT_EQ(decode_app_status(text).error().message,
              "status.phase: expected a phase, found string");
}

}  // namespace nap
