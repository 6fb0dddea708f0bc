#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <memory>
#include <string>

#include "clients/local_store.hpp"
#include "ports/task_group.hpp"

namespace nap {

/// Answers for a LocalStore as Consul would, on a unix socket: reads of KV, blocking ones too, and
/// transactions. What the commands of nap use, and no more.
class KvServer {
  public:
    struct Options {
        std::string socket_path;
        LocalStore& store;
        std::string read_only;  ///< keys that begin so are not written through the socket
        std::string why;        ///< what is said to who tries
    };
    /// Only this user and root may use the socket. `io` when it cannot be made.
    static Result<std::unique_ptr<KvServer>> create(asio::any_io_executor executor,
                                                    Options options);

    void start();
    void stop();
    asio::awaitable<void> join();

  private:
    using Protocol = asio::local::stream_protocol;
    KvServer(asio::any_io_executor executor, Protocol::acceptor acceptor, Options options);
    asio::awaitable<void> serve(Protocol::socket socket);

    Protocol::acceptor acceptor_;
    Options options_;
    TaskGroup tasks_;
};

}  // namespace nap
