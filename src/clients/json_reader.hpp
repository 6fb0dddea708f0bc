#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/app_spec.hpp"
#include "model/error.hpp"
#include "model/time.hpp"

namespace nap {

/// Reads a JSON value without exceptions. What is missing or mistyped reads as a default and is
/// recorded, with its path, in the fault that all readers of one document share; the first one
/// stays. Absent and null are the same.
class JsonReader {
  public:
    JsonReader(const nlohmann::json& value, std::string path, std::optional<Error>& fault)
        : value_(&value), path_(std::move(path)), fault_(&fault) {}

    /// T: std::string, bool, int, std::int64_t, std::uint64_t or std::uint16_t.
    template <class T>
    [[nodiscard]] T get(std::string_view key) const {
        return at(key).as<T>();
    }
    template <class T>
    [[nodiscard]] T get_or(std::string_view key, T fallback) const {
        const JsonReader field = at(key);
        return field.is_absent() ? std::move(fallback) : field.as<T>();
    }
    template <class T>
    [[nodiscard]] T as() const {
        T value{};
        read(value);
        return value;
    }

    [[nodiscard]] JsonReader at(std::string_view key) const;
    [[nodiscard]] bool is_absent() const { return value_->is_null(); }
    /// Absent reads as empty.
    [[nodiscard]] std::vector<JsonReader> elements(std::string_view key) const;
    [[nodiscard]] std::vector<JsonReader> elements() const;
    [[nodiscard]] std::vector<std::pair<std::string, JsonReader>> members(
        std::string_view key) const;
    [[nodiscard]] StringMap string_map(std::string_view key) const;
    [[nodiscard]] TimePoint time(std::string_view key) const;

    /// Records that this value is not the `wanted` thing.
    void expected(std::string_view wanted) const;
    void fail(Error error) const;

  private:
    void read(std::string& value) const;
    void read(bool& value) const;
    void read(int& value) const;
    void read(std::int64_t& value) const;
    void read(std::uint64_t& value) const;
    void read(std::uint16_t& value) const;

    const nlohmann::json* value_;
    std::string path_;
    std::optional<Error>* fault_;
};

/// Parses `text` and lets `read` make a T of it; `malformed` names the field that was wrong.
template <class T, class Read>
[[nodiscard]] Result<T> read_document(std::string_view text, std::string_view what, Read read) {
    const auto document = nlohmann::json::parse(text, nullptr, false);
    if (document.is_discarded()) {
        return Error{Errc::malformed, std::string(what) + " is not valid JSON"};
    }
    std::optional<Error> fault;
    T value = read(JsonReader(document, std::string(what), fault));
    if (fault) return *fault;
    return value;
}

/// JSON text; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_text(const nlohmann::json& value);

}  // namespace nap
