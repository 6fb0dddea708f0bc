#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/attempts.hpp"
#include "model/error.hpp"
#include "model/ids.hpp"

namespace nap {

/// What a host remembers of its cluster, so that a store that has forgotten or forged it is
/// noticed.
struct ClusterMemory {
    ClusterId cluster;
    std::uint64_t epoch = 0;  ///< the highest seen
};

// The JSON files of an agent's data directory. Decoding errors are those of json_codec.hpp.

[[nodiscard]] std::string encode(const ClusterMemory& memory);
[[nodiscard]] std::string encode(const Attempts& attempts);
[[nodiscard]] std::string encode(const std::vector<SessionId>& sessions);

[[nodiscard]] Result<ClusterMemory> decode_cluster_memory(std::string_view text);
[[nodiscard]] Result<Attempts> decode_attempts(std::string_view text);
[[nodiscard]] Result<std::vector<SessionId>> decode_sessions(std::string_view text);

}  // namespace nap
