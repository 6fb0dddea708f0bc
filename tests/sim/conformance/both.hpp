#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <vector>

#include "ports/engine.hpp"
#include "ports/store.hpp"

namespace nap::sim {

/// What a script saw, line by line, in words that do not depend on ids, addresses or the time.
using Transcript = std::vector<std::string>;

using StoreUse = std::function<asio::awaitable<void>(Store&, Transcript&)>;
/// `now`: the engine's clock.
using EngineUse = std::function<asio::awaitable<void>(Engine&, TimePoint now, Transcript&)>;

/// Runs the same calls against the real Consul of this run and against the simulated one, and
/// expects both to have said the same.
void expect_same(const StoreUse& use);
/// Likewise for engines.
void expect_same(const EngineUse& use);

}  // namespace nap::sim
