#include "cli/consul.hpp"

#include <fmt/format.h>

#include "clients/consul_store.hpp"

namespace nap {

namespace {

Exit exit_of(Errc code) {
    switch (code) {
        case Errc::not_found:
            return Exit::not_found;
        case Errc::conflict:
        case Errc::not_committed:
            return Exit::conflict;
        case Errc::rejected:
        case Errc::too_large:
        case Errc::io:
            return Exit::usage;
        case Errc::unreachable:
        case Errc::timed_out:
        case Errc::denied:
        case Errc::no_leader:
        case Errc::malformed:
        case Errc::internal:
            break;
    }
    return Exit::unreachable;
}

const char* advice_for(Errc code) {
    switch (code) {
        case Errc::unreachable:
        case Errc::timed_out:
            return "; is it running there? Set --consul-address or CONSUL_HTTP_ADDR";
        case Errc::denied:
            return "; set --consul-token-file or CONSUL_HTTP_TOKEN to a token that may read and "
                   "write nap's keys";
        case Errc::no_leader:
            return "; wait until its servers have elected one";
        case Errc::malformed:
            return "; is that Consul? Set --consul-address or CONSUL_HTTP_ADDR";
        default:
            return "";
    }
}

}  // namespace

Result<std::unique_ptr<Store>> open_consul(asio::any_io_executor executor, const Config& config) {
    ConsulOptions options{.address = config.consul.address,
                          .token = config.consul.token,
                          .ca_file = config.consul.ca_file,
                          .observer = {}};
    auto store = ConsulStore::create(std::move(executor), std::move(options));
    if (!store) return store.error();
    return std::unique_ptr<Store>(std::move(*store));
}

Outcome consul_failed(const Config& config, const Error& error) {
    if (!config.standalone.empty() && error.code == Errc::unreachable) {
        return {Exit::unreachable,
                fmt::format("no agent answers at {}; is `nap agent --standalone {}` running, with "
                            "this --data-dir, and may this user talk to it?",
                            config.consul.address, config.standalone)};
    }
    return {exit_of(error.code), fmt::format("Consul at {}: {}{}", config.consul.address,
                                             error.message, advice_for(error.code))};
}

std::optional<Outcome> refuse_standalone(const Config& config) {
    if (config.standalone.empty()) return std::nullopt;
    return Outcome{Exit::usage, fmt::format("manifests come from the folder {}: change or delete "
                                            "the app's file there",
                                            config.standalone)};
}

Error unreadable(const std::string& key, const Error& error) {
    return {Errc::internal, key + ": " + error.message};
}

AppSources app_sources(const Config& config) {
    return {Keys(config.consul.prefix), config.apps.prefixes};
}

asio::awaitable<Result<std::vector<KvEntry>>> find_app_keys(Store& store, AppSources sources,
                                                            AppId app) {
    std::vector<KvEntry> found;
    for (const std::string& prefix : sources.prefixes()) {
        auto listing = co_await store.list(prefix + app.str(), {});
        if (!listing) co_return listing.error();
        for (KvEntry& entry : listing->entries) {
            const AppKey key = parse_app_key(entry.key.substr(prefix.size()));
            if (key.app == app.str()) found.push_back(std::move(entry));
        }
    }
    co_return found;
}

}  // namespace nap
