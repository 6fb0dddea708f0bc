#include "clients/consul_pulse.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "ports/timer.hpp"
#include "ports/wake.hpp"

namespace nap {

namespace {

constexpr milliseconds interval{1'000};
constexpr std::chrono::seconds deadline{1};

/// Unset when the one who looks leaves early, however that comes.
struct Looking {
    bool& flag;
    explicit Looking(bool& f) : flag(f) { flag = true; }
    ~Looking() { flag = false; }
    Looking(const Looking&) = delete;
    Looking& operator=(const Looking&) = delete;
};

}  // namespace

asio::awaitable<Result<HttpResponse>> ConsulPulse::ask_beside(HttpRequest request) {
    const auto executor = co_await asio::this_coro::executor;
    std::optional<Result<HttpResponse>> answer;
    auto fetching = asio::co_spawn(executor, fetch(std::move(request), answer), asio::deferred);
    auto watching = asio::co_spawn(executor, await_change(), asio::deferred);
    auto both = asio::experimental::make_parallel_group(std::move(fetching), std::move(watching));
    const auto [order, fetch_error, watch_error] =
        co_await both.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (fetch_error) std::rethrow_exception(fetch_error);
    const bool changed = order[0] == 1;
    if (answer && (!changed || *answer)) co_return std::move(*answer);
    co_return Error{Errc::no_leader, "kv_watch: Consul's servers have another leader"};
}

asio::awaitable<void> ConsulPulse::fetch(HttpRequest request,
                                         std::optional<Result<HttpResponse>>& answer) {
    auto response = co_await ask_(std::move(request));
    answer.emplace(std::move(response));
}

asio::awaitable<void> ConsulPulse::await_change() {
    const unsigned before = changes_;
    while (changes_ == before) {
        co_await sleep_for(interval);
        co_await look();
    }
}

asio::awaitable<void> ConsulPulse::look() {
    const MonotonicTime now = LoopClock::now();
    if (looking_ || now - looked_at_ < interval * 9 / 10) co_return;
    looked_at_ = now;
    const Looking looking(looking_);
    HttpRequest request{.op = "leader",
                        .target = "/v1/status/leader",
                        .body = {},
                        .idempotent = true,
                        .deadline = deadline};
    const auto response = co_await ask_(std::move(request));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;
    const bool answered = response && response->status == 200;
    saw(answered && response->body.size() > 2 ? response->body : "");
}

void ConsulPulse::saw(const std::string& leader) {
    if (leader.empty()) {
        missed_ = true;
        return;
    }
    if (missed_ || (!leader_.empty() && leader != leader_)) ++changes_;
    leader_ = leader;
    missed_ = false;
}

}  // namespace nap
