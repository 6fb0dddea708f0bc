#include "agent/standalone.hpp"

namespace nap {

Result<std::unique_ptr<Standalone>> Standalone::create(asio::any_io_executor executor,
                                                       const Config& config, const Clock& clock) {
    // Hosts refuse a manifest of a lower index than the last. Counted on from the time of day, it
    // does not go back even when the file is lost and only the host's memory is left.
    const auto index =
        std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch());
    auto store = LocalStore::open(executor, config.data_dir + "/kv.journal",
                                  static_cast<std::uint64_t>(index.count()));
    if (!store) return store.error();
    std::unique_ptr<Standalone> made(new Standalone);
    made->store_ = std::move(*store);
    const Keys keys(config.consul.prefix);
    auto feed = FolderFeed::create(
        executor,
        {.store = *made->store_, .clock = clock, .keys = keys, .folder = config.standalone});
    if (!feed) return feed.error();
    made->feed_ = std::move(*feed);
    auto server =
        KvServer::create(executor, {.socket_path = config.data_dir + "/kv.sock",
                                    .store = *made->store_,
                                    .read_only = keys.apps(),
                                    .why = "manifests come from the folder " + config.standalone +
                                           " of a standalone agent; change them there"});
    if (!server) return server.error();
    made->server_ = std::move(*server);
    made->feed_->look();
    return made;
}

void Standalone::start() {
    feed_->start();
    server_->start();
}

void Standalone::stop() {
    feed_->stop();
    server_->stop();
}

asio::awaitable<void> Standalone::join() {
    co_await feed_->join();
    co_await server_->join();
}

}  // namespace nap
