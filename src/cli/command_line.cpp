#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "cli/help.hpp"
#include "cli/outcome.hpp"
#include "cli/settings.hpp"
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
    std::string file;
    std::string output = "text";
    std::string check_index;
    std::string timeout = "60s";
    bool detach = false;
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

    AppId app() {
        if (const auto problem = app_name_problem(raw_.app)) problem_ = *problem;
        return AppId(raw_.app);
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
