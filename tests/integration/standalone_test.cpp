// One host without Consul: manifests from a folder.

#include <fmt/format.h>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Standalone : public NapTest {
  protected:
    Standalone() { fs::create_directories(apps()); }

    fs::path apps() const { return dir() / "apps"; }
    Agent& start_standalone() {
        AgentOptions options = agent_options();
        // Nothing answers there: whoever asks Consul fails.
        options.consul_address = "http://127.0.0.1:1";
        options.more = "standalone: " + apps().string() + "\n";
        return start_agent(options);
    }
    /// As people write files: in one go, or all at once by a rename.
    void put_file(const std::string& name, const std::string& text) const {
        fs::create_directories((apps() / name).parent_path());
        write_file(apps() / name, text);
    }
    json shown(const std::string& app) {
        const Finished status = agent().nap({"status", app, "-o", "json"});
        return status.exit_code == 0 ? json::parse(status.out) : json();
    }
    void await_shown(const std::string& app, const std::string& phase) {
        await(app + " is " + phase, [&] {
            const json status = shown(app);
            return !status.is_null() && status.at("phase") == phase;
        });
    }
    void await_runs(const std::string& app, std::size_t count) {
        await(fmt::format("{} runs {} times", app, count),
              [&] { return lives(app).size() == count; });
        await_shown(app, "converged");
    }
};

TEST_F(Standalone, a_file_comes_changes_and_goes) {
    start_standalone();
    put_file("shop.yml", "services:\n" + sleeper("a") + sleeper("b"));
    await_runs("shop", 2);
    const Lives before = lives("shop");
    put_file("shop.yml",
             "services:\n" + sleeper("a") + sleeper("b", "    environment: {X: \"1\"}\n"));
    await_new_life("shop", "b/1", before.at("b/1"));
    await_shown("shop", "converged");
    EXPECT_EQ(lives("shop").at("a/1"), before.at("a/1"));
    EXPECT_THAT(exec(id_of("shop", "b"), {"env"}), HasSubstr("X=1"));
    const Finished ps = agent().nap({"ps", "shop"});
    EXPECT_EQ(ps.exit_code, 0) << ps.err;
    EXPECT_THAT(ps.out, HasSubstr("b/1"));
    const Finished plan = agent().nap({"plan", "shop", "-f", apps() / "shop.yml"});
    EXPECT_EQ(plan.out, "nothing would change\n") << plan.err;
    fs::remove(apps() / "shop.yml");
    await("shop is gone", [&] { return ids("shop").empty() && shown("shop").is_null(); });
    EXPECT_TRUE(docker().networks().empty());
}

TEST_F(Standalone, a_folder_is_an_app_and_half_of_it_is_never_acted_on) {
    start_standalone();
    fs::create_directories(apps() / "shop");
    put_file("shop/compose.yml", "services:\n" + sleeper("a"));
    put_file("shop/note.txt", "1");
    await_runs("shop", 1);
    const Lives before = lives("shop");
    fs::remove(apps() / "shop/compose.yml");
    await_shown("shop", "invalid");
    EXPECT_EQ(lives("shop"), before);
    EXPECT_THAT(shown("shop").at("errors").at(0).at("message"), HasSubstr("no compose.yaml"));
    put_file("shop/compose.yml", "services:\n" + sleeper("a"));
    await_shown("shop", "converged");
    fs::remove(apps() / "shop/note.txt");
    await_shown("shop", "converged");
    EXPECT_EQ(lives("shop"), before);
    fs::remove_all(apps() / "shop");
    await("shop is gone", [&] { return ids("shop").empty() && shown("shop").is_null(); });
}

