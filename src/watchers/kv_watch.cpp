#include "watchers/kv_watch.hpp"

#include <algorithm>

#include "ports/timer.hpp"
#include "ports/wake.hpp"

namespace nap {

namespace {

/// A watch that has silently broken is noticed after this long.
constexpr milliseconds wait_max{60'000};
constexpr milliseconds retry_first{50};
constexpr milliseconds retry_max{2000};

/// An index that never rests must not turn blocking reads into a busy loop.
asio::awaitable<void> pace_reads(ReadBudget& budget) {
    const nanoseconds wait = budget.take(LoopClock::now());
    if (wait > nanoseconds{0}) co_await sleep_for(wait);
}

}  // namespace

asio::awaitable<void> KvWatch::run() {
    KvCursor cursor;
    ReadBudget budget;
    milliseconds retry = retry_first;
    bool connected = false;
    bool said = false;
    while (true) {
        co_await pace_reads(budget);
        const ReadOptions options{.index = cursor.index(), .wait = wait_max};
        const MonotonicTime asked = LoopClock::now();
        const auto listing = co_await options_.store.list(options_.prefix, options);
        if (listing) {
            const bool woken_for_nothing = options.index > 0 && listing->index <= options.index &&
                                           LoopClock::now() - asked < wait_max / 2;
            const bool went_back = cursor.advance(listing->index);
            retry = retry_first;
            if (!connected) options_.observer.on_connected(true);
            connected = true;
            said = false;
            options_.observer.on_event();
            options_.on_listing(*listing);
            const bool doubtful = went_back || woken_for_nothing;
            if (doubtful && options_.on_doubt) options_.on_doubt();
            continue;
        }
        cursor.restart();
        // Before anything is said: a read that ended because the watch is being ended is no loss.
        co_await sleep_for(retry);
        if (connected) options_.observer.on_connected(false);
        connected = false;
        if (!said) options_.on_error(listing.error());
        said = true;
        retry = std::min(retry * 2, retry_max);
    }
}

}  // namespace nap
