#pragma once

#include <functional>
#include <optional>
#include <string>

#include "clients/http.hpp"

namespace nap {

/// Notices that Consul's servers have another leader than before, or have one again.
///
/// A blocking read is answered by the leader, through the server that was asked. When the leader's
/// host is cut off, nothing ends the connection between the two: the read stays silent until that
/// connection is given up, 38 s later as measured, although a new leader is there after 4 s. So
/// each blocking read runs beside a pulse, and is begun anew when the leader is another.
class ConsulPulse {
  public:
    using Ask = std::function<asio::awaitable<Result<HttpResponse>>(HttpRequest)>;
    explicit ConsulPulse(Ask ask) : ask_(std::move(ask)) {}
    ConsulPulse(const ConsulPulse&) = delete;
    ConsulPulse& operator=(const ConsulPulse&) = delete;

    /// The answer to a blocking read; `no_leader` when the servers' leader has changed meanwhile.
    asio::awaitable<Result<HttpResponse>> ask_beside(HttpRequest request);

  private:
    asio::awaitable<void> fetch(HttpRequest request, std::optional<Result<HttpResponse>>& answer);
    /// Returns when the leader has changed since the call.
    asio::awaitable<void> await_change();
    /// However many reads wait, Consul is asked by one of them.
    asio::awaitable<void> look();
    void saw(const std::string& leader);

    Ask ask_;
    std::string leader_;   ///< as last known; empty before the first look
    bool missed_ = false;  ///< a look since has shown none
    bool looking_ = false;
    MonotonicTime looked_at_{};
    unsigned changes_ = 0;
};

}  // namespace nap
