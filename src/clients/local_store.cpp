#include "clients/local_store.hpp"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <set>

#include "ports/timer.hpp"

namespace nap {

namespace {

constexpr milliseconds wait_default = std::chrono::minutes(5);

/// Has `wake` rung at every change, for as long as it lives.
class Registration {
  public:
    Registration(std::list<Wake*>& waiters, Wake& wake)
        : waiters_(waiters), place_(waiters.insert(waiters.end(), &wake)) {}
    ~Registration() { waiters_.erase(place_); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

  private:
    std::list<Wake*>& waiters_;
    std::list<Wake*>::iterator place_;
};

}  // namespace

Result<std::unique_ptr<LocalStore>> LocalStore::open(asio::any_io_executor executor,
                                                     const std::string& path, std::uint64_t index) {
    KvTable table;
    auto journal = KvJournal::open(path, table);
    if (!journal) return journal.error();
    table.raise_index(index);
    auto store =
        std::make_unique<LocalStore>(std::move(executor), std::move(table), std::move(*journal));
    store->end_old_sessions();
    return store;
}

LocalStore::LocalStore(asio::any_io_executor executor, KvTable table, KvJournal journal)
    : executor_(std::move(executor)), table_(std::move(table)), journal_(std::move(journal)) {}

void LocalStore::end_old_sessions() {
    std::set<SessionId> old;
    for (const auto& [key, record] : table_.records()) {
        if (!record.session.empty()) old.insert(record.session);
    }
    for (const SessionId& session : old)
        (void)commit(table_.changes_at_end_of(session));
}

Result<void> LocalStore::commit(const KvChanges& changes) {
    if (changes.empty()) return {};
    const auto written = journal_.append(changes);
    if (!written) return written.error();
    table_.apply(changes);
    journal_.compact(table_);
    for (Wake* waiter : waiters_)
        waiter->ring();
    return {};
}

Result<void> LocalStore::write(const std::vector<KvOp>& ops) {
    const auto changes = table_.changes_of(ops, sessions_);
    if (!changes) return changes.error();
    return commit(*changes);
}

asio::awaitable<Result<KvListing>> LocalStore::read(Query query) {
    const ReadOptions& options = query.options;
    const milliseconds wait = options.wait.count() > 0 ? options.wait : wait_default;
    const MonotonicTime end = LoopClock::now() + wait;
    Wake wake(executor_);
    const Registration registration(waiters_, wake);
    while (true) {
        KvListing now =
            query.recursive ? table_.read_prefix(query.key) : table_.read_key(query.key);
        const nanoseconds left = end - LoopClock::now();
        const bool answers =
            options.index == 0 || now.index > options.index || left <= nanoseconds{0};
        if (answers) co_return now;
        co_await wake.wait_for(left);
    }
}

asio::awaitable<Result<KvListing>> LocalStore::watch_key(std::string key, ReadOptions options) {
    return read({.key = std::move(key), .recursive = false, .options = options});
}

asio::awaitable<Result<KvListing>> LocalStore::list(std::string prefix, ReadOptions options) {
    return read({.key = std::move(prefix), .recursive = true, .options = options});
}

asio::awaitable<Result<std::optional<KvEntry>>> LocalStore::get(std::string key,
                                                                ReadOptions options) {
    auto listing = co_await watch_key(std::move(key), options);
    if (!listing) co_return listing.error();
    if (listing->entries.empty()) co_return std::optional<KvEntry>{};
    co_return std::optional<KvEntry>{std::move(listing->entries.front())};
}

asio::awaitable<Result<void>> LocalStore::transact(std::vector<KvOp> ops) {
    co_return write(ops);
}

asio::awaitable<Result<SessionId>> LocalStore::create_session(SessionSpec spec) {
    const SessionId id(boost::uuids::to_string(boost::uuids::random_generator()()));
    sessions_.emplace(id, std::move(spec));
    co_return id;
}

asio::awaitable<Result<void>> LocalStore::renew_session(SessionId id) {
    if (sessions_.contains(id)) co_return Result<void>{};
    co_return Error{Errc::not_found, "no session " + id.str()};
}

asio::awaitable<Result<void>> LocalStore::destroy_session(SessionId id) {
    const auto ended = commit(table_.changes_at_end_of(id));
    if (ended) sessions_.erase(id);
    co_return ended;
}

asio::awaitable<Result<void>> LocalStore::register_check(CheckSpec) {
    co_return Result<void>{};
}

asio::awaitable<Result<void>> LocalStore::pass_check(std::string) {
    co_return Result<void>{};
}

}  // namespace nap
