#pragma once

#include <cstddef>
#include <string>

#include "model/error.hpp"

namespace nap {

/// `value` as it is, or unpacked when it is gzip. `too_large` when that would give more than
/// `bytes_max`, `malformed` when it is broken gzip.
[[nodiscard]] Result<std::string> unpacked(const std::string& value, std::size_t bytes_max);

}  // namespace nap
