// A git work tree, brought into a real Consul by `nap sync`.

#include <fmt/format.h>
#include <signal.h>

#include "support/nap_test.hpp"

namespace nap::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// A folder of apps under git, and an agent that is not needed for what is written.
class Sync : public NapTest {
  protected:
    Sync() : agent_(dir() / "agent", agent_options()) {
        fs::create_directories(tree());
        git({"init", "-q", "-b", "main"});
    }

    fs::path tree() const { return dir() / "tree"; }
    std::string git(Argv arguments) const {
        arguments.insert(arguments.begin(),
                         {"git", "-C", tree(), "-c", "user.name=Ada", "-c",
                          "user.email=ada@example.org", "-c", "commit.gpgsign=false"});
        return run_ok(arguments);
    }
    std::string commit(const std::string& message) const {
        git({"add", "-A"});
        git({"commit", "-q", "-m", message});
        return head();
    }
    std::string head() const {
        const std::string out = git({"rev-parse", "HEAD"});
        return out.substr(0, out.find('\n'));
    }
    void file(const std::string& name, const std::string& text) const {
        fs::create_directories((tree() / name).parent_path());
        write_file(tree() / name, text);
    }
    Finished sync(Argv more = {}) const {
        more.insert(more.begin(), {"sync", tree()});
        return agent_.nap(more);
    }
    std::map<std::string, std::string> in_kv() const {
        std::map<std::string, std::string> found;
        for (const std::string& name : consul().keys(key("apps/")))
            found[name.substr(key("apps/").size())] = consul().get(name).value_or("");
        return found;
    }
    json record() const { return consul().get_json(key("sync")); }

    Agent agent_;
};

const std::string one = "services: {a: {image: x}}\n";
const std::string two = "services: {a: {image: y}}\n";

TEST_F(Sync, follows_edits_reverts_and_a_forced_push) {
    file("shop.yml", one);
    file("blog/compose.yml", one);
    file("blog/.env", "A=1\n");
    const std::string first = commit("first");
    const Finished begun = sync();
    ASSERT_EQ(begun.exit_code, 0) << begun.err;
    using Keys = std::map<std::string, std::string>;
    const Keys at_first{{"shop.yml", one}, {"blog/compose.yml", one}, {"blog/.env", "A=1\n"}};
    EXPECT_EQ(in_kv(), at_first);
    EXPECT_EQ(record().at("commit"), first);
    EXPECT_EQ(record().at("author"), "Ada <ada@example.org>");
    EXPECT_EQ(record().at("modified"), false);

    const std::uint64_t index = consul().modify_index(key("sync"));
    ASSERT_EQ(sync().exit_code, 0);
    EXPECT_EQ(consul().modify_index(key("sync")), index) << "nothing to do writes nothing";

    git({"mv", "shop.yml", "store.yml"});
    git({"rm", "-q", "blog/.env"});
    file("blog/compose.yml", two);
    const std::string second = commit("second");
    ASSERT_EQ(sync().exit_code, 0);
    EXPECT_EQ(in_kv(), (Keys{{"shop.yml", one}, {"store.yml", one}, {"blog/compose.yml", two}}))
        << "without --prune no app goes, but files of an app do";
    ASSERT_EQ(sync({"--prune"}).exit_code, 0);
    EXPECT_EQ(in_kv(), (Keys{{"store.yml", one}, {"blog/compose.yml", two}}));
    EXPECT_EQ(record().at("commit"), second);

    git({"revert", "--no-edit", "HEAD"});
    ASSERT_EQ(sync({"--prune"}).exit_code, 0);
    EXPECT_EQ(in_kv(), at_first);

    // Somebody rewrites history, and the work tree is set to it.
    git({"checkout", "-q", "--orphan", "other"});
    git({"rm", "-rfq", "."});
    file("shop.yml", two);
    const std::string forced = commit("rewritten");
    ASSERT_EQ(sync({"--prune"}).exit_code, 0);
    EXPECT_EQ(in_kv(), (Keys{{"shop.yml", two}}));
    EXPECT_EQ(record().at("commit"), forced);
}

