#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>

#include "model/error.hpp"
#include "ports/task_group.hpp"

namespace nap {

/// What the admin endpoint answers with.
struct AdminAnswers {
    std::function<std::string()> metrics;
    /// What is not ready yet, a line each; empty when the agent is.
    std::function<std::vector<std::string>()> not_ready;
};

/// `/livez`, `/readyz` and `/metrics` over HTTP, on loopback only: it knows no authentication.
class AdminServer {
  public:
    /// `rejected` when `bind` is no loopback `address:port`, `io` when it cannot be listened on.
    static Result<std::unique_ptr<AdminServer>> create(asio::any_io_executor executor,
                                                       const std::string& bind,
                                                       AdminAnswers answers);

    void start();
    void stop();
    asio::awaitable<void> join();

  private:
    AdminServer(asio::any_io_executor executor, asio::ip::tcp::acceptor acceptor,
                AdminAnswers answers);
    asio::awaitable<void> serve(asio::ip::tcp::socket socket);

    asio::ip::tcp::acceptor acceptor_;
    AdminAnswers answers_;
    TaskGroup tasks_;
};

}  // namespace nap
