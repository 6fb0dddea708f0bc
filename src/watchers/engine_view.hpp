#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "model/error.hpp"
#include "ports/engine.hpp"
#include "ports/timer.hpp"
#include "watchers/engine_cache.hpp"

namespace nap {

/// What a host's engine holds, kept current at the cost of what has changed: nothing is listed or
/// inspected twice without a reason.
class EngineView {
  public:
    EngineView(asio::any_io_executor executor, Engine& engine);

    struct Request {
        AppId app;
        std::set<std::string> images;  ///< references to resolve
        std::set<std::string> busy;    ///< instances being worked on: not inspected
    };
    /// Everything about one app on this host. An error means that the picture is not complete, and
    /// that nothing may be concluded from it.
    asio::awaitable<Result<ObservedHost>> observe(Request request);

    [[nodiscard]] EngineCache& cache() { return cache_; }

  private:
    asio::awaitable<Result<void>> refresh_lists();
    asio::awaitable<Result<void>> read_lists();
    asio::awaitable<Result<void>> read_containers();
    asio::awaitable<Result<void>> read_networks();
    asio::awaitable<Result<void>> read_volumes();
    asio::awaitable<void> read_info();
    asio::awaitable<Result<void>> inspect_stale(AppId app, std::set<std::string> busy);
    asio::awaitable<void> inspect_one(ContainerId id, std::shared_ptr<Result<void>> outcome);
    asio::awaitable<Result<void>> resolve_images(std::set<std::string> references);

    asio::any_io_executor executor_;
    Engine& engine_;
    EngineCache cache_;
    LoopTimer listed_;  ///< cancelled whenever a listing ends
    bool listing_ = false;
    MonotonicTime networks_again_{};  ///< not before, unless they are known to have changed
};

}  // namespace nap
