#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clients/consul_pulse.hpp"
#include "clients/http.hpp"
#include "ports/store.hpp"

namespace nap {

struct ConsulOptions {
    /// As CONSUL_HTTP_ADDR; several, by commas, are tried in turn when one does not answer.
    std::string address = "http://127.0.0.1:8500";
    std::string token;    ///< sent in a header, and nowhere else
    std::string ca_file;  ///< as CONSUL_CACERT
    HttpObserver observer;
};

/// Consul's KV store and sessions, by endpoints that 1.8 and current versions share.
class ConsulStore final : public Store {
  public:
    /// `rejected` or `io` when the options are unusable; Consul is not contacted yet.
    static Result<std::unique_ptr<ConsulStore>> create(asio::any_io_executor executor,
                                                       ConsulOptions options);
    explicit ConsulStore(std::vector<HttpClient> agents);

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
    asio::awaitable<Result<KvListing>> read(std::string target, ReadOptions options);

    asio::awaitable<Result<HttpResponse>> ask(HttpRequest request);

    std::vector<HttpClient> agents_;
    std::size_t current_ = 0;  ///< the one that is asked
    ConsulPulse pulse_;
};

}  // namespace nap
