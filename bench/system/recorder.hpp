#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace nap::bench {

using Instant = std::chrono::steady_clock::time_point;

struct SeenRequest {
    Instant at;  ///< when its first bytes arrived
    std::string method;
    std::string target;
};

/// Finds the requests in what a client sends over one connection, however the bytes are cut.
class RequestScanner {
  public:
    void add(std::string_view bytes, Instant at, std::vector<SeenRequest>& seen);

  private:
    std::string head_;
    Instant began_;
    std::size_t body_left_ = 0;
};

/// Stands between a client and a server, passes every byte on unchanged and writes down when which
/// request came. Works in a thread of its own, so that nothing the benchmark does delays it.
class Recorder {
  public:
    /// Takes over `listener`, a listening socket; `dial` gives a connected one to the server, or
    /// -1.
    Recorder(int listener, std::function<int()> dial);
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    [[nodiscard]] std::vector<SeenRequest> since(Instant from) const;

  private:
    struct Link {
        int client = -1;
        int server = -1;
        RequestScanner scanner;
    };

    void run();
    void take_client();
    bool pass_request(Link& link);

    int listener_;
    std::function<int()> dial_;
    std::list<Link> links_;
    mutable std::mutex mutex_;
    std::vector<SeenRequest> seen_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

/// Listening sockets and ways to dial, for the two kinds of server here. -1 on failure.
[[nodiscard]] int listen_unix(const std::string& path);
[[nodiscard]] int dial_unix(const std::string& path);
/// On a free port of the loopback address, which `port_of` tells.
[[nodiscard]] int listen_loopback();
[[nodiscard]] int dial_loopback(int port);
[[nodiscard]] int port_of(int socket);

}  // namespace nap::bench
