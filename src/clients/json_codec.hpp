#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/cluster.hpp"
#include "model/error.hpp"

namespace nap {

// The JSON documents nap keeps in KV. The same value always gives the same text. Readers ignore
// unknown fields; `malformed` names a field that is missing or mistyped, `rejected` is a document
// of a newer schema. Bytes that are not UTF-8 are written as U+FFFD.

[[nodiscard]] std::string encode(const ClusterMeta& meta);
[[nodiscard]] std::string encode(const LeaderRecord& leader);
[[nodiscard]] std::string encode(const Assignment& assignment);
[[nodiscard]] std::string encode(const NodeRecord& node);
[[nodiscard]] std::string encode(const NodeControl& control);
[[nodiscard]] std::string encode(const std::vector<Hold>& holds);
/// Ids of the holds a person has released.
[[nodiscard]] std::string encode_approvals(const std::set<std::string>& ids);
/// `nap/rebalance`: a person wants the nodes evened out, since `requested` (RFC 3339).
[[nodiscard]] std::string encode_rebalance(const std::string& requested);
[[nodiscard]] std::string encode(const HostReport& report);
[[nodiscard]] std::string encode(const AppStatus& status);

[[nodiscard]] Result<ClusterMeta> decode_cluster_meta(std::string_view text);
[[nodiscard]] Result<LeaderRecord> decode_leader_record(std::string_view text);
[[nodiscard]] Result<Assignment> decode_assignment(std::string_view text);
[[nodiscard]] Result<NodeRecord> decode_node_record(std::string_view text);
[[nodiscard]] Result<NodeControl> decode_node_control(std::string_view text);
[[nodiscard]] Result<std::vector<Hold>> decode_holds(std::string_view text);
[[nodiscard]] Result<std::set<std::string>> decode_approvals(std::string_view text);
[[nodiscard]] Result<std::string> decode_rebalance(std::string_view text);
[[nodiscard]] Result<HostReport> decode_host_report(std::string_view text);
[[nodiscard]] Result<AppStatus> decode_app_status(std::string_view text);

}  // namespace nap
