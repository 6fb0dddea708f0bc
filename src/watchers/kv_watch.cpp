#include "watchers/kv_watch.hpp"

#include <algorithm>

#include "ports/wake.hpp"

namespace nap {

namespace {

constexpr milliseconds retry_first{50};
constexpr milliseconds retry_max{2000};

}  // namespace

asio::awaitable<void> KvWatch::run() {
    KvCursor cursor;
    milliseconds retry = retry_first;
    bool connected = false;
    bool said = false;
    while (true) {
        const auto listing =
            co_await options_.store.list(options_.prefix, {.index = cursor.index()});
        if (listing) {
            cursor.advance(listing->index);
            retry = retry_first;
            if (!connected) options_.observer.on_connected(true);
            connected = true;
            said = false;
            options_.observer.on_event();
            options_.on_listing(*listing);
            continue;
        }
        cursor.restart();
        if (connected) options_.observer.on_connected(false);
        connected = false;
        if (!said) options_.on_error(listing.error());
        said = true;
        co_await sleep_for(retry);
        retry = std::min(retry * 2, retry_max);
    }
}

}  // namespace nap
