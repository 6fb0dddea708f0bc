#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "cli/help.hpp"
#include "cli/outcome.hpp"
#include "cli/settings.hpp"
#include "manifest/config_file.hpp"
#include "manifest/parse.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"
#include "manifest/yaml_field.hpp"

namespace nap {

namespace {

/// What CLI11 fills in, as it is written.
struct Raw {
    std::map<std::string, std::string> settings;
    bool lead = true;
    std::vector<std::string> paths;
    std::string app;
    std::string node;
    std::vector<std::string> ids;
    std::string file;
    std::string output = "text";
    std::string check_index;
    std::string timeout = "60s";
    bool detach = false;
    bool dry_run = false;
    bool prune = false;
    bool watch = false;
};

class Parser {
  public:
    explicit Parser(const std::string& version) : app_("", "nap") {
        app_.description("Keeps Docker containers equal to the Compose manifests in Consul KV.");
        app_.set_version_flag("--version", "nap " + version, "print the version");
        app_.formatter_fn(help_text);
        app_.require_subcommand(1);
        app_.fallthrough();
        app_.add_option("--config", raw_.settings["config"], "the configuration file")
            ->type_name("FILE")
            ->group(shared_group);
        for (const Setting& setting : all_settings()) {
            if (!setting.agent_only) add_setting(app_, setting)->group(shared_group);
        }
        add_agent();
        add_validate();
        add_plan();
        add_apply();
        add_status();
        add_ps();
        add_rm();
        add_sync();
        add_cluster_commands();
        for (CLI::App* command : app_.get_subcommands({}))
            command->formatter_fn(help_text);
    }

    CommandLine parse(std::vector<std::string> args) {
        std::reverse(args.begin(), args.end());  // CLI11 wants them so
        if (args.empty()) {
            return {.exit_code = code_of(Exit::usage),
                    .err = app_.help() + "\nnap: a command is missing\n"};
        }
        try {
            app_.parse(std::move(args));
            Command made = command();
            if (!problem_.empty()) return usage(problem_);
            return {.command = std::move(made), .flags = flags()};
        } catch (const CLI::CallForHelp&) {
            return {.out = app_.help()};
        } catch (const CLI::CallForVersion& version) {
            return {.out = std::string(version.what()) + "\n"};
        } catch (const CLI::ParseError& error) {
            return usage(what_is_wrong(error));
        }
    }

  private:
    static int code_of(Exit code) { return static_cast<int>(code); }

    CLI::Option* add_setting(CLI::App& to, const Setting& setting) {
        const std::string flag = std::string("--") + setting.flag;
        if (setting.value == nullptr) {
            return to.add_flag(fmt::format("{},!--no-{}", flag, setting.flag), raw_.lead,
                               setting.help);
        }
        return to.add_option(flag, raw_.settings[setting.flag], setting.help)
            ->type_name(setting.value);
    }

    void add_agent() {
        CLI::App* agent = app_.add_subcommand("agent", "Run the daemon of this host");
        for (const Setting& setting : all_settings()) {
            if (setting.agent_only) add_setting(*agent, setting);
        }
    }

    void add_validate() {
        CLI::App* validate = app_.add_subcommand("validate", "Check manifests, offline");
        validate->add_option("PATH", raw_.paths, "manifests, or folders of them")
            ->required()
            ->type_name("FILE|DIR");
        add_output(*validate);
    }

    void add_plan() {
        CLI::App* plan = app_.add_subcommand(
            "plan", "Show what a manifest would change on this host, and why; change nothing");
        add_app(*plan)->required();
        add_file(*plan);
        add_output(*plan);
    }

    void add_apply() {
        CLI::App* apply =
            app_.add_subcommand("apply", "Write a manifest to Consul and follow it until it runs");
        add_app(*apply)->required();
        add_file(*apply);
        apply
            ->add_option("--check-index", raw_.check_index,
                         "write only if the manifest still has this ModifyIndex; 0: if there is "
                         "none yet")
            ->type_name("N");
        apply->add_flag("--detach", raw_.detach, "write and do not wait");
        add_timeout(*apply);
    }

    void add_status() {
        CLI::App* status = app_.add_subcommand("status", "Show how apps are");
        add_app(*status);
        add_output(*status);
    }

    void add_ps() {
        CLI::App* ps = app_.add_subcommand("ps", "List the instances of apps");
        add_app(*ps);
        add_output(*ps);
    }

