#include "sim/sim_store.hpp"

#include <fmt/core.h>

namespace nap::sim {

namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr milliseconds margin = seconds(10);
constexpr milliseconds wait_default = std::chrono::minutes(5);
constexpr std::size_t transaction_ops_max = 64;
constexpr std::size_t transaction_bytes_max = 512 * 1024;

std::string describe(const std::vector<KvOp>& ops) {
    static constexpr const char* verbs[] = {
        "set",         "cas",           "delete",           "delete-cas", "delete-tree",
        "check-index", "check-session", "check-not-exists", "lock",       "unlock"};
    std::string text = "transact";
    for (const KvOp& op : ops)
        text += fmt::format(" {} {}", verbs[static_cast<int>(op.verb)], op.key);
    return text;
}

std::size_t encoded_bytes(const std::vector<KvOp>& ops) {
    std::size_t bytes = 0;
    for (const KvOp& op : ops)
        bytes += op.value.size() * 4 / 3 + op.key.size() + 60;
    return bytes;
}

bool reads(const KvOp& op) {
    return op.verb == KvVerb::check_index || op.verb == KvVerb::check_session ||
           op.verb == KvVerb::check_not_exists;
}

}  // namespace

Error SimStore::cut_off_error() {
    if (o_.kernel.random.chance(500)) return {Errc::no_leader, "No cluster leader"};
    return {Errc::internal, "No known Consul servers"};
}

template <class T>
void SimStore::answer(std::shared_ptr<Pending<T>> pending, nanoseconds delay, Result<T> result) {
    o_.kernel.after(delay, [run = o_.run, pending, result = std::move(result)] {
        run->deliver([pending, result] { pending->reply(result); });
    });
}

template <class T>
void SimStore::arrive(std::shared_ptr<Pending<T>> pending, Fault fault, const std::string& what,
                      const Serve<T>& serve, By by) {
    Random& random = o_.kernel.random;
    if (o_.link.cut && by == By::servers) {
        answer<T>(pending, random.between(milliseconds(1), seconds(7)), cut_off_error());
        return;
    }
    if (o_.consul.leaderless() && by == By::servers) {
        answer<T>(pending, random.between(milliseconds(1), seconds(7)),
                  Error{Errc::no_leader, what + ": No cluster leader"});
        return;
    }
    serve([this, by, pending, fault, what, run = o_.run](Result<T> result) {
        if (!run->alive) return;
        Random& chance = o_.kernel.random;
        if (fault == Fault::crash_after) return o_.crash();
        const bool cut = o_.link.cut && by == By::servers;
        if (fault == Fault::answer_lost || (cut && chance.chance(500))) return;
        if (fault == Fault::answer_cut || cut) {
            result = Error{Errc::unreachable, what + ": the connection broke"};
        }
        answer<T>(pending, chance.between(microseconds(100), milliseconds(3)), std::move(result));
    });
}

template <class T>
void SimStore::send(std::shared_ptr<Pending<T>> pending, const std::string& what, Serve<T> serve,
                    By by) {
    if (!o_.run->alive) return;
    Random& random = o_.kernel.random;
    const Fault fault = draw_fault(random, o_.rates.store, o_.rates.crash);
    o_.kernel.log(fmt::format("{} {}{}", o_.run->name, what,
                              fault == Fault::none ? "" : fmt::format(" fault {}", int(fault))));
    nanoseconds delay = random.between(microseconds(100), milliseconds(3));
    switch (fault) {
        case Fault::crash_before:
            return o_.crash();
        case Fault::refused:
            return answer<T>(pending, delay, Error{Errc::unreachable, what + ": refused"});
        case Fault::lost:
            return;
        case Fault::late:
            delay = random.between(milliseconds(100), seconds(30));
            break;
        default:
            break;
    }
    // By a run that has crashed meanwhile it has been sent nevertheless. The store may be gone.
    const auto* link = &o_.link;
    const auto* consul = &o_.consul;
    o_.kernel.after(delay, [this, link, consul, by, run = o_.run, pending, fault, what,
                            serve = std::move(serve)] {
        if (run->alive) {
            arrive<T>(pending, fault, what, serve, by);
        } else if (by == By::local || (!link->cut && !consul->leaderless())) {
            serve([](const Result<T>&) {});
        }
    });
}

