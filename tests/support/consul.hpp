#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "support/http.hpp"

namespace nap::test {

using nlohmann::json;

/// A look at, and a hand on, the private Consul's KV. Writes throw Failure when they do not
/// succeed.
class Consul {
  public:
    /// `http://127.0.0.1:PORT` or `unix://PATH`.
    explicit Consul(std::string address);

    [[nodiscard]] const std::string& address() const { return address_; }
    [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

    void put(const std::string& key, const std::string& value) const;
    void remove(const std::string& key) const;
    /// All keys that begin with this.
    void remove_tree(const std::string& prefix) const;

    /// nullopt when there is no such key, or no answer.
    std::optional<std::string> get(const std::string& key) const;
    /// The value as JSON; null when there is none.
    json get_json(const std::string& key) const;
    /// 0 when there is no such key.
    std::uint64_t modify_index(const std::string& key) const;
    std::vector<std::string> keys(const std::string& prefix) const;
    /// Key → [ModifyIndex, value] of everything below.
    json dump(const std::string& prefix) const;

  private:
    std::string address_;
    Endpoint endpoint_;
};

}  // namespace nap::test