TEST_F(Sync, takes_what_the_manifest_names_and_nothing_else) {
    file("shop/compose.yml",
         "services: {a: {image: x, env_file: .docker/a.env, volumes: ['./conf:/conf:ro']}}\n");
    file("shop/.docker/a.env", "A=1\n");
    file("shop/conf/.hidden", "h");
    file("shop/conf/deep/a.conf", "c");
    file("shop/README.md", "r");
    file("shop/large.bin", std::string(400'000, 'x'));
    for (int i = 0; i < 600; ++i)
        file(fmt::format("shop/node_modules/{}.js", i), "j");
    fs::create_symlink("/etc/passwd", tree() / "shop/python3");
    const Finished taken = sync();
    ASSERT_EQ(taken.exit_code, 0) << taken.err;
    std::set<std::string> names;
    for (const auto& [name, bytes] : in_kv())
        names.insert(name);
    EXPECT_EQ(names, (std::set<std::string>{"shop/compose.yml", "shop/.docker/a.env",
                                            "shop/conf/.hidden", "shop/conf/deep/a.conf"}));
    // What it does name has to fit.
    fs::rename(tree() / "shop/large.bin", tree() / "shop/conf/large.bin");
    const Finished large = sync();
    EXPECT_NE(large.exit_code, 0);
    EXPECT_THAT(large.err, HasSubstr("shop/conf/large.bin has more than"));
    fs::remove(tree() / "shop/conf/large.bin");
    fs::rename(tree() / "shop/python3", tree() / "shop/conf/python3");
    EXPECT_THAT(sync().err, HasSubstr("shop/conf/python3 is a link that leads out"));
    EXPECT_EQ(in_kv().size(), names.size());
}

TEST_F(Sync, validates_first_and_leaves_alone_what_is_not_its_own) {
    consul().put(key("apps/by-hand"), one);
    file("shop.yml", one);
    ASSERT_EQ(sync({"--prune"}).exit_code, 0);
    const auto before = in_kv();
    file("shop.yml", two);
    file("bad.yml", "services: {a: {imagge: x}}\n");
    const Finished refused = sync({"--prune"});
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_THAT(refused.err, HasSubstr("bad.yml:1:"));
    EXPECT_EQ(in_kv(), before);
    fs::remove(tree() / "bad.yml");
    fs::remove(tree() / "shop.yml");
    EXPECT_EQ(sync({"--prune"}).exit_code, 4) << "an empty folder prunes nothing";
    EXPECT_EQ(in_kv(), before);
    EXPECT_TRUE(before.contains("by-hand"));
}

TEST_F(Sync, interrupted_anywhere_it_is_whole_apps_and_can_be_run_again) {
    constexpr int apps = 60;
    constexpr int files = 10;
    const std::string whole = "services: {a: {image: x, volumes: ['.:/app:ro']}}\n";
    const auto write_tree = [&](const std::string& of) {
        for (int app = 0; app < apps; ++app) {
            file(fmt::format("app{}/compose.yml", app), whole + "# " + of + "\n");
            for (int i = 0; i < files; ++i)
                file(fmt::format("app{}/f{}", app, i), of);
        }
    };
    int broken_off = 0;
    for (int round = 1; round <= 8; ++round) {
        const std::string of = std::to_string(round);
        write_tree(of);
        {
            Process process({NAP_EXECUTABLE, "sync", tree()}, dir() / "sync.log", agent_.env());
            (void)process.wait(milliseconds(5 * round * round));
            if (process.running()) ++broken_off;
            process.kill();
        }
        std::map<std::string, std::set<std::string>> seen;
        for (const auto& [name, value] : in_kv()) {
            const std::string app = name.substr(0, name.find('/'));
            seen[app].insert(name.ends_with("compose.yml") ? value.substr(whole.size() + 2, 1)
                                                           : value);
        }
        for (const auto& [app, rounds] : seen)
            EXPECT_EQ(rounds.size(), 1U) << app << " is half written";
    }
    EXPECT_GT(broken_off, 1);
    ASSERT_EQ(sync().exit_code, 0);
    EXPECT_EQ(in_kv().size(), static_cast<std::size_t>(apps * (files + 1)));
    EXPECT_EQ(in_kv().at("app59/f9"), "8");
}

TEST_F(Sync, with_watch_it_follows_the_work_tree) {
    file("shop.yml", one);
    const std::string first = commit("first");
    Process process({NAP_EXECUTABLE, "sync", "--watch", "--prune", tree()}, dir() / "sync.log",
                    agent_.env());
    const auto await_commit = [&](const std::string& commit) {
        await("the commit is in Consul", [&] {
            return consul().get(key("sync")) && record().at("commit") == commit &&
                   record().at("modified") == false;
        });
    };
    await_commit(first);
    file("shop.yml", two);
    file("blog/compose.yml", one);
    const std::string second = commit("second");
    await_commit(second);
    EXPECT_EQ(in_kv().at("shop.yml"), two);
    git({"reset", "-q", "--hard", first});
    await_commit(first);
    EXPECT_EQ(in_kv(), (std::map<std::string, std::string>{{"shop.yml", one}}));
    EXPECT_TRUE(process.running());
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(milliseconds(5'000)), 130);
}

}  // namespace
}  // namespace nap::test
