#include "cli/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/settings.hpp"

namespace nap {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

CommandLine parse(std::vector<std::string> args) {
    return parse_command_line(std::move(args), "1.2.3");
}

template <class T>
T command_of(std::vector<std::string> args) {
    const CommandLine line = parse(std::move(args));
    EXPECT_EQ(line.err, "");
    if (!line.command || !std::holds_alternative<T>(*line.command)) {
        ADD_FAILURE() << "another command";
        return {};
    }
    return std::get<T>(*line.command);
}

void expect_usage_error(std::vector<std::string> args, const std::string& problem) {
    const CommandLine line = parse(std::move(args));
    EXPECT_FALSE(line.command);
    EXPECT_EQ(line.exit_code, 2);
    EXPECT_EQ(line.out, "");
    EXPECT_THAT(line.err, HasSubstr(problem));
}

TEST(CommandLine, Apply) {
    const auto plain = command_of<ApplyCommand>({"apply", "guestbook", "-f", "g.yml"});
    EXPECT_EQ(plain.app, AppId("guestbook"));
    EXPECT_EQ(plain.file, "g.yml");
    EXPECT_EQ(plain.check_index, std::nullopt);
    EXPECT_FALSE(plain.detach);
    EXPECT_EQ(plain.timeout, milliseconds(60'000));

    const auto full = command_of<ApplyCommand>({"apply", "--check-index", "0", "--timeout=1m30s",
                                                "--detach", "--file", "g.yml", "guestbook"});
    EXPECT_EQ(full.check_index, 0U);
    EXPECT_TRUE(full.detach);
    EXPECT_EQ(full.timeout, milliseconds(90'000));
}

TEST(CommandLine, OtherCommands) {
    EXPECT_THAT(command_of<ValidateCommand>({"validate", "a.yml", "b"}).paths,
                ElementsAre("a.yml", "b"));
    EXPECT_TRUE(command_of<PlanCommand>({"plan", "a", "-f", "f", "-o", "json"}).json);
    EXPECT_EQ(command_of<StatusCommand>({"status"}).app, std::nullopt);
    EXPECT_EQ(command_of<StatusCommand>({"status", "a"}).app, AppId("a"));
    EXPECT_EQ(command_of<PsCommand>({"ps", "a"}).app, AppId("a"));
    EXPECT_EQ(command_of<RmCommand>({"rm", "a", "--timeout", "5s"}).timeout, milliseconds(5'000));
    command_of<AgentCommand>({"agent"});
    const auto sync = command_of<SyncCommand>({"sync", "d", "--prune", "-o", "json"});
    EXPECT_EQ(sync.folder, "d");
    EXPECT_TRUE(sync.prune);
    EXPECT_TRUE(sync.json);
    EXPECT_FALSE(sync.watch);
    EXPECT_TRUE(command_of<SyncCommand>({"sync", "--watch", "d"}).watch);
    expect_usage_error({"sync"}, "DIR");
}

TEST(CommandLine, CommandsOfTheCluster) {
    EXPECT_TRUE(command_of<NodesCommand>({"nodes", "-o", "json"}).json);
    const auto drain = command_of<DrainCommand>({"drain", "nap1", "--timeout", "5m", "--detach"});
    EXPECT_EQ(drain.node, NodeId("nap1"));
    EXPECT_EQ(drain.timeout, milliseconds(300'000));
    EXPECT_TRUE(drain.detach);
    EXPECT_EQ(command_of<UndrainCommand>({"undrain", "nap1"}).node, NodeId("nap1"));
    const auto explain = command_of<ExplainCommand>({"explain", "shop/web.1"});
    EXPECT_EQ(explain.app, AppId("shop"));
    EXPECT_EQ(explain.service, "web.1");
    EXPECT_EQ(command_of<ExplainCommand>({"explain", "shop"}).service, "");
    EXPECT_TRUE(command_of<RebalanceCommand>({"rebalance", "--dry-run"}).dry_run);
    EXPECT_FALSE(command_of<RebalanceCommand>({"rebalance"}).dry_run);
    EXPECT_THAT(command_of<ApproveCommand>({"approve"}).ids, IsEmpty());
    EXPECT_THAT(command_of<ApproveCommand>({"approve", "a", "b"}).ids, ElementsAre("a", "b"));
}

TEST(CommandLine, SettingsMayStandBeforeAndAfterTheCommand) {
    EXPECT_THAT(parse({"--prefix", "p", "status", "--config", "f"}).flags,
                ElementsAre(Pair("config", "f"), Pair("prefix", "p")));
    EXPECT_THAT(parse({"agent", "--no-lead", "--log-level", "debug"}).flags,
                ElementsAre(Pair("lead", "false"), Pair("log-level", "debug")));
    EXPECT_THAT(parse({"agent", "--lead"}).flags, ElementsAre(Pair("lead", "true")));
    EXPECT_THAT(parse({"agent"}).flags, IsEmpty());
}

TEST(CommandLine, EverySettingIsAnOptionOfTheAgent) {
    const std::string help = parse({"agent", "--help"}).out;
    for (const Setting& setting : all_settings()) {
        EXPECT_THAT(help, HasSubstr(std::string("--") + setting.flag));
    }
}

TEST(CommandLine, HelpOpensWithExamples) {
    for (const char* command : {"agent", "validate", "plan", "apply", "status", "ps", "rm", "sync",
                                "nodes", "drain", "undrain", "explain", "rebalance", "approve"}) {
        const CommandLine line = parse({command, "--help"});
        EXPECT_EQ(line.exit_code, 0);
        EXPECT_THAT(line.out, StartsWith(std::string("Examples:\n  nap ") + command));
        EXPECT_THAT(line.out, HasSubstr("--consul-address"));
    }
    EXPECT_THAT(parse({"--help"}).out, StartsWith("Examples:\n  nap "));
    EXPECT_EQ(parse({"--version"}).out, "nap 1.2.3\n");
}

TEST(CommandLine, NoCommandShowsTheHelpAsAnError) {
    expect_usage_error({}, "a command is missing");
    EXPECT_THAT(parse({}).err, StartsWith("Examples:"));
}

TEST(CommandLine, ATypoGetsASuggestion) {
    expect_usage_error({"stauts"}, "unknown command `stauts`; did you mean `status`?");
    expect_usage_error({"vaildate", "x", "--foo"}, "did you mean `validate`?");
    expect_usage_error({"apply", "a", "--detatch"}, "`--detatch`; did you mean `--detach`?");
    expect_usage_error({"ps", "--consul-adress=x"}, "did you mean `--consul-address`?");
    expect_usage_error({"ps", "-o", "jsno"}, "did you mean `json`?");
    expect_usage_error({"frobnicate"}, "unknown command `frobnicate`\n");
}

TEST(CommandLine, WrongUseIsRefused) {
    expect_usage_error({"plan", "a"}, "--file is required");
    expect_usage_error({"plan", "-f", "x"}, "APP is required");
    expect_usage_error({"validate"}, "PATH is required");
    expect_usage_error({"status", "a", "b"}, "unexpected argument `b`");
    expect_usage_error({"status", "Guest/Book"}, "cannot be the name of an app");
    expect_usage_error({"rm", ""}, "cannot be the name of an app");
    expect_usage_error({"rm", "a", "--timeout", "soon"}, "--timeout: expected a duration");
    for (const char* index : {"-1", "x", "1x", "99999999999999999999"}) {
        expect_usage_error({"apply", "a", "-f", "f", std::string("--check-index=") + index},
                           "--check-index: expected a ModifyIndex");
    }
    expect_usage_error({"drain"}, "NODE is required");
    expect_usage_error({"drain", "a/b"}, "`a/b` cannot be the name of a node");
    expect_usage_error({"undrain", ""}, "cannot be the name of a node");
    expect_usage_error({"explain", "shop/a/b"}, "`a/b` cannot be the name of a service");
    expect_usage_error({"explain", "Shop/a"}, "cannot be the name of an app");
    expect_usage_error({"rebalance", "now"}, "unexpected argument `now`");
    expect_usage_error({"status", "--lead"}, "unknown option `--lead`");
}

}  // namespace
}  // namespace nap