    void add_rm() {
        CLI::App* rm = app_.add_subcommand(
            "rm", "Delete an app's manifest and wait until it is gone; volumes stay");
        add_app(*rm)->required();
        add_timeout(*rm);
    }

    void add_sync() {
        CLI::App* sync = app_.add_subcommand(
            "sync", "Bring a folder or git work tree of manifests into Consul, app by app");
        sync->add_option("DIR", raw_.file, "the folder")->type_name("")->required();
        sync->add_flag("--prune", raw_.prune, "delete what it has written and no longer holds");
        sync->add_flag("--watch", raw_.watch, "go on, and follow what changes in the folder");
        add_output(*sync);
    }

    void add_cluster_commands() {
        add_output(*app_.add_subcommand("nodes", "List the nodes of the cluster"));
        CLI::App* drain = app_.add_subcommand(
            "drain", "Move all instances that may move away from a node, and keep others off it");
        add_node(*drain);
        drain->add_flag("--detach", raw_.detach, "say so and do not wait");
        add_timeout(*drain);
        add_output(*drain);
        CLI::App* undrain = app_.add_subcommand("undrain", "Let a node take instances again");
        add_node(*undrain);
        add_output(*undrain);
        CLI::App* explain =
            app_.add_subcommand("explain", "Show where instances are, and why one has no node");
        explain->add_option("APP", raw_.app, "an app, or one service of it")
            ->type_name("[/SERVICE]")
            ->required();
        add_output(*explain);
        CLI::App* rebalance = app_.add_subcommand(
            "rebalance", "Even the nodes out by moving instances, a few at a time");
        rebalance->add_flag("--dry-run", raw_.dry_run, "show the moves and make none");
        rebalance->add_flag("--detach", raw_.detach, "ask for it and do not wait");
        add_timeout(*rebalance);
        add_output(*rebalance);
        CLI::App* approve =
            app_.add_subcommand("approve", "Release what the leader holds until a person says so");
        approve->add_option("ID", raw_.ids, "as `nap status` shows them (default: all)")
            ->type_name("");
        add_output(*approve);
    }

    void add_node(CLI::App& to) {
        to.add_option("NODE", raw_.node, "the name of a node")->type_name("")->required();
    }

    CLI::Option* add_app(CLI::App& to) {
        return to.add_option("APP", raw_.app, "the name of an app")->type_name("");
    }

    void add_file(CLI::App& to) {
        to.add_option("-f,--file", raw_.file, "the manifest")->required()->type_name("FILE");
    }

    void add_output(CLI::App& to) {
        to.add_option("-o,--output", raw_.output, "text or json")->type_name("FORMAT");
    }

    void add_timeout(CLI::App& to) {
        to.add_option("--timeout", raw_.timeout, "how long to wait, as 90s or 5m (default: 60s)")
            ->type_name("DURATION");
    }

    CLI::App* chosen() {
        const auto parsed = app_.get_subcommands();
        return parsed.empty() ? &app_ : parsed.front();
    }

    CommandLine usage(const std::string& problem) {
        const CLI::App* at = chosen();
        const std::string name = at == &app_ ? "nap" : "nap " + at->get_name();
        return {.exit_code = code_of(Exit::usage),
                .err = fmt::format("{}: {}\nRun `{} --help` for help.\n", name, problem, name)};
    }

    std::string what_is_wrong(const CLI::ParseError& error) {
        const std::vector<std::string> extras = app_.remaining(true);
        if (extras.empty()) return error.what();
        const bool command_missing = app_.get_subcommands().empty();
        const auto option = std::find_if(extras.begin(), extras.end(), [](const std::string& word) {
            return word.starts_with('-');
        });
        if (command_missing && !extras.front().starts_with('-')) {
            return unknown("command", extras.front(), command_names());
        }
        if (option != extras.end()) return unknown_option(*option);
        return fmt::format("unexpected argument {}", nap::quoted(extras.front()));
    }

    static std::string unknown(const char* what, const std::string& word,
                               const std::vector<std::string>& names) {
        const std::vector<std::string_view> candidates(names.begin(), names.end());
        return fmt::format("unknown {} {}{}", what, nap::quoted(word),
                           suggestion(word, candidates));
    }

    std::string unknown_option(const std::string& word) {
        std::vector<std::string> names;
        for (const CLI::App* at : {&app_, chosen()}) {
            for (const CLI::Option* option : at->get_options()) {
                for (const std::string& name : option->get_lnames())
                    names.push_back("--" + name);
            }
        }
        return unknown("option", word.substr(0, word.find('=')), names);
    }

