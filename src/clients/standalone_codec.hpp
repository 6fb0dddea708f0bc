#pragma once

#include <string>
#include <string_view>

#include "model/error.hpp"
#include "model/standalone_record.hpp"

namespace nap {

[[nodiscard]] std::string encode(const StandaloneRecord& record);
[[nodiscard]] Result<StandaloneRecord> decode_standalone_record(std::string_view text);

}  // namespace nap