asio::awaitable<Result<KvListing>> SimStore::read(std::string key, bool recursive,
                                                  ReadOptions options) {
    auto pending = std::make_shared<Pending<KvListing>>();
    const std::string what =
        fmt::format("{} {} index {}", recursive ? "list" : "get", key, options.index);
    Serve<KvListing> serve = [&consul = o_.consul, &link = o_.link, key, recursive,
                              options](const Reply<KvListing>& reply) {
        if (link.read_denied && !recursive) {
            return reply(Error{Errc::denied, "kv_read: Permission denied"});
        }
        consul.read({.key = key, .recursive = recursive, .options = options},
                    [&link, reply](Result<KvListing> listing) {
                        // A recursive read leaves out what may not be read, without a word.
                        if (listing && link.read_denied) listing->entries.clear();
                        reply(std::move(listing));
                    });
    };
    send<KvListing>(pending, what, std::move(serve));
    milliseconds wait{0};
    if (options.index > 0) wait = options.wait.count() > 0 ? options.wait : wait_default;
    co_return co_await await_answer(pending, what, wait + wait / 16 + margin);
}

asio::awaitable<Result<KvListing>> SimStore::watch_key(std::string key, ReadOptions options) {
    return read(std::move(key), false, options);
}

asio::awaitable<Result<KvListing>> SimStore::list(std::string prefix, ReadOptions options) {
    return read(std::move(prefix), true, options);
}

asio::awaitable<Result<std::optional<KvEntry>>> SimStore::get(std::string key,
                                                              ReadOptions options) {
    auto listing = co_await read(std::move(key), false, options);
    if (!listing) co_return listing.error();
    if (listing->entries.empty()) co_return std::optional<KvEntry>{};
    co_return std::optional<KvEntry>{std::move(listing->entries.front())};
}

asio::awaitable<Result<void>> SimStore::transact(std::vector<KvOp> ops) {
    if (ops.size() > transaction_ops_max || encoded_bytes(ops) > transaction_bytes_max) {
        o_.kernel.violate(o_.run->name + " sends a transaction that is too large");
        co_return Error{Errc::too_large, "transact: too large"};
    }
    auto pending = std::make_shared<Pending<void>>();
    const std::string what = describe(ops);
    Serve<void> serve = [&consul = o_.consul, &link = o_.link, name = o_.run->name,
                         ops](const Reply<void>& reply) {
        if (consul.leaderless()) return;
        for (const KvOp& op : ops) {
            if (link.read_denied && reads(op)) {
                return reply(Error{Errc::denied, "transact: Permission denied"});
            }
        }
        reply(consul.transact(name, ops));
    };
    send<void>(pending, what, std::move(serve));
    co_return co_await await_answer(pending, what, margin);
}

asio::awaitable<Result<SessionId>> SimStore::create_session(SessionSpec spec) {
    auto pending = std::make_shared<Pending<SessionId>>();
    const std::string what = "session_create " + spec.name;
    Serve<SessionId> serve = [&consul = o_.consul, node = o_.run->node,
                              spec](const Reply<SessionId>& reply) {
        reply(consul.create_session(node, spec));
    };
    send<SessionId>(pending, what, std::move(serve));
    co_return co_await await_answer(pending, what, margin);
}

asio::awaitable<Result<void>> SimStore::renew_session(SessionId id) {
    auto pending = std::make_shared<Pending<void>>();
    const std::string what = "session_renew " + id.str();
    Serve<void> serve = [&consul = o_.consul, id](const Reply<void>& reply) {
        reply(consul.renew_session(id));
    };
    send<void>(pending, what, std::move(serve));
    co_return co_await await_answer(pending, what, margin);
}

asio::awaitable<Result<void>> SimStore::destroy_session(SessionId id) {
    auto pending = std::make_shared<Pending<void>>();
    const std::string what = "session_destroy " + id.str();
    Serve<void> serve = [&consul = o_.consul, id](const Reply<void>& reply) {
        reply(consul.destroy_session(id));
    };
    send<void>(pending, what, std::move(serve));
    co_return co_await await_answer(pending, what, margin);
}

asio::awaitable<Result<void>> SimStore::register_check(CheckSpec spec) {
    auto pending = std::make_shared<Pending<void>>();
    const std::string what = "check_register " + spec.id;
    Serve<void> serve = [&consul = o_.consul, node = o_.run->node, spec](const Reply<void>& reply) {
        consul.register_check(node, spec);
        reply(Result<void>{});
    };
    send<void>(pending, what, std::move(serve), By::local);
    co_return co_await await_answer(pending, what, margin);
}

asio::awaitable<Result<void>> SimStore::pass_check(std::string id) {
    auto pending = std::make_shared<Pending<void>>();
    const std::string what = "check_pass " + id;
    Serve<void> serve = [&consul = o_.consul, node = o_.run->node, id](const Reply<void>& reply) {
        reply(consul.pass_check(node, id));
    };
    send<void>(pending, what, std::move(serve), By::local);
    co_return co_await await_answer(pending, what, margin);
}

}  // namespace nap::sim
