#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/time.hpp"

namespace nap {

/// Reads `2024-02-29T12:00:00.123456789Z` or one with an offset. The engine's zero time, year 1, is
/// TimePoint{}; nullopt when the text is no time, or one that nanoseconds cannot hold.
[[nodiscard]] std::optional<TimePoint> parse_rfc3339(std::string_view text);

/// UTC, to the millisecond: `2024-02-29T12:00:00.123Z`.
[[nodiscard]] std::string format_rfc3339(TimePoint time);

}  // namespace nap
