#include "manifest/readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap {

std::vector<std::string> read_text_list(const YamlField& field) {
    std::vector<std::string> texts;
    if (!field.expect_sequence()) return texts;
    for (std::size_t i = 0; i < field.node.items.size(); ++i) {
        if (auto text = field.item(i).text()) texts.push_back(std::move(*text));
    }
    return texts;
}

std::vector<std::string> read_texts(const YamlField& field) {
    if (field.is_sequence()) return read_text_list(field);
    if (field.node.is_null()) return {};
    auto text = field.text();
    if (!text) return {};
    return {std::move(*text)};
}

std::optional<std::int64_t> read_amount(const YamlField& field, Parse parse) {
    const auto text = field.text();
    if (!text) return std::nullopt;
    const auto amount = parse(*text);
    if (amount) return *amount;
    field.error(amount.error().message);
    return std::nullopt;
}

std::optional<int> read_mode_bits(const YamlField& field) {
    constexpr int mode_max = 07777;
    const auto text = field.text();
    if (!text) return std::nullopt;
    std::string_view digits = *text;
    const bool octal = digits.starts_with('0') || !field.node.plain;
    if (digits.starts_with("0o")) digits.remove_prefix(2);
    int mode = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), mode, 8);
    const bool whole = failure == std::errc() && end == digits.data() + digits.size();
    if (octal && whole && mode >= 0 && mode <= mode_max) return mode;
    field.error("expected permission bits in octal, with a 0 before them, as `0440`");
    return std::nullopt;
}

std::string read_address(const YamlField& field) {
    const auto text = field.string();
    if (!text || text->empty()) return {};
    if (is_address(*text)) return *text;
    field.error(fmt::format("expected an IP address, found {}", quoted(*text)));
    return {};
}

std::vector<std::string> read_addresses(const YamlField& field) {
    std::vector<std::string> addresses;
    const auto add = [&](const YamlField& item) {
        std::string address = read_address(item);
        if (!address.empty()) addresses.push_back(std::move(address));
    };
    if (!field.is_sequence()) {
        if (!field.node.is_null()) add(field);
        return addresses;
    }
    for (std::size_t i = 0; i < field.node.items.size(); ++i)
        add(field.item(i));
    return addresses;
}

std::string read_mac_address(const YamlField& field) {
    constexpr std::size_t size = 17;
    const auto text = field.text();
    if (!text || text->empty()) return {};
    bool good = text->size() == size;
    for (std::size_t i = 0; good && i < size; ++i) {
        const char c = (*text)[i];
        const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        good = i % 3 == 2 ? c == ':' || c == '-' : hex;
    }
    if (!good) {
        field.error("expected a MAC address, as `02:42:ac:11:65:43`");
        return {};
    }
    std::string address = *text;
    std::replace(address.begin(), address.end(), '-', ':');
    return address;
}

std::optional<YamlField> find_below(const YamlField& field, std::span<const char* const> keys) {
    if (keys.empty()) return field;
    if (!field.is_mapping()) return std::nullopt;
    const auto child = field.find(keys.front());
    if (!child) return std::nullopt;
    return find_below(*child, keys.subspan(1));
}

std::optional<YamlField> require(const YamlField& field, const char* key, const char* what) {
    auto found = field.find(key);
    if (!found) field.error(fmt::format("expected the key `{}`, {}", key, what));
    return found;
}

}  // namespace nap
