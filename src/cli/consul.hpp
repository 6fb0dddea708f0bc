#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "cli/outcome.hpp"
#include "model/app_sources.hpp"
#include "model/config.hpp"
#include "ports/store.hpp"

namespace nap {

[[nodiscard]] Result<std::unique_ptr<Store>> open_consul(asio::any_io_executor executor,
                                                         const Config& config);

/// A failed call to Consul as a command ends with it: what, where, what to do.
[[nodiscard]] Outcome consul_failed(const Config& config, const Error& error);

/// How a command ends that writes manifests where these come from a folder; nullopt: elsewhere.
[[nodiscard]] std::optional<Outcome> refuse_standalone(const Config& config);

/// What reading `key` failed with, when its content is not what nap wrote.
[[nodiscard]] Error unreadable(const std::string& key, const Error& error);

/// Where manifests are, as far as this configuration knows.
[[nodiscard]] AppSources app_sources(const Config& config);

/// The keys of one app's manifest: `nap/apps/<app>`, with an ending, or all in its folder; below
/// each prefix that manifests come from. Never those of an app whose name merely begins alike.
asio::awaitable<Result<std::vector<KvEntry>>> find_app_keys(Store& store, AppSources sources,
                                                            AppId app);

}  // namespace nap
