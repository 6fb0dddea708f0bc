#include "clients/json_reader.hpp"

#include <fmt/core.h>

#include <limits>

#include "model/rfc3339.hpp"

namespace nap {

namespace {

using nlohmann::json;

const json absent;

/// nullopt when `value` is no integer, or T cannot hold it.
template <class T>
std::optional<T> integer(const json& value) {
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (number > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) return std::nullopt;
        return static_cast<T>(number);
    }
    if (!value.is_number_integer() || !std::numeric_limits<T>::is_signed) return std::nullopt;
    const auto number = value.get<std::int64_t>();
    if (number < static_cast<std::int64_t>(std::numeric_limits<T>::min())) return std::nullopt;
    return static_cast<T>(number);
}

}  // namespace

JsonReader JsonReader::at(std::string_view key) const {
    std::string path = fmt::format("{}.{}", path_, key);
    if (value_->is_object()) {
        const auto found = value_->find(key);
        if (found != value_->end()) return {*found, std::move(path), *fault_};
    } else if (!value_->is_null()) {
        expected("an object");
    }
    return {absent, std::move(path), *fault_};
}

std::vector<JsonReader> JsonReader::elements(std::string_view key) const {
    return at(key).elements();
}

std::vector<JsonReader> JsonReader::elements() const {
    std::vector<JsonReader> readers;
    if (value_->is_null()) return readers;
    if (!value_->is_array()) {
        expected("a list");
        return readers;
    }
    readers.reserve(value_->size());
    for (const json& element : *value_) {
        readers.emplace_back(element, fmt::format("{}[{}]", path_, readers.size()), *fault_);
    }
    return readers;
}

std::vector<std::pair<std::string, JsonReader>> JsonReader::members(std::string_view key) const {
    std::vector<std::pair<std::string, JsonReader>> readers;
    const JsonReader field = at(key);
    if (field.value_->is_null()) return readers;
    if (!field.value_->is_object()) {
        field.expected("an object");
        return readers;
    }
    for (const auto& [name, value] : field.value_->items()) {
        readers.emplace_back(name,
                             JsonReader(value, fmt::format("{}.{}", field.path_, name), *fault_));
    }
    return readers;
}

StringMap JsonReader::string_map(std::string_view key) const {
    StringMap map;
    for (const auto& [name, value] : members(key)) {
        map.emplace(name, value.as<std::string>());
    }
    return map;
}

TimePoint JsonReader::time(std::string_view key) const {
    const JsonReader field = at(key);
    const auto parsed = parse_rfc3339(field.as<std::string>());
    if (!parsed) field.expected("a time (RFC 3339)");
    return parsed.value_or(TimePoint{});
}

void JsonReader::expected(std::string_view wanted) const {
    if (value_->is_null()) {
        fail({Errc::malformed, fmt::format("{}: missing; expected {}", path_, wanted)});
    } else {
        fail({Errc::malformed,
              fmt::format("{}: expected {}, found {}", path_, wanted, value_->type_name())});
    }
}

void JsonReader::fail(Error error) const {
    if (!*fault_) *fault_ = std::move(error);
}

void JsonReader::read(std::string& value) const {
    if (!value_->is_string()) return expected("a string");
    value = value_->get_ref<const std::string&>();
}

void JsonReader::read(bool& value) const {
    if (!value_->is_boolean()) return expected("true or false");
    value = value_->get<bool>();
}

void JsonReader::read(int& value) const {
    const auto number = integer<int>(*value_);
    if (!number) return expected("an integer");
    value = *number;
}

void JsonReader::read(std::int64_t& value) const {
    const auto number = integer<std::int64_t>(*value_);
    if (!number) return expected("an integer");
    value = *number;
}

void JsonReader::read(std::uint64_t& value) const {
    const auto number = integer<std::uint64_t>(*value_);
    if (!number) return expected("a number that is not negative");
    value = *number;
}

void JsonReader::read(std::uint16_t& value) const {
    const auto number = integer<std::uint16_t>(*value_);
    if (!number) return expected("a number from 0 to 65535");
    value = *number;
}

std::string json_text(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace nap
