#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/consul.hpp"
#include "cli/git.hpp"
#include "cli/manifest_file.hpp"
#include "cli/sync_plan.hpp"
#include "clients/sync_codec.hpp"
#include "model/app_files.hpp"
#include "model/rfc3339.hpp"
#include "ports/wake.hpp"
#include "watchers/folder_watch.hpp"

namespace nap {

namespace {

/// Whoever changes the folder does not do it in one step.
constexpr milliseconds rest_time{300};
constexpr milliseconds rest_time_max{5'000};
constexpr int looks_max = 50;
constexpr milliseconds look_interval{100};
constexpr std::chrono::seconds retry_interval{5};
constexpr std::chrono::seconds resync_interval{60};

/// The folder as it is at one commit.
struct Tree {
    AppFolder folder;
    std::optional<GitHead> head;
    Outcome outcome;  ///< why there is none
};

/// Looks until git is not at work on it, and nothing has happened while it was read.
asio::awaitable<Tree> read_tree(SyncCommand command, std::set<AppId> managed) {
    for (int look = 0; look < looks_max; ++look) {
        Tree tree;
        tree.head = read_git_head(command.folder);
        auto folder =
            read_app_folder({.path = command.folder, .being_written = {}, .known = managed});
        if (!folder) {
            tree.outcome = {Exit::not_found, folder.error().message};
            co_return tree;
        }
        tree.folder = std::move(*folder);
        const bool busy = tree.head && tree.head->busy;
        if (!busy && read_git_head(command.folder) == tree.head) co_return tree;
        co_await sleep_for(look_interval);
    }
    co_return Tree{.folder = {},
                   .head = {},
                   .outcome = {Exit::timed_out,
                               "git is at work in " + command.folder +
                                   " all the time; is there an index.lock that nobody holds?"}};
}

/// Every error of every app is said before anything is written.
Outcome validate_apps(const AppFolder& folder, const Console& console) {
    std::size_t invalid = 0;
    for (const auto& [app, reason] : folder.unread) {
        console.say("nap: " + (reason.empty() ? app.str() + " is being written" : reason));
        ++invalid;
    }
    for (const auto& [app, found] : folder.apps) {
        std::vector<AppFile> files;
        for (const auto& [name, bytes] : found)
            files.push_back({.name = name, .bytes = bytes});
        AppSource source = assemble_app(app.str(), std::move(files));
        std::vector<ManifestError> errors = std::move(source.errors);
        if (errors.empty()) errors = parse_manifest(app, source.text).errors;
        for (const ManifestError& error : errors)
            console.say(to_string(error));
        if (!errors.empty()) ++invalid;
    }
    if (invalid == 0) return {};
    return {Exit::invalid, counted(invalid, "app") + " cannot be used; nothing was written"};
}

/// The record as KV has it, and its ModifyIndex.
struct KnownRecord {
    SyncRecord record;
    std::uint64_t index = 0;
};

asio::awaitable<Result<KnownRecord>> read_record(Store& store, Keys keys) {
    const auto entry = co_await store.get(keys.sync(), {});
    if (!entry) co_return entry.error();
    KnownRecord known;
    if (!*entry) co_return known;
    auto record = decode_sync_record((*entry)->value);
    if (!record) co_return unreadable(keys.sync(), record.error());
    known.record = std::move(*record);
    known.index = (*entry)->modify_index;
    co_return known;
}

class Sync {
  public:
    Sync(CommandContext context, Store& store, SyncCommand command)
        : context_(context),
          store_(store),
          command_(std::move(command)),
          keys_(context.config.consul.prefix) {}

    asio::awaitable<Outcome> run() {
        auto known = co_await read_record(store_, keys_);
        if (!known) co_return consul_failed(context_.config, known.error());
        known_ = std::move(*known);
        const Tree tree = co_await read_tree(command_, known_.record.apps);
        if (tree.outcome.code != Exit::ok) co_return tree.outcome;
        for (const std::string& note : tree.folder.notes)
            context_.console.say("nap: warning: " + note);
        Outcome valid = validate_apps(tree.folder, context_.console);
        if (valid.code != Exit::ok) co_return valid;
        if (tree.folder.apps.empty()) {
            co_return Outcome{Exit::not_found, command_.folder +
                                                   " holds no manifest; nothing was written, and "
                                                   "nothing is pruned by an empty folder"};
        }
        const auto listing = co_await store_.list(keys_.apps(), {});
        if (!listing) co_return consul_failed(context_.config, listing.error());
        const SyncPlan plan = plan_sync({.keys = keys_,
                                         .wanted = tree.folder.apps,
                                         .entries = listing->entries,
                                         .managed = known_.record.apps,
                                         .prune = command_.prune});
        for (const std::string& refusal : plan.refusals)
            context_.console.say("nap: " + refusal);
        if (!plan.refusals.empty()) {
            co_return Outcome{Exit::invalid, "nothing was written"};
        }
        co_return co_await write(tree, plan);
    }

  private:
    asio::awaitable<Outcome> write(const Tree& tree, const SyncPlan& plan) {
        SyncReport report{.record = known_.record, .written = {}, .removed = {}, .left = plan.left};
        for (const SyncBatch& batch : plan.batches) {
            // In the same step as its keys, so that an app that was written can be pruned.
            report.record.apps.insert(batch.written.begin(), batch.written.end());
            for (const AppId& app : batch.removed)
                report.record.apps.erase(app);
            const auto done = co_await commit(report.record, batch.ops);
            if (!done) co_return failed(done.error());
            for (const AppId& app : batch.written)
                context_.console.say(app.str() + " written");
            for (const AppId& app : batch.removed)
                context_.console.say(app.str() + " removed");
            report.written.insert(batch.written.begin(), batch.written.end());
            report.removed.insert(batch.removed.begin(), batch.removed.end());
        }
        // The commit is named once all of it is there.
        report.record.apps = plan.left;
        for (const auto& [app, files] : tree.folder.apps)
            report.record.apps.insert(app);
        report.record.commit = tree.head ? tree.head->commit : "";
        report.record.author = tree.head ? tree.head->author : "";
        report.record.modified = tree.head && tree.head->modified;
        if (!report.record.same_apart_from_time(known_.record)) {
            const auto done = co_await commit(report.record, {});
            if (!done) co_return failed(done.error());
        }
        co_return finish(report, tree.folder.apps.size());
    }

    asio::awaitable<Result<void>> commit(SyncRecord record, std::vector<KvOp> ops) {
        record.updated = format_rfc3339(std::chrono::system_clock::now());
        KvOp op{.verb = KvVerb::cas, .key = keys_.sync(), .value = encode(record)};
        op.index = known_.index;
        ops.push_back(std::move(op));
        const auto done = co_await store_.transact(std::move(ops));
        if (!done) co_return done.error();
        const auto known = co_await read_record(store_, keys_);
        if (!known) co_return known.error();
        if (known->record.updated != record.updated) {
            co_return Error{Errc::not_committed, "another `nap sync` is at work"};
        }
        known_ = *known;
        co_return Result<void>{};
    }

    Outcome failed(const Error& error) const {
        if (error.code == Errc::not_committed) {
            return {Exit::conflict, "keys were changed by someone else meanwhile (" +
                                        error.message +
                                        "); what was written is whole apps. Run this again"};
        }
        Outcome outcome = consul_failed(context_.config, error);
        outcome.message += "; what was written is whole apps. Run this again";
        return outcome;
    }

    Outcome finish(const SyncReport& report, std::size_t apps) const {
        if (command_.json) context_.console.out << cli_json(report) << std::endl;
        for (const AppId& app : report.left) {
            context_.console.say(app.str() + " is not in " + command_.folder +
                                 " any more; --prune removes it");
        }
        std::string text = counted(apps, "app") + " in sync";
        if (!report.record.commit.empty()) {
            text += fmt::format(" at {}{}", report.record.commit.substr(0, 12),
                                report.record.modified ? " and changes on top" : "");
        }
        if (report.written.size() + report.removed.size() > 0) {
            text += fmt::format(": {} written, {} removed", report.written.size(),
                                report.removed.size());
        }
        return {Exit::ok, text};
    }

    CommandContext context_;
    Store& store_;
    SyncCommand command_;
    Keys keys_;
    KnownRecord known_;
};

/// Returns once the folder has changed, or may have, and has come to rest.
asio::awaitable<void> await_change(FolderWatch& watch, nanoseconds limit) {
    co_await watch.wait_for(limit);
    const MonotonicTime end = std::chrono::steady_clock::now() + rest_time_max;
    while (std::chrono::steady_clock::now() < end) {
        const MonotonicTime began = std::chrono::steady_clock::now();
        watch.watch_all();
        co_await watch.wait_for(rest_time);
        const bool rested = std::chrono::steady_clock::now() - began >= rest_time;
        if (rested && watch.being_written().empty()) co_return;
    }
}

}  // namespace

asio::awaitable<Outcome> sync_folder(CommandContext context, SyncCommand command) {
    if (auto refusal = refuse_standalone(context.config)) co_return *refusal;
    const auto store = open_consul(context.executor, context.config);
    if (!store) co_return consul_failed(context.config, store.error());
    if (!command.watch) {
        Sync once(context, **store, command);
        co_return co_await once.run();
    }
    const auto watch = FolderWatch::create(context.executor, command.folder);
    if (!watch) co_return Outcome{Exit::usage, watch.error().message};
    (*watch)->start();
    std::string said;
    while (true) {
        (*watch)->watch_all();
        Sync sync(context, **store, command);
        const Outcome outcome = co_await sync.run();
        if (outcome.message != std::exchange(said, outcome.message)) {
            context.console.say("nap: " + outcome.message);
        }
        co_await await_change(**watch, outcome.code == Exit::ok ? resync_interval : retry_interval);
    }
}

}  // namespace nap
