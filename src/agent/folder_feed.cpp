#include "agent/folder_feed.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "clients/standalone_codec.hpp"
#include "model/app_files.hpp"
#include "model/app_sources.hpp"

namespace nap {

namespace {

constexpr std::chrono::seconds resync_interval{60};
constexpr std::chrono::seconds retry_interval{1};
/// Editors take a file away for a moment while they put the new one in its place.
constexpr milliseconds gone_after{500};
/// Changes come in crowds.
constexpr milliseconds gather_time{10};

}  // namespace

Result<std::unique_ptr<FolderFeed>> FolderFeed::create(asio::any_io_executor executor,
                                                       Options options) {
    auto watch = FolderWatch::create(executor, options.folder);
    if (!watch) return watch.error();
    return std::make_unique<FolderFeed>(executor, std::move(options), std::move(*watch));
}

FolderFeed::FolderFeed(asio::any_io_executor executor, Options options,
                       std::unique_ptr<FolderWatch> watch)
    : options_(std::move(options)), watch_(std::move(watch)), tasks_(executor) {}

void FolderFeed::start() {
    watch_->start();
    tasks_.spawn(follow());
}

void FolderFeed::stop() {
    watch_->stop();
    tasks_.cancel();
}

asio::awaitable<void> FolderFeed::join() {
    co_await tasks_.join();
    co_await watch_->join();
}

asio::awaitable<void> FolderFeed::follow() {
    while (true) {
        look();
        const bool well = problems_.empty() && !write_failed_;
        nanoseconds limit = well ? resync_interval : retry_interval;
        if (!missing_since_.empty()) limit = gone_after;
        co_await watch_->wait_for(limit);
        co_await sleep_for(gather_time);
    }
}

void FolderFeed::look() {
    failed_before_ = std::exchange(write_failed_, false);
    watch_->watch_all();
    const Apps known = known_apps();
    FolderRequest request{
        .path = options_.folder, .being_written = watch_->being_written(), .known = {}};
    for (const auto& [app, files] : known)
        request.known.insert(app);
    const auto found = read_app_folder(request);
    if (!found) {
        say({found.error().message + "; what runs is kept as it is until it can be read again"},
            notes_);
        return;
    }
    std::vector<std::string> problems;
    for (const auto& [app, reason] : found->unread) {
        if (!reason.empty()) problems.push_back(app.str() + " is kept as it was: " + reason);
    }
    for (const auto& [app, files] : found->apps) {
        const auto before = known.find(app);
        write_app(app, files, before == known.end() ? FolderFiles{} : before->second);
    }
    drop_missing(*found, known, problems);
    if (!found->apps.empty()) remember_folder(*found);
    say(std::move(problems), found->notes);
}

FolderFeed::Apps FolderFeed::known_apps() const {
    Apps apps;
    const std::string prefix = options_.keys.apps();
    for (KvEntry& entry : options_.store.look(prefix).entries) {
        if (entry.key == AppSources::sentinel(prefix)) continue;
        std::string name = entry.key.substr(prefix.size());
        const AppId app(app_of_name(name));
        apps[app].emplace(std::move(name), std::move(entry.value));
    }
    return apps;
}

void FolderFeed::write_app(const AppId& app, const FolderFiles& wanted, const FolderFiles& known) {
    missing_since_.erase(app);
    std::vector<KvOp> ops;
    for (const auto& [name, bytes] : wanted) {
        const auto before = known.find(name);
        if (before != known.end() && before->second == bytes) continue;
        ops.push_back({.verb = KvVerb::set, .key = options_.keys.apps() + name, .value = bytes});
    }
    for (const auto& [name, bytes] : known) {
        if (!wanted.contains(name)) {
            ops.push_back({.verb = KvVerb::remove, .key = options_.keys.apps() + name});
        }
    }
    write(ops);
}

void FolderFeed::drop_missing(const AppFolder& found, const Apps& known,
                              std::vector<std::string>& problems) {
    std::vector<AppId> missing;
    for (const auto& [app, files] : known) {
        if (!found.apps.contains(app) && !found.unread.contains(app)) missing.push_back(app);
    }
    if (missing.empty()) {
        missing_since_.clear();
        return;
    }
    const bool nothing_there = found.apps.empty() && found.unread.empty();
    if (nothing_there && !is_same_folder(found)) {
        problems.push_back("the folder " + options_.folder +
                           " is empty, and another than before; is something to be mounted there? "
                           "What runs is kept as it is until a manifest is there");
        missing_since_.clear();
        return;
    }
    const MonotonicTime now = options_.clock.monotonic();
    bool settled = true;
    for (const AppId& app : missing)
        settled = now - missing_since_.try_emplace(app, now).first->second >= gone_after && settled;
    if (!settled) return;
    // Those that went one after the other go in one step, so that the brake sees them together.
    std::vector<KvOp> ops;
    for (const AppId& app : missing) {
        for (const auto& [name, bytes] : known.at(app))
            ops.push_back({.verb = KvVerb::remove, .key = options_.keys.apps() + name});
    }
    missing_since_.clear();
    write(ops);
}

StandaloneRecord FolderFeed::record() const {
    const auto listing = options_.store.look(options_.keys.standalone());
    if (listing.entries.empty()) return {};
    const auto record = decode_standalone_record(listing.entries.front().value);
    return record ? *record : StandaloneRecord{};
}

bool FolderFeed::is_same_folder(const AppFolder& found) const {
    return record().identity == found.identity;
}

void FolderFeed::remember_folder(const AppFolder& found) {
    StandaloneRecord now = record();
    now.identity = found.identity;
    write({{.verb = KvVerb::set, .key = options_.keys.standalone(), .value = encode(now)}});
}

void FolderFeed::say(std::vector<std::string> problems, std::vector<std::string> notes) {
    for (const std::string& problem : problems) {
        const bool known =
            std::find(problems_.begin(), problems_.end(), problem) != problems_.end();
        if (!known) spdlog::error("{}", problem);
    }
    for (const std::string& note : notes) {
        if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) spdlog::warn("{}", note);
    }
    if (problems.empty() && !problems_.empty()) {
        spdlog::info("the folder {} is followed again", options_.folder);
    }
    StandaloneRecord now = record();
    now.folder = options_.folder;
    now.problems = problems;
    write({{.verb = KvVerb::set, .key = options_.keys.standalone(), .value = encode(now)}});
    problems_ = std::move(problems);
    notes_ = std::move(notes);
}

void FolderFeed::write(const std::vector<KvOp>& ops) {
    if (ops.empty()) return;
    const auto written = options_.store.write(ops);
    if (written) return;
    if (!write_failed_ && !failed_before_) {
        spdlog::error("{}; what is in the folder is not followed until that is mended",
                      written.error().message);
    }
    write_failed_ = true;
}

}  // namespace nap
