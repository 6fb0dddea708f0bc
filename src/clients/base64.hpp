#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nap {

[[nodiscard]] std::string encode_base64(std::string_view bytes);
/// nullopt when `text` is not base64 with its padding.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace nap
