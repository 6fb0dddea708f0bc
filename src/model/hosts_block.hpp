#pragma once

#include <string>
#include <string_view>

namespace nap {

/// nap's lines in a container's hosts file stand between two marker lines; all else is not nap's.
/// The text between the markers, without them; empty when there is no block.
[[nodiscard]] std::string extract_hosts_block(std::string_view file);

/// `file` with nap's block replaced by `block`, appended when there is none, or taken out when
/// `block` is empty. Every other line stays byte for byte.
[[nodiscard]] std::string replace_hosts_block(std::string_view file, std::string_view block);

}  // namespace nap
