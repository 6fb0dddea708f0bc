#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <list>
#include <memory>

#include "clients/kv_journal.hpp"
#include "ports/wake.hpp"

namespace nap {

/// A store for one agent alone, in its own process: in memory, and in a file of its data directory.
/// It always answers and never loses its leader, so sessions end only when they are ended, or with
/// the process.
class LocalStore final : public Store {
  public:
    /// `index` is what the next change's ModifyIndex exceeds, should the file tell of none higher.
    static Result<std::unique_ptr<LocalStore>> open(asio::any_io_executor executor,
                                                    const std::string& path, std::uint64_t index);
    LocalStore(asio::any_io_executor executor, KvTable table, KvJournal journal);

    asio::awaitable<Result<std::optional<KvEntry>>> get(std::string key,
                                                        ReadOptions options) override;
    asio::awaitable<Result<KvListing>> watch_key(std::string key, ReadOptions options) override;
    asio::awaitable<Result<KvListing>> list(std::string prefix, ReadOptions options) override;
    asio::awaitable<Result<void>> transact(std::vector<KvOp> ops) override;
    asio::awaitable<Result<SessionId>> create_session(SessionSpec spec) override;
    asio::awaitable<Result<void>> renew_session(SessionId id) override;
    asio::awaitable<Result<void>> destroy_session(SessionId id) override;
    asio::awaitable<Result<void>> register_check(CheckSpec spec) override;
    asio::awaitable<Result<void>> pass_check(std::string id) override;

    // The same without waiting, for who feeds it.

    [[nodiscard]] KvListing look(const std::string& prefix) const {
        return table_.read_prefix(prefix);
    }
    Result<void> write(const std::vector<KvOp>& ops);

  private:
    struct Query {
        std::string key;
        bool recursive = false;
        ReadOptions options;
    };
    asio::awaitable<Result<KvListing>> read(Query query);
    Result<void> commit(const KvChanges& changes);
    /// Sessions of an earlier run.
    void end_old_sessions();

    asio::any_io_executor executor_;
    KvTable table_;
    KvJournal journal_;
    KvTable::Sessions sessions_;
    std::list<Wake*> waiters_;
};

}  // namespace nap
