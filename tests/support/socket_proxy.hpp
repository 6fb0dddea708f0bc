#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace nap::test {

/// A unix socket that passes everything on to another one, until it is cut.
class SocketProxy {
  public:
    SocketProxy(std::string path, std::string target);
    ~SocketProxy();
    SocketProxy(const SocketProxy&) = delete;
    SocketProxy& operator=(const SocketProxy&) = delete;

    /// Ends all connections, and new ones at once.
    void cut();
    void mend() { is_cut_ = false; }
    /// How many connections it has passed on so far.
    [[nodiscard]] int connections() const { return connections_; }

  private:
    struct Pair {
        int client;
        int server;
    };

    void serve();
    void accept_one();
    /// False when one side has closed.
    static bool pass(int from, int to);
    void close_pairs();

    std::string target_;
    int listener_ = -1;
    std::vector<Pair> pairs_;
    std::atomic<bool> is_cut_ = false;
    std::atomic<bool> has_cut_ = false;
    std::atomic<bool> over_ = false;
    std::atomic<int> connections_ = 0;
    std::thread thread_;
};

}  // namespace nap::test
