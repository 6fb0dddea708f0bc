#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/error.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"

namespace nap {

namespace asio = boost::asio;

struct KvEntry {
    std::string key;
    std::string value;  ///< decoded
    std::uint64_t modify_index = 0;
    SessionId session;  ///< the lock holder, or empty
};

/// A recursive read. `index` is only good for the next blocking read.
struct KvListing {
    std::vector<KvEntry> entries;
    std::uint64_t index = 0;
};

struct ReadOptions {
    std::uint64_t index = 0;        ///< block until the index passes this; 0 answers at once
    milliseconds wait{0};           ///< how long to block at most; 0 with an index: five minutes
    milliseconds patience{10'000};  ///< for the answer, beyond what it may block
};

enum class KvVerb {
    set,
    cas,  ///< set if the ModifyIndex still is `index`; 0: if the key is absent
    remove,
    remove_cas,
    remove_tree,
    check_index,
    check_session,  ///< the key is locked by `session`
    check_not_exists,
    lock,
    unlock,
};

struct KvOp {
    KvVerb verb = KvVerb::set;
    std::string key;
    std::string value;
    std::uint64_t index = 0;
    SessionId session;
};

struct SessionSpec {
    std::string name;
    milliseconds ttl{15'000};  ///< Consul takes 10 s to 24 h
    milliseconds lock_delay{0};
    bool delete_on_end = false;       ///< keys held are deleted, not just released
    std::vector<std::string> checks;  ///< it ends when one of these turns critical
};

/// A check at the store's local agent, which turns critical unless it is passed every `ttl`.
struct CheckSpec {
    std::string id;
    std::string name;
    milliseconds ttl{3'000};
};

/// The replicated key-value store. Reads are `consistent`; an answer without a known leader is the
/// error `no_leader`, never an empty list.
class Store {
  public:
    virtual ~Store() = default;

    virtual asio::awaitable<Result<std::optional<KvEntry>>> get(std::string key,
                                                                ReadOptions options) = 0;
    /// As `get`, and the index for the next blocking read also when the key is absent.
    virtual asio::awaitable<Result<KvListing>> watch_key(std::string key, ReadOptions options) = 0;
    virtual asio::awaitable<Result<KvListing>> list(std::string prefix, ReadOptions options) = 0;
    /// At most 64 operations, all or nothing. `not_committed` when a check failed.
    virtual asio::awaitable<Result<void>> transact(std::vector<KvOp> ops) = 0;

    virtual asio::awaitable<Result<SessionId>> create_session(SessionSpec spec) = 0;
    /// `not_found` when the session has ended.
    virtual asio::awaitable<Result<void>> renew_session(SessionId id) = 0;
    virtual asio::awaitable<Result<void>> destroy_session(SessionId id) = 0;

    /// Makes the check, or makes it anew; it passes from now on.
    virtual asio::awaitable<Result<void>> register_check(CheckSpec spec) = 0;
    /// `not_found` when the agent asked does not know the check (any more).
    virtual asio::awaitable<Result<void>> pass_check(std::string id) = 0;
};

}  // namespace nap
