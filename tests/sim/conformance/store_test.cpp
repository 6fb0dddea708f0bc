// The same calls to the real Consul and to the simulated one.
#include <gtest/gtest.h>

#include "ports/task_group.hpp"
#include "ports/wake.hpp"
#include "sim/conformance/store_script.hpp"

namespace nap::sim {
namespace {

using Task = asio::awaitable<void>;
using std::chrono::seconds;

constexpr milliseconds short_wait{300};

const SessionSpec plain{.name = "plain", .ttl = seconds(10)};
const SessionSpec deleting{.name = "deleting", .ttl = seconds(10), .delete_on_end = true};
const SessionSpec delaying{
    .name = "delaying", .ttl = seconds(10), .lock_delay = milliseconds(2000)};
const SessionSpec checked{.name = "checked", .checks = {"conformance"}};
const SessionSpec host_and_check{
    .name = "both", .delete_on_end = true, .checks = {"conformance", "serfHealth"}};

Task reads_and_writes(Store& store, Transcript& said) {
    StoreScript s(store, "c-rw/", said);
    co_await s.get("a");
    co_await s.list("");
    co_await s.set("a", "1");
    co_await s.get("a");
    co_await s.set("a", "1");
    co_await s.get("a");
    co_await s.set("a", "2");
    co_await s.get("a");
    co_await s.set("b", "1");
    co_await s.get("a");
    co_await s.list("");
    co_await s.remove("b");
    co_await s.get("b");
    co_await s.list("");
    co_await s.get("a");
    co_await s.remove("b");
    co_await s.list("");
    co_await s.set("b", "again");
    co_await s.list("");
    co_await s.set("empty", "");
    co_await s.get("empty");
    co_await s.remove("a");
    co_await s.remove("b");
    co_await s.remove("empty");
    co_await s.list("");
    co_await s.get("a");
}

TEST(ConsulConformance, ReadsAndWrites) {
    expect_same(StoreUse(reads_and_writes));
}

Task prefixes(Store& store, Transcript& said) {
    StoreScript s(store, "c-prefix/", said);
    static constexpr const char* keys[] = {"app1", "app10", "app1/x", "app2", "App1", "apq"};
    for (const char* key : keys)
        co_await s.set(key, "v");
    co_await s.list("app1");
    co_await s.list("app1/");
    co_await s.list("app");
    co_await s.list("none");
    co_await s.get("app1/");
    s.op({.verb = KvVerb::remove_tree, .key = "app1"});
    co_await s.commit("remove app1*");
    co_await s.list("app1");
    co_await s.list("");
    s.op({.verb = KvVerb::remove_tree, .key = "none"});
    co_await s.commit("remove none*");
    co_await s.list("");
    co_await s.list("none");
    s.op({.verb = KvVerb::remove_tree, .key = ""});
    co_await s.commit("remove all");
    co_await s.list("");
    co_await s.list("app2");
}

TEST(ConsulConformance, APrefixIsTheBeginningOfAString) {
    expect_same(StoreUse(prefixes));
}

Task compare_and_set(Store& store, Transcript& said) {
    StoreScript s(store, "c-cas/", said);
    s.op({.verb = KvVerb::cas, .key = "a", .value = "1", .index = 77});
    co_await s.commit("cas of a missing key by an index");
    s.op({.verb = KvVerb::cas, .key = "a", .value = "1", .index = 0});
    co_await s.commit("cas of a missing key by 0");
    co_await s.get("a");
    s.op({.verb = KvVerb::cas, .key = "a", .value = "2", .index = 0});
    co_await s.commit("cas of a key by 0");
    s.op({.verb = KvVerb::cas, .key = "a", .value = "1", .index = s.seen("a")});
    co_await s.commit("cas to what it is");
    co_await s.get("a");
    s.op({.verb = KvVerb::cas, .key = "a", .value = "2", .index = s.seen("a")});
    co_await s.commit("cas by its index");
    s.op({.verb = KvVerb::cas, .key = "a", .value = "3", .index = s.seen("a")});
    co_await s.commit("cas by its last index");
    co_await s.get("a");
    s.op({.verb = KvVerb::remove_cas, .key = "a", .index = s.seen("a") - 1});
    co_await s.commit("delete-cas by another index");
    s.op({.verb = KvVerb::remove_cas, .key = "a", .index = s.seen("a")});
    co_await s.commit("delete-cas by its index");
    s.op({.verb = KvVerb::remove_cas, .key = "a", .index = s.seen("a")});
    co_await s.commit("delete-cas of a missing key");
    s.op({.verb = KvVerb::remove_cas, .key = "a", .index = 0});
    co_await s.commit("delete-cas of a missing key by 0");
    co_await s.get("a");
}

TEST(ConsulConformance, CompareAndSet) {
    expect_same(StoreUse(compare_and_set));
}

Task transactions(Store& store, Transcript& said) {
    StoreScript s(store, "c-txn/", said);
    s.op({.verb = KvVerb::set, .key = "a", .value = "1"});
    s.op({.verb = KvVerb::check_index, .key = "missing", .index = 5});
    co_await s.commit("check-index of a missing key");
    co_await s.get("a");
    s.op({.verb = KvVerb::check_not_exists, .key = "a"});
    s.op({.verb = KvVerb::set, .key = "a", .value = "1"});
    s.op({.verb = KvVerb::set, .key = "b", .value = "1"});
    co_await s.commit("check-not-exists of a missing key");
    co_await s.list("");
    s.op({.verb = KvVerb::check_not_exists, .key = "a"});
    s.op({.verb = KvVerb::set, .key = "b", .value = "2"});
    co_await s.commit("check-not-exists of a key");
    s.op({.verb = KvVerb::set, .key = "c", .value = "1"});
    s.op({.verb = KvVerb::check_not_exists, .key = "c"});
    co_await s.commit("check-not-exists of what it wrote itself");
    s.op({.verb = KvVerb::check_index, .key = "a", .index = s.seen("a")});
    s.op({.verb = KvVerb::set, .key = "b", .value = "3"});
    co_await s.commit("check-index that holds");
    s.op({.verb = KvVerb::check_index, .key = "a", .index = s.seen("a") + 1});
    s.op({.verb = KvVerb::set, .key = "b", .value = "4"});
    co_await s.commit("check-index that does not");
    s.op({.verb = KvVerb::check_index, .key = "a", .index = 0});
    co_await s.commit("check-index by 0");
    co_await s.list("");
    s.op({.verb = KvVerb::set, .key = "a", .value = "x"});
    s.op({.verb = KvVerb::set, .key = "a", .value = "y"});
    s.op({.verb = KvVerb::remove, .key = "b"});
    s.op({.verb = KvVerb::set, .key = "b", .value = "z"});
    co_await s.commit("several writes of a key");
    co_await s.list("");
    for (int i = 0; i < 64; ++i)
        s.op({.verb = KvVerb::set, .key = "many/" + std::to_string(i), .value = "1"});
    co_await s.commit("64 operations");
    for (int i = 0; i < 65; ++i)
        s.op({.verb = KvVerb::set, .key = "many/" + std::to_string(i), .value = "2"});
    co_await s.commit("65 operations");
    co_await s.get("many/0");
    s.op({.verb = KvVerb::set, .key = "big", .value = std::string(300'000, 'x')});
    co_await s.commit("300 kB");
    s.op({.verb = KvVerb::set, .key = "big", .value = std::string(600'000, 'x')});
    co_await s.commit("600 kB");
}

TEST(ConsulConformance, TransactionsAreAllOrNothing) {
    expect_same(StoreUse(transactions));
}

Task locks(Store& store, Transcript& said) {
    StoreScript s(store, "c-lock/", said);
    co_await s.create_session("A", plain);
    co_await s.create_session("B", plain);
    const auto lock = [&s](const char* by, const char* value) {
        s.op({.verb = KvVerb::lock, .key = "k", .value = value, .session = s.session(by)});
    };
    const auto unlock = [&s](const char* by) {
        s.op({.verb = KvVerb::unlock, .key = "k", .value = "u", .session = s.session(by)});
    };
    lock("nobody", "n");
    co_await s.commit("lock by no session");
    unlock("A");
    co_await s.commit("unlock of a missing key");
    lock("A", "1");
    co_await s.commit("lock by A");
    co_await s.get("k");
    lock("B", "2");
    co_await s.commit("lock by B");
    lock("A", "1");
    co_await s.commit("lock by A again, with the same value");
    co_await s.get("k");
    lock("A", "2");
    co_await s.commit("lock by A again");
    co_await s.get("k");
    s.op({.verb = KvVerb::check_session, .key = "k", .session = s.session("A")});
    s.op({.verb = KvVerb::set, .key = "x", .value = "1"});
    co_await s.commit("check-session of its holder");
    s.op({.verb = KvVerb::check_session, .key = "k", .session = s.session("B")});
    co_await s.commit("check-session of another");
    s.op({.verb = KvVerb::check_session, .key = "missing", .session = s.session("A")});
    co_await s.commit("check-session of a missing key");
    s.op({.verb = KvVerb::check_session, .key = "x", .session = s.session("A")});
    co_await s.commit("check-session of a key that is not locked");
    co_await s.set("k", "plain");
    co_await s.get("k");
    s.op({.verb = KvVerb::cas, .key = "k", .value = "cas", .index = s.seen("k")});
    co_await s.commit("cas of a locked key");
    co_await s.get("k");
    unlock("B");
    co_await s.commit("unlock by B");
    unlock("A");
    co_await s.commit("unlock by A");
    co_await s.get("k");
    unlock("A");
    co_await s.commit("unlock of what is not locked");
    lock("B", "b");
    co_await s.commit("lock by B");
    co_await s.remove("k");
    co_await s.get("k");
    lock("A", "a");
    co_await s.commit("lock of what B held when it was removed");
    co_await s.get("k");
    co_await s.destroy_session("A");
    co_await s.destroy_session("B");
    co_await s.get("k");
}

TEST(ConsulConformance, Locks) {
    expect_same(StoreUse(locks));
}

Task sessions(Store& store, Transcript& said) {
    StoreScript s(store, "c-session/", said);
    co_await s.create_session("A", plain);
    co_await s.create_session("D", deleting);
    co_await s.create_session("L", delaying);
    co_await s.create_session("N", plain);
    const auto lock = [&s](const char* key, const char* by) {
        s.op({.verb = KvVerb::lock, .key = key, .value = by, .session = s.session(by)});
    };
    lock("a1", "A");
    lock("a2", "A");
    lock("d", "D");
    lock("l", "L");
    co_await s.commit("lock by A, D and L");
    co_await s.list("");
    co_await s.renew_session("A");
    co_await s.renew_session("nobody");
    co_await s.destroy_session("nobody");
    co_await s.destroy_session("A");
    co_await s.list("");
    co_await s.renew_session("A");
    co_await s.destroy_session("A");
    co_await s.destroy_session("D");
    co_await s.list("");
    lock("a1", "N");
    co_await s.commit("lock at once, without a lock delay");
    co_await s.destroy_session("L");
    co_await s.get("l");
    lock("l", "N");
    co_await s.commit("lock within the lock delay");
    co_await s.set("l", "plain");
    co_await sleep_for(milliseconds(2500));
    lock("l", "N");
    co_await s.commit("lock after the lock delay");
    co_await s.get("l");
    co_await s.destroy_session("N");
}

TEST(ConsulConformance, Sessions) {
    expect_same(StoreUse(sessions));
}

Task wait_until_gone(StoreScript& s, const char* key, Store& store, const std::string& full_key) {
    std::uint64_t index = 1;
    const MonotonicTime began = LoopClock::now();
    while (LoopClock::now() - began < seconds(40)) {
        const ReadOptions options{.index = index, .wait = milliseconds(1000)};
        const auto listing = co_await store.watch_key(full_key, options);
        if (listing && listing->entries.empty()) break;
        if (listing) index = listing->index;
    }
    const std::chrono::duration<double> took = LoopClock::now() - began;
    s.note(fmt::format("{} gone; not before its time: {}; in time: {}", key, took.count() > 0.5,
                       took.count() < 25));
}

Task expiry(Store& store, Transcript& said) {
    StoreScript s(store, "c-expiry/", said);
    co_await s.create_session("A", deleting);
    s.op({.verb = KvVerb::lock, .key = "k", .value = "1", .session = s.session("A")});
    co_await s.commit("lock");
    const MonotonicTime began = LoopClock::now();
    co_await wait_until_gone(s, "k", store, "c-expiry/k");
    s.note(fmt::format("its time to live has passed: {}", LoopClock::now() - began >= seconds(10)));
    co_await s.renew_session("A");
}

TEST(ConsulConformance, ASessionThatIsNotRenewedExpires) {
    expect_same(StoreUse(expiry));
}

Task checks(Store& store, Transcript& said) {
    StoreScript s(store, "c-check/", said);
    co_await s.pass_check("conformance");
    co_await s.create_session("early", checked);
    const CheckSpec check{.id = "conformance", .name = "c", .ttl = seconds(1)};
    co_await s.register_check(check);
    co_await s.pass_check("conformance");
    // The agent tells the servers of its checks a moment later.
    co_await sleep_for(milliseconds(500));
    co_await s.pass_check("conformance");
    co_await s.create_session("A", host_and_check);
    s.op({.verb = KvVerb::lock, .key = "k", .value = "1", .session = s.session("A")});
    co_await s.commit("lock");
    co_await wait_until_gone(s, "k", store, "c-check/k");
    co_await s.renew_session("A");
    co_await s.create_session("late", checked);
    co_await s.pass_check("conformance");
    co_await sleep_for(milliseconds(500));
    co_await s.create_session("again", checked);
    co_await s.destroy_session("again");
}

TEST(ConsulConformance, ASessionEndsWithItsChecks) {
    expect_same(StoreUse(checks));
}

/// Something that happens while a read blocks: a write or, without a value, a removal. It says
/// nothing, for which of the two is heard first is a matter of chance.
Task later(Store& store, std::string key, const char* value) {
    co_await sleep_for(short_wait);
    std::vector<KvOp> ops;
    ops.push_back({.verb = value == nullptr ? KvVerb::remove : KvVerb::set,
                   .key = "c-watch/" + key,
                   .value = value == nullptr ? "" : value});
    const auto done = co_await store.transact(std::move(ops));
    EXPECT_TRUE(done);
}

Task watches(Store& store, Transcript& said) {
    StoreScript s(store, "c-watch/", said);
    co_await s.set("dir/a", "1");
    co_await s.set("other", "1");
    co_await s.list("dir/");
    co_await s.get("dir/a");
    co_await s.watch_list("dir/", short_wait);
    co_await s.watch("dir/a", short_wait);
    TaskGroup beside(co_await asio::this_coro::executor);
    struct Case {
        const char* key;
        const char* value;
        const char* title;
    };
    static constexpr Case below[] = {
        {"dir/a", "2", "a change"},           {"dir/b", "1", "a new key"},
        {"other", "2", "a change elsewhere"}, {"dir/a", "2", "the same written again"},
        {"dir/b", nullptr, "a removal"},      {"dir/none", nullptr, "the removal of nothing"}};
    for (const Case& c : below) {
        s.note(c.title);
        beside.spawn(later(store, c.key, c.value));
        co_await s.watch_list("dir/", 4 * short_wait);
        co_await beside.join();
    }
    static constexpr Case of_the_key[] = {{"dir/a", "3", "a change of the key"},
                                          {"dir/ab", "1", "a change beside the key"},
                                          {"dir/a", nullptr, "its removal"}};
    for (const Case& c : of_the_key) {
        s.note(c.title);
        beside.spawn(later(store, c.key, c.value));
        co_await s.watch("dir/a", 4 * short_wait);
        co_await beside.join();
    }
    s.note("it comes back");
    beside.spawn(later(store, "dir/a", "4"));
    co_await s.watch("dir/a", 4 * short_wait);
    co_await beside.join();
}

TEST(ConsulConformance, Watches) {
    expect_same(StoreUse(watches));
}

}  // namespace
}  // namespace nap::sim
