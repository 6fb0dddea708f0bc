#include "cli/status_watch.hpp"

#include <utility>

#include "clients/json_codec.hpp"

namespace nap {

StatusWatch::StatusWatch(const Options& options)
    : key_(Keys(options.context.config.consul.prefix).status(options.app)),
      follow_({options.context, options.store, key_, options.timeout}) {}

asio::awaitable<Result<std::optional<AppStatus>>> StatusWatch::next() {
    const auto listing = co_await follow_.next();
    if (!listing) co_return listing.error();
    if (listing->entries.empty()) co_return std::optional<AppStatus>{};
    auto status = decode_app_status(listing->entries.front().value);
    if (!status) co_return unreadable(key_, status.error());
    co_return std::optional<AppStatus>{std::move(*status)};
}

}  // namespace nap
