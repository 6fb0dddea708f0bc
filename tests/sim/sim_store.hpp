#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/consul_state.hpp"
#include "sim/faults.hpp"
#include "sim/run.hpp"

namespace nap::sim {

/// How one host reaches Consul.
struct ConsulLink {
    bool cut = false;          ///< its Consul agent answers, and has no server to ask
    bool read_denied = false;  ///< its token has lost the right to read
};

/// The store as one run of an agent uses it: latency, deadlines and faults lie between it and the
/// state that all share.
class SimStore final : public Store {
  public:
    struct Options {
        Kernel& kernel;
        ConsulState& consul;
        const ConsulLink& link;
        const FaultRates& rates;
        std::shared_ptr<Run> run;
        std::function<void()> crash;  ///< ends the run
    };
    explicit SimStore(Options options) : o_(std::move(options)) {}

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

  private:
    asio::awaitable<Result<KvListing>> read(std::string key, bool recursive, ReadOptions options);

    /// Who answers: the servers, or the host's own Consul agent, which is always there.
    enum class By { servers, local };
    template <class T>
    using Serve = std::function<void(Reply<T>)>;
    template <class T>
    void send(std::shared_ptr<Pending<T>> pending, const std::string& what, Serve<T> serve,
              By by = By::servers);
    template <class T>
    void arrive(std::shared_ptr<Pending<T>> pending, Fault fault, const std::string& what,
                const Serve<T>& serve, By by);
    template <class T>
    void answer(std::shared_ptr<Pending<T>> pending, nanoseconds delay, Result<T> result);
    Error cut_off_error();

    Options o_;
};

}  // namespace nap::sim