    std::vector<std::string> command_names() {
        std::vector<std::string> names;
        for (const CLI::App* command : app_.get_subcommands({})) {
            names.push_back(command->get_name());
        }
        return names;
    }

    StringMap flags() {
        StringMap given;
        for (const CLI::App* at : {&app_, chosen()}) {
            for (const auto& [flag, value] : raw_.settings) {
                const CLI::Option* option = at->get_option_no_throw("--" + flag);
                if (option != nullptr && option->count() > 0) given[flag] = value;
            }
            const CLI::Option* lead = at->get_option_no_throw("--lead");
            if (lead != nullptr && lead->count() > 0) given["lead"] = raw_.lead ? "true" : "false";
        }
        return given;
    }

    AppId app(const std::string& name) {
        if (const auto problem = app_name_problem(name)) problem_ = *problem;
        return AppId(name);
    }
    AppId app() { return app(raw_.app); }

    NodeId node() {
        Config scratch;
        if (const auto problem = set_config_value(scratch, "node.name", raw_.node)) {
            problem_ = *problem;
        }
        return NodeId(raw_.node);
    }

    ExplainCommand explain() {
        const std::size_t slash = raw_.app.find('/');
        if (slash == std::string::npos) return {app(), "", json()};
        const std::string service = raw_.app.substr(slash + 1);
        if (!is_plain_name(service)) {
            problem_ = fmt::format("{} cannot be the name of a service", nap::quoted(service));
        }
        return {app(raw_.app.substr(0, slash)), service, json()};
    }

    std::optional<AppId> app_if_given() {
        if (chosen_count("APP") == 0) return std::nullopt;
        return app();
    }

    std::size_t chosen_count(const std::string& option) const {
        return app_.get_subcommands().front()->get_option(option)->count();
    }

    bool json() {
        static constexpr std::string_view formats[] = {"text", "json"};
        if (raw_.output != "json" && raw_.output != "text") {
            problem_ = fmt::format("--output: expected text or json, found {}{}",
                                   nap::quoted(raw_.output), suggestion(raw_.output, formats));
        }
        return raw_.output == "json";
    }

    milliseconds timeout() {
        const auto duration = parse_duration(raw_.timeout);
        if (duration) return *duration;
        problem_ = "--timeout: " + duration.error().message;
        return {};
    }

    std::optional<std::uint64_t> check_index() {
        if (chosen_count("--check-index") == 0) return std::nullopt;
        std::uint64_t index = 0;
        const char* end = raw_.check_index.data() + raw_.check_index.size();
        const auto read = std::from_chars(raw_.check_index.data(), end, index);
        if (read.ec != std::errc() || read.ptr != end) {
            problem_ =
                fmt::format("--check-index: expected a ModifyIndex, a whole number, found {}",
                            nap::quoted(raw_.check_index));
        }
        return index;
    }

    Command command() {
        const std::string name = chosen()->get_name();
        if (name == "validate") return ValidateCommand{raw_.paths, json()};
        if (name == "plan") return PlanCommand{app(), raw_.file, json()};
        if (name == "apply") {
            return ApplyCommand{app(), raw_.file, check_index(), raw_.detach, timeout()};
        }
        if (name == "status") return StatusCommand{app_if_given(), json()};
        if (name == "ps") return PsCommand{app_if_given(), json()};
        if (name == "rm") return RmCommand{app(), timeout()};
        if (name == "nodes") return NodesCommand{json()};
        if (name == "drain") return DrainCommand{node(), raw_.detach, timeout(), json()};
        if (name == "undrain") return UndrainCommand{node(), json()};
        if (name == "explain") return explain();
        if (name == "rebalance") {
            return RebalanceCommand{raw_.dry_run, raw_.detach, timeout(), json()};
        }
        if (name == "sync") return SyncCommand{raw_.file, raw_.prune, raw_.watch, json()};
        if (name == "approve") return ApproveCommand{raw_.ids, json()};
        return AgentCommand{};
    }

    CLI::App app_;
    Raw raw_;
    std::string problem_;  ///< with a value that CLI11 let through
};

}  // namespace

CommandLine parse_command_line(std::vector<std::string> args, const std::string& version) {
    return Parser(version).parse(std::move(args));
}

}  // namespace nap