TEST_F(Standalone, a_folder_that_is_gone_or_another_and_empty_deletes_nothing) {
    start_standalone();
    put_file("shop.yml", "services:\n" + sleeper("a"));
    await_runs("shop", 1);
    const Lives before = lives("shop");
    const auto is_said = [&](const std::string& text) {
        return agent().get("/readyz?verbose").body.find(text) != std::string::npos;
    };
    fs::rename(apps(), dir() / "away");
    await("the loss of the folder is said", [&] { return is_said("cannot read the folder"); });
    EXPECT_THAT(agent().nap({"status"}).err, HasSubstr("cannot read the folder"));
    fs::create_directories(apps());
    await("that it is empty is said", [&] { return is_said("is empty, and another"); });
    hold(
        "shop runs on", [&] { return lives("shop") == before; }, milliseconds(1'500));
    fs::remove(apps());
    fs::rename(dir() / "away", apps());
    await("all is well again", [&] { return agent().get("/readyz").status == 200; });
    EXPECT_EQ(lives("shop"), before);
    await_shown("shop", "converged");
}

TEST_F(Standalone, an_agent_that_is_killed_comes_back_to_what_runs) {
    Agent& agent = start_standalone();
    put_file("shop.yml", "services:\n" + sleeper("a") + sleeper("b", "    links: [a]\n"));
    put_file("blog.yml", "services:\n" + sleeper("a"));
    await_runs("shop", 2);
    await_runs("blog", 1);
    const Lives shop = lives("shop");
    const Lives blog = lives("blog");
    agent.kill();
    agent.start();
    agent.await_ready();
    await_shown("shop", "converged");
    hold(
        "nothing is restarted", [&] { return lives("shop") == shop && lives("blog") == blog; },
        milliseconds(1'500));
    // What went while it was away is removed, and what changed is changed.
    agent.kill();
    fs::remove(apps() / "blog.yml");
    put_file("shop.yml", "services:\n" + sleeper("a"));
    agent.start();
    agent.await_ready();
    await("blog is gone", [&] { return ids("blog").empty(); });
    await("b is gone", [&] { return lives("shop").size() == 1; });
    EXPECT_EQ(lives("shop").at("a/1"), shop.at("a/1"));
}

TEST_F(Standalone, a_file_that_is_being_written_is_waited_for) {
    start_standalone();
    put_file("shop.yml", "services:\n" + sleeper("a") + sleeper("b"));
    await_runs("shop", 2);
    const Lives before = lives("shop");
    {
        std::FILE* file = std::fopen((apps() / "shop.yml").c_str(), "w");
        std::fputs(("services:\n" + sleeper("a")).c_str(), file);
        std::fflush(file);
        put_file("blog.yml", "services:\n" + sleeper("x"));
        await_runs("blog", 1);
        EXPECT_EQ(lives("shop"), before);
        std::fputs(sleeper("c").c_str(), file);
        std::fclose(file);
    }
    await("c runs, and b is gone", [&] {
        const Lives now = lives("shop");
        return now.contains("c/1") && !now.contains("b/1");
    });
    EXPECT_EQ(lives("shop").at("a/1"), before.at("a/1"));
}

TEST_F(Standalone, emptying_the_folder_of_several_apps_is_held_until_approved) {
    start_standalone();
    put_file("shop.yml", "services:\n" + sleeper("a"));
    put_file("blog.yml", "services:\n" + sleeper("a"));
    await_runs("shop", 1);
    await_runs("blog", 1);
    const Lives shop = lives("shop");
    fs::remove(apps() / "blog.yml");
    await("the folder has been looked at", [&] { return agent().nap({"status"}).exit_code == 0; });
    fs::remove(apps() / "shop.yml");
    await_shown("shop", "held");
    await_shown("blog", "held");
    EXPECT_EQ(lives("shop"), shop);
    EXPECT_EQ(agent().nap({"approve"}).exit_code, 0);
    await("both are gone", [&] { return ids("shop").empty() && ids("blog").empty(); });
}

TEST_F(Standalone, commands_that_write_manifests_say_where_these_come_from) {
    start_standalone();
    put_file("shop.yml", "services:\n" + sleeper("a"));
    await_runs("shop", 1);
    const Finished rm = agent().nap({"rm", "shop"});
    EXPECT_EQ(rm.exit_code, 2);
    EXPECT_THAT(rm.err, HasSubstr(apps().string()));
    EXPECT_EQ(agent().nap({"nodes"}).exit_code, 0);
    agent().terminate();
    const Finished status = agent().nap({"status"});
    EXPECT_EQ(status.exit_code, 6);
    EXPECT_THAT(status.err, HasSubstr("nap agent --standalone"));
}

}  // namespace
}  // namespace nap::test
