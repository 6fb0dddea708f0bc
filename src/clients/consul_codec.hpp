#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "ports/store.hpp"

namespace nap {

[[nodiscard]] Result<std::vector<KvEntry>> decode_kv_list(std::string_view text);
[[nodiscard]] std::string encode_transaction(const std::vector<KvOp>& ops);

// The other side of these two, for a store that answers as Consul does.
[[nodiscard]] std::string encode_kv_list(const std::vector<KvEntry>& entries);
[[nodiscard]] Result<std::vector<KvOp>> decode_transaction(std::string_view text);
/// The body of a transaction that was not committed.
[[nodiscard]] std::string encode_transaction_error(const std::string& what);
/// What a refused transaction says for each operation at fault, in one line.
[[nodiscard]] std::string decode_transaction_errors(std::string_view text);
[[nodiscard]] std::string encode_session(const SessionSpec& spec);
[[nodiscard]] std::string encode_check(const CheckSpec& spec);
[[nodiscard]] Result<SessionId> decode_session(std::string_view text);

/// X-Consul-Index: 0 counts as 1, and so does a header that is missing or no number.
[[nodiscard]] std::uint64_t parse_consul_index(std::string_view header);

/// The error an answer with a status that is no success stands for.
[[nodiscard]] Error consul_error(std::string_view op, int status, std::string_view body);

}  // namespace nap
