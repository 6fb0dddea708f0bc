#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/consul.hpp"
#include "cli/manifest_file.hpp"
#include "cli/render.hpp"
#include "cli/status_watch.hpp"

namespace nap {

namespace {

/// Converged counts once it has stood this long: a container that ends at once has run, too.
constexpr milliseconds steady_time{1'000};

struct Target {
    std::string key;
    Outcome outcome;  ///< why there is none
};

/// The one key that holds the app's manifest, or shall.
Target choose_key(const std::vector<KvEntry>& found, const AppSources& sources, const AppId& app) {
    std::vector<std::string> names;
    for (const KvEntry& entry : found) {
        if (entry.key.find('/', sources.prefix_of(entry.key).size()) != std::string::npos) {
            return {"",
                    {Exit::usage, fmt::format("{} is kept as a folder of files in Consul ({}); "
                                              "`nap apply` writes a single file: use `nap "
                                              "sync`, or put the file there with `consul kv "
                                              "put`",
                                              app.str(), entry.key)}};
        }
        names.push_back(entry.key);
    }
    if (names.empty()) return {sources.prefixes().front() + app.str(), {}};
    if (names.size() == 1) return {names.front(), {}};
    return {"",
            {Exit::conflict, fmt::format("{} has more than one manifest: {}; delete all but one",
                                         app.str(), fmt::join(names, ", "))}};
}

Outcome write_failed(const CommandContext& context, const ApplyCommand& command,
                     const std::string& key, const Error& error) {
    if (error.code == Errc::not_committed && command.check_index) {
        const std::uint64_t index = *command.check_index;
        return {
            Exit::conflict,
            fmt::format(
                "{} {}; nothing was written. Look at it, then apply "
                "again with its present ModifyIndex",
                key, index == 0 ? "exists already" : fmt::format("is not at {} any more", index))};
    }
    Outcome outcome = consul_failed(context.config, error);
    if (error.code == Errc::unreachable || error.code == Errc::timed_out) {
        outcome.message += fmt::format("; whether {} was written is not known", key);
    }
    return outcome;
}

Outcome time_is_up(const std::optional<AppStatus>& last, const ApplyCommand& command,
                   std::uint64_t index) {
    const bool answered = last && last->modify_index >= index;
    const std::string state = answered ? progress_line(*last) : "no agent has answered yet";
    const bool failed = answered && last->phase == Phase::degraded;
    return {failed ? Exit::failed : Exit::timed_out,
            fmt::format("{} has not converged within {} s: {}; it goes on, see `nap status {}`",
                        command.app.str(), static_cast<double>(command.timeout.count()) / 1000,
                        state, command.app.str())};
}

asio::awaitable<Outcome> follow(CommandContext context, Store& store, ApplyCommand command,
                                std::uint64_t index) {
    StatusWatch watch({context, store, command.app, command.timeout});
    std::optional<AppStatus> last;
    std::string shown;
    while (true) {
        auto status = co_await watch.next();
        if (!status && status.error().code == Errc::timed_out) {
            co_return time_is_up(last, command, index);
        }
        if (!status) co_return consul_failed(context.config, status.error());
        last = std::move(*status);
        if (!last || last->modify_index < index) {
            co_await watch.warn_without_leader();
            continue;
        }
        const std::string line = progress_line(*last);
        if (line != shown) context.console.say(line);
        shown = line;
        const auto verdict = verdict_on(*last, index);
        if (!verdict) continue;
        if (verdict->code == Exit::ok) {
            const bool stands = co_await watch.stands_for(steady_time);
            if (!stands) continue;
        }
        for (const ManifestError& error : last->errors)
            context.console.say(to_string(error));
        co_return *verdict;
    }
}

/// Writes, and reads back the index the manifest now has.
asio::awaitable<Result<std::uint64_t>> write(Store& store, std::string key, std::string text,
                                             std::optional<std::uint64_t> check_index) {
    const std::string written = text;
    KvOp op{.verb = check_index ? KvVerb::cas : KvVerb::set, .key = key, .value = std::move(text)};
    op.index = check_index.value_or(0);
    std::vector<KvOp> ops;
    ops.push_back(std::move(op));
    if (auto done = co_await store.transact(std::move(ops)); !done) co_return done.error();
    const auto entry = co_await store.get(key, {});
    if (!entry) co_return entry.error();
    if (!*entry || (*entry)->value != written) {
        co_return Error{Errc::conflict, key + " was changed by someone else right after"};
    }
    co_return (*entry)->modify_index;
}

/// What of the app is in other files of its folder, as only the one file is written; nullopt:
/// nothing.
std::optional<std::string> why_not_alone(const AppId& app, const AppSpec& whole,
                                         ManifestText text) {
    if (text.files.empty()) return std::nullopt;
    text.files.clear();
    const ParsedManifest alone = parse_manifest(app, text);
    if (!alone.spec) return to_string(alone.errors.front());
    if (*alone.spec == whole) return std::nullopt;
    return "without the other files of its folder (.env, overrides, env files) it says something "
           "else";
}

}  // namespace

asio::awaitable<Outcome> apply_app(CommandContext context, ApplyCommand command) {
    if (auto refusal = refuse_standalone(context.config)) co_return *refusal;
    LocalManifest manifest = read_local_manifest(command.app, command.file, context.console);
    if (!manifest.spec) co_return manifest.outcome;
    if (const auto needed = why_not_alone(command.app, *manifest.spec, manifest.text)) {
        co_return Outcome{Exit::usage, fmt::format("{} is not all of the app: {}; write the folder "
                                                   "with `nap sync`",
                                                   command.file, *needed)};
    }
    const auto store = open_consul(context.executor, context.config);
    if (!store) co_return consul_failed(context.config, store.error());
    const AppSources sources = app_sources(context.config);
    const auto found = co_await find_app_keys(**store, sources, command.app);
    if (!found) co_return consul_failed(context.config, found.error());
    const Target target = choose_key(*found, sources, command.app);
    if (target.key.empty()) co_return target.outcome;
    const auto index =
        co_await write(**store, target.key, std::move(manifest.text.text), command.check_index);
    if (!index) co_return write_failed(context, command, target.key, index.error());
    context.console.say(fmt::format("{} written, ModifyIndex {}", target.key, *index));
    if (command.detach) co_return Outcome{};
    co_return co_await follow(context, **store, std::move(command), *index);
}

}  // namespace nap
