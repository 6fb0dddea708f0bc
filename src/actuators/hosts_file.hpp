#pragma once

#include <string>

#include "model/error.hpp"

namespace nap {

/// nap's block in a container's hosts file on this host; empty when it has none. `io` when the
/// file cannot be read.
[[nodiscard]] Result<std::string> read_hosts_block(const std::string& path);

/// Makes nap's block read `block`, leaving every other line alone. The file is bind-mounted into
/// the container, so it is written in place: one write, then cut to length, never renamed over.
[[nodiscard]] Result<void> write_hosts_block(const std::string& path, const std::string& block);

}  // namespace nap
