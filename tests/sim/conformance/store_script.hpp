#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "ports/store.hpp"
#include "sim/conformance/both.hpp"

namespace nap::sim {

/// Calls to a store, and what they said: indexes only as how they compare with those before.
class StoreScript {
  public:
    using Task = asio::awaitable<void>;

    /// All keys lie below `prefix`, as one real Consul serves all tests.
    StoreScript(Store& store, std::string prefix, Transcript& said)
        : store_(store), prefix_(std::move(prefix)), said_(said) {}

    /// Adds an operation to the next transaction.
    void op(KvOp op) {
        op.key = prefix_ + op.key;
        ops_.push_back(std::move(op));
    }
    Task commit(const char* what) {
        const auto done = co_await store_.transact(std::exchange(ops_, {}));
        say(what, done);
    }
    Task set(const char* key, const char* value) {
        op({.verb = KvVerb::set, .key = key, .value = value});
        const std::string what = fmt::format("set {} to {}", key, value);
        co_await commit(what.c_str());
    }
    Task remove(const char* key) {
        op({.verb = KvVerb::remove, .key = key});
        const std::string what = fmt::format("remove {}", key);
        co_await commit(what.c_str());
    }

    Task get(const char* key) {
        const auto listing = co_await store_.watch_key(prefix_ + key, ReadOptions{});
        tell(key, listing);
    }
    Task list(const char* prefix) {
        const auto listing = co_await store_.list(prefix_ + prefix, ReadOptions{});
        tell(fmt::format("{}*", prefix), listing);
    }
    /// Blocks from the index that was last seen for it.
    Task watch(const char* key, milliseconds wait) {
        const ReadOptions options{.index = listed_[key], .wait = wait};
        const auto listing = co_await store_.watch_key(prefix_ + key, options);
        tell(key, listing);
    }
    Task watch_list(const char* prefix, milliseconds wait) {
        const std::string name = fmt::format("{}*", prefix);
        const ReadOptions options{.index = listed_[name], .wait = wait};
        const auto listing = co_await store_.list(prefix_ + prefix, options);
        tell(name, listing);
    }

    Task create_session(const char* name, SessionSpec spec) {
        const auto id = co_await store_.create_session(std::move(spec));
        say(fmt::format("create session {}", name), id);
        if (!id) co_return;
        sessions_[name] = *id;
        names_[*id] = name;
    }
    Task renew_session(const char* name) {
        const auto done = co_await store_.renew_session(session(name));
        say(fmt::format("renew {}", name), done);
    }
    Task destroy_session(const char* name) {
        const auto done = co_await store_.destroy_session(session(name));
        say(fmt::format("destroy {}", name), done);
    }
    Task register_check(CheckSpec spec) {
        const std::string what = "register check " + spec.id;
        const auto done = co_await store_.register_check(std::move(spec));
        say(what, done);
    }
    Task pass_check(const char* id) {
        const auto done = co_await store_.pass_check(id);
        say(fmt::format("pass {}", id), done);
    }

    [[nodiscard]] SessionId session(const std::string& name) const {
        const auto found = sessions_.find(name);
        // What is no session of anybody's.
        return found == sessions_.end() ? SessionId("adf4238a-882b-9ddc-4a9d-5b6758e4159e")
                                        : found->second;
    }
    /// The ModifyIndex of a key as it was last read.
    [[nodiscard]] std::uint64_t seen(const std::string& key) const {
        const auto found = seen_.find(prefix_ + key);
        return found == seen_.end() ? 0 : found->second;
    }
    void note(std::string line) { said_.push_back(std::move(line)); }

  private:
    template <class T>
    void say(const std::string& what, const Result<T>& result) {
        note(fmt::format("{}: {}", what, result ? "done" : to_string(result.error().code)));
    }

    static const char* compare(std::uint64_t now, std::uint64_t before) {
        if (before == 0) return "new";
        if (now == before) return "same";
        return now > before ? "higher" : "lower";
    }

    void tell(const std::string& what, const Result<KvListing>& listing) {
        if (!listing) return note(fmt::format("{}: {}", what, to_string(listing.error().code)));
        std::string line = what + ":";
        std::uint64_t newest = 0;
        for (const KvEntry& entry : listing->entries) {
            newest = std::max(newest, entry.modify_index);
            std::uint64_t& before = seen_[entry.key];
            line += fmt::format(" {}={} ({})", entry.key.substr(prefix_.size()), entry.value,
                                compare(entry.modify_index, before));
            if (!entry.session.empty()) line += " held by " + names_[entry.session];
            before = entry.modify_index;
        }
        if (listing->entries.empty()) line += " nothing";
        std::uint64_t& before = listed_[what];
        line += fmt::format("; index {}", compare(listing->index, before));
        if (newest > 0) line += listing->index == newest ? ", the newest's" : ", beyond the newest";
        before = listing->index;
        note(std::move(line));
    }

    Store& store_;
    std::string prefix_;
    Transcript& said_;
    std::vector<KvOp> ops_;
    std::map<std::string, std::uint64_t> seen_;
    std::map<std::string, std::uint64_t> listed_;
    std::map<std::string, SessionId> sessions_;
    std::map<SessionId, std::string> names_;
};

}  // namespace nap::sim
