#include "cli/kv_follow.hpp"

#include <algorithm>
#include <utility>

#include "ports/wake.hpp"

namespace nap {

namespace {

constexpr milliseconds retry_pause{500};
constexpr milliseconds leader_patience{3'000};
constexpr milliseconds read_wait{30'000};

bool may_pass(Errc code) {
    return code == Errc::unreachable || code == Errc::timed_out || code == Errc::no_leader ||
           code == Errc::internal;
}

}  // namespace

KvFollow::KvFollow(Options options)
    : options_(std::move(options)),
      keys_(options_.context.config.consul.prefix),
      started_(std::chrono::steady_clock::now()) {}

milliseconds KvFollow::remaining() const {
    const auto passed = std::chrono::steady_clock::now() - started_;
    return options_.timeout - std::chrono::duration_cast<milliseconds>(passed);
}

asio::awaitable<Result<KvListing>> KvFollow::read(ReadOptions options) {
    if (options_.key.ends_with('/')) {
        co_return co_await options_.store.list(options_.key, options);
    }
    co_return co_await options_.store.watch_key(options_.key, options);
}

asio::awaitable<Result<KvListing>> KvFollow::next() {
    while (true) {
        const nanoseconds pause = budget_.take(std::chrono::steady_clock::now());
        if (pause.count() > 0) co_await sleep_for(pause);
        const milliseconds left = remaining();
        if (left.count() <= 0 && cursor_.index() > 0) {
            co_return Error{Errc::timed_out, "the time is up"};
        }
        if (left.count() <= 0 && trouble_) co_return *trouble_;
        const milliseconds wait = leader_checked_ ? read_wait : leader_patience;
        const ReadOptions options{.index = cursor_.index(),
                                  .wait = std::clamp(left, milliseconds{1}, wait)};
        auto listing = co_await read(options);
        if (!listing) {
            if (!may_pass(listing.error().code)) co_return listing.error();
            const bool first = !trouble_;
            trouble_ = listing.error();
            cursor_.restart();
            // Before a word is said: this is where an interrupted command ends.
            co_await sleep_for(std::clamp(remaining(), milliseconds{1}, retry_pause));
            if (first) options_.context.console.say("waiting: " + trouble_->message);
            continue;
        }
        trouble_.reset();
        cursor_.advance(listing->index);
        co_return listing;
    }
}

asio::awaitable<bool> KvFollow::stands_for(milliseconds time) {
    const ReadOptions options{.index = cursor_.index(),
                              .wait = std::clamp(remaining(), milliseconds{1}, time)};
    const auto listing = co_await read(options);
    // Consul being away says nothing against the reading.
    const bool stands = !listing || listing->index == options.index;
    if (!stands) cursor_.restart();
    co_return stands;
}

asio::awaitable<void> KvFollow::warn_without_leader() {
    if (leader_checked_ || options_.timeout - remaining() < leader_patience) co_return;
    leader_checked_ = true;
    const bool led = co_await has_leader();
    if (led) co_return;
    options_.context.console.say(
        "warning: no agent leads this cluster, so nothing happens; start `nap agent` on a host");
}

asio::awaitable<bool> KvFollow::has_leader() {
    const auto leader = co_await options_.store.get(keys_.leader(), {});
    // Not knowing is no reason to warn.
    if (!leader) co_return true;
    co_return *leader && !(*leader)->session.empty();
}

}  // namespace nap
