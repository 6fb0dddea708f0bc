// Manifests nobody can obey: the running app stays exactly as it was.

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

using ::testing::HasSubstr;

class Garbage : public NapTest {};

struct Bad {
    const char* name;
    std::string text;
    int line;          ///< 0: as it may be
    const char* path;  ///< null: as it may be
    const char* says;  ///< part of the message
};

std::vector<Bad> bad_manifests() {
    const std::string ok = "services:\n" + sleeper("a");
    return {
        {"bad YAML", "services:\n  a: [unclosed\n", 0, nullptr, ""},
        {"unknown key", ok + "    imagee: x\n", 6, "services.a.imagee", "image"},
        {"a key that is refused", ok + "    annotations: {b: c}\n", 6, "services.a.annotations",
         "annotations"},
        {"wrong type", ok + "    ports: 80\n", 6, "services.a.ports", ""},
        {"a link to nothing", ok + "    links: [ghost]\n", 6, "services.a.links[0]", "ghost"},
        {"a cycle", ok + "    links: [b]\n" + sleeper("b", "    depends_on: [a]\n"), 0, nullptr,
         "a"},
        {"duplicate key", ok + "    image: nap/busybox:1\n", 6, nullptr, "image"},
        {"another app's name", "name: other\n" + ok, 1, "name", "other"},
        {"no service at all", "services: {}\n", 0, nullptr, ""},
        {"nothing", "", 0, nullptr, ""},
        {"not text", std::string("services:\n  a: \xff\xfe\0x\n", 20), 0, nullptr, ""},
        {"600 KB", ok + "# " + std::string(600 * 1024, 'x') + "\n", 0, nullptr, "bytes"},
    };
}

TEST_F(Garbage, leaves_the_app_as_it_was_and_says_what_where_and_why) {
    Agent& agent = start_agent();
    deploy("shop", "services:\n" + sleeper("a"));
    const Lives before = lives("shop");
    const std::string revision = status("shop").at("revision");
    for (const Bad& bad : bad_manifests()) {
        SCOPED_TRACE(bad.name);
        put("shop", bad.text);
        await_phase("shop", "invalid");
        const json document = status("shop");
        ASSERT_FALSE(document.at("errors").empty());
        const json& error = document.at("errors").at(0);
        EXPECT_EQ(error.at("file"), "shop");
        EXPECT_GT(error.at("line"), 0) << error;
        EXPECT_GT(error.at("column"), 0) << error;
        if (bad.line > 0) {
            EXPECT_EQ(error.at("line"), bad.line) << error;
        }
        if (bad.path != nullptr) {
            EXPECT_EQ(error.at("path"), bad.path) << error;
        }
        EXPECT_NE(error.at("message"), "");
        EXPECT_THAT(error.at("message"), HasSubstr(bad.says));
        EXPECT_EQ(document.at("revision"), revision);
        EXPECT_EQ(document.at("services").at("a").at("running"), 1);
        EXPECT_EQ(lives("shop"), before);
        EXPECT_EQ(ids("shop").size(), 1U);
    }
    EXPECT_THAT(agent.nap({"status", "shop"}).out, HasSubstr("invalid"));

    // Also an agent that starts with garbage in KV keeps the last good revision.
    agent.kill();
    agent.start();
    agent.await_ready();
    docker().signal(before.at("a/1").id);
    const Life healed = await_new_life("shop", "a/1", before.at("a/1"));
    EXPECT_EQ(healed.id, before.at("a/1").id);
    EXPECT_EQ(status("shop").at("phase"), "invalid");

    put("shop", "services:\n" + sleeper("a") + sleeper("b"));
    await_converged("shop");
    EXPECT_TRUE(status("shop").at("errors").empty());
    EXPECT_EQ(lives("shop").at("a/1"), healed);
    EXPECT_EQ(lives("shop").size(), 2U);
}

TEST_F(Garbage, all_errors_are_told_at_once) {
    start_agent();
    consul().put(key("apps/shop.yml"),
                 "services:\n"
                 "  a:\n"
                 "    image: nap/busybox:1\n"
                 "    comand: sleep 1\n"
                 "    links: [ghost]\n"
                 "  b:\n"
                 "    ports: [\"99999:1\"]\n"
                 "    image: nap/busybox:1\n");
    await("it is invalid", [&] {
        const json document = status("shop");
        return !document.is_null() && document.at("phase") == "invalid";
    });
    std::map<std::string, json> by_path;
    const json errors = status("shop").at("errors");
    for (const json& error : errors) {
        by_path[error.at("path").get<std::string>()] = error;
    }
    ASSERT_TRUE(by_path.contains("services.a.comand"));
    EXPECT_EQ(by_path["services.a.comand"].at("line"), 4);
    EXPECT_EQ(by_path["services.a.comand"].at("column"), 5);
    EXPECT_EQ(by_path["services.a.comand"].at("file"), "shop.yml");
    EXPECT_THAT(by_path["services.a.comand"].at("message"), HasSubstr("command"));
    EXPECT_TRUE(by_path.contains("services.a.links[0]"));
    EXPECT_TRUE(by_path.contains("services.b.ports[0]"));
    EXPECT_EQ(by_path.size(), 3U);
    EXPECT_TRUE(ids("shop").empty());
}

TEST_F(Garbage, keys_that_name_no_app_and_documents_nap_cannot_read_stop_nothing) {
    Agent& agent = start_agent();
    deploy("shop", "services:\n" + sleeper("a"));
    const Lives before = lives("shop");
    for (const char* name : {"UPPER", "deep/er/still", "-x", "a%20b", "%C3%BC", "folder/"}) {
        put(name, "services:\n" + sleeper("a"));
    }
    consul().put(key("assigned/nap0/shop"), "{garbage");
    consul().put(key("observed/nap0/shop"), "[]");
    consul().put(key("status/shop"), "42");
    deploy("other", "services:\n" + sleeper("a"));
    EXPECT_EQ(lives("shop"), before);
    agent.kill();
    agent.start();
    agent.await_ready();
    await_converged("shop");
    EXPECT_EQ(lives("shop"), before);
    EXPECT_EQ(docker().containers().size(), 2U);
}

}  // namespace
}  // namespace nap::test
