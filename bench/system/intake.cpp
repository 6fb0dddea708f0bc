// Many manifests change at once: until the leader has read all of them, given its orders and said
// so in their statuses. No containers come of them, for it is not the engine that is measured.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "clients/base64.hpp"
#include "system/lab.hpp"

namespace nap::bench {

namespace {

using nlohmann::json;

constexpr int apps = 1000;
constexpr std::size_t manifest_bytes = 5 * 1024;
constexpr int rounds = 5;
constexpr int ops_max = 64;  ///< of one of Consul's transactions
constexpr std::chrono::seconds limit{60};
constexpr std::chrono::milliseconds poll_interval{20};

std::string app_name(int number) {
    return fmt::format("intake-{:04}", number);
}

/// As people write them: a service with much environment.
std::string manifest_of(int round) {
    std::string text = fmt::format(
        "services:\n"
        "  idle:\n"
        "    image: nap/busybox:1\n"
        "    command: [sleep, 1d]\n"
        "    deploy: {{replicas: 0}}\n"
        "    environment:\n"
        "      ROUND: round-{}\n",
        round);
    for (int i = 0; text.size() < manifest_bytes; ++i)
        text += fmt::format("      SETTING_{}: https://service-{}.example.org/path/{}\n", i, i, i);
    return text;
}

/// All of them, in as few transactions as Consul takes.
asio::awaitable<void> put_all(Lab& lab, int round) {
    const std::string value = encode_base64(manifest_of(round));
    for (int first = 0; first < apps; first += ops_max) {
        json ops = json::array();
        for (int i = first; i < std::min(apps, first + ops_max); ++i) {
            ops.push_back(
                {{"KV", {{"Verb", "set"}, {"Key", "nap/apps/" + app_name(i)}, {"Value", value}}}});
        }
        co_await lab.transact(ops.dump());
    }
}

/// Statuses that answer a change after `index`.
std::size_t answered(const std::string& listing, std::uint64_t index) {
    std::size_t count = 0;
    for (const json& entry : json::parse(listing)) {
        const json status =
            json::parse(decode_base64(entry.at("Value").get<std::string>()).value_or(""));
        count += status.at("modify_index").get<std::uint64_t>() > index ? 1 : 0;
    }
    return count;
}

asio::awaitable<void> await_answers(Lab& lab, std::uint64_t index) {
    const Instant deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
        const std::string listing = co_await lab.listing("nap/status/intake-");
        if (!listing.empty() && answered(listing, index) == apps) co_return;
        co_await sleep_for(poll_interval);
    }
    fail("the manifests were not all taken in");
}

}  // namespace

asio::awaitable<void> measure_intake(Lab& lab, std::vector<Row>& rows) {
    say(fmt::format("intake: {} manifests of {} bytes change at once", apps,
                    manifest_of(0).size()));
    std::vector<double> from_first;
    for (int round = 0; round <= rounds; ++round) {
        const std::uint64_t index = std::stoull(co_await lab.kv_index());
        const Instant began = std::chrono::steady_clock::now();
        co_await put_all(lab, round);
        const Instant put = std::chrono::steady_clock::now();
        co_await await_answers(lab, index);
        const Instant end = std::chrono::steady_clock::now();
        // The first round makes them.
        if (round > 0) from_first.push_back(ms_between(began, end));
        say(fmt::format("  {} after the first was put, {} after the last",
                        show_ms(ms_between(began, end)), show_ms(ms_between(put, end))));
    }
    co_await lab.remove_all("intake-");
    const double took = median(from_first);
    rows.push_back({.measure = fmt::format("{} manifests changed → all accepted", apps),
                    .floor = "",
                    .nap = show_ms(took),
                    .target = "1 s",
                    .met = took <= 1'000});
}

}  // namespace nap::bench
