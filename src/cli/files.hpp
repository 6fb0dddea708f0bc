#pragma once

#include <cstddef>
#include <string>

#include "model/error.hpp"

namespace nap {

/// The content of a file, at most `bytes_max` and one byte of it, so that a reader with that limit
/// still finds it too large. `not_found` when there is no such file, else `io`.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

/// Whether others than its owner may read the file.
[[nodiscard]] bool readable_by_others(const std::string& path);

}  // namespace nap
