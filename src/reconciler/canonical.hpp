#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/container_options.hpp"
#include "model/time.hpp"

namespace nap {

/// Text in which no two different configs look alike: every value carries its length.
class Canonical {
  public:
    void add(std::string_view key, const std::string& value) {
        if (!value.empty()) put(key, value);
    }
    void add(std::string_view key, std::int64_t value) {
        if (value != 0) put(key, std::to_string(value));
    }
    void add(std::string_view key, const std::optional<milliseconds>& value) {
        if (value) put(key, std::to_string(value->count()));
    }
    void add(std::string_view key, const std::vector<std::string>& values) {
        for (const std::string& value : values)
            put(key, value);
    }
    void add(std::string_view key, const std::optional<std::vector<std::string>>& values) {
        if (!values) return;
        put(key, std::to_string(values->size()));
        for (const std::string& value : *values)
            put(key, value);
    }
    void add(std::string_view key, const StringMap& values) {
        for (const auto& [name, value] : values)
            put(key, fmt::format("{}:{}={}", name.size(), name, value));
    }
    void add(std::string_view key, bool value) {
        if (value) put(key, "true");
    }
    void add(std::string_view key, const std::optional<bool>& value) {
        if (value) put(key, *value ? "true" : "false");
    }
    void add(std::string_view key, const std::optional<std::int64_t>& value) {
        if (value) put(key, std::to_string(*value));
    }
    void add(std::string_view key, const std::vector<Ulimit>& values);
    void add(std::string_view key, const std::vector<DeviceMapping>& values);
    void add(std::string_view key, const std::vector<DeviceRequest>& values);
    void add(std::string_view key, const std::vector<BlkioRate>& values);
    void add(std::string_view key, const std::vector<BlkioWeight>& values);
    void put(std::string_view key, std::string_view value) {
        text_ += fmt::format("{}:{}:{}\n", key, value.size(), value);
    }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string text_;
};

}  // namespace nap
