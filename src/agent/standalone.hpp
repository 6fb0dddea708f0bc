#pragma once

#include <memory>

#include "agent/folder_feed.hpp"
#include "agent/kv_server.hpp"
#include "model/config.hpp"

namespace nap {

/// What stands in for Consul when there is one host alone: a store in this process, manifests from
/// a folder, and a socket for the commands.
class Standalone {
  public:
    /// With the folder read once. An error says what cannot be used.
    static Result<std::unique_ptr<Standalone>> create(asio::any_io_executor executor,
                                                      const Config& config, const Clock& clock);

    [[nodiscard]] Store& store() { return *store_; }
    void start();
    void stop();
    asio::awaitable<void> join();
    [[nodiscard]] const std::vector<std::string>& problems() const { return feed_->problems(); }

  private:
    Standalone() = default;

    std::unique_ptr<LocalStore> store_;
    std::unique_ptr<FolderFeed> feed_;
    std::unique_ptr<KvServer> server_;
};

}  // namespace nap
