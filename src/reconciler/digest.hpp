#pragma once

#include <string>
#include <string_view>

namespace nap {

/// A content address: 32 hex digits of a name-based UUID (SHA-1), the same on every machine.
[[nodiscard]] std::string digest(std::string_view content);

}  // namespace nap
