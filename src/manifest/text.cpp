#include "manifest/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace nap {
namespace {

constexpr std::size_t quoted_bytes_max = 60;
constexpr std::size_t suggestion_bytes_max = 64;
constexpr std::size_t candidates_max = 500;  // so that a hostile manifest costs milliseconds

unsigned byte_at(std::string_view text, std::size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
}

bool is_continuation(unsigned byte) {
    return (byte & 0xC0U) == 0x80U;
}

/// Length of the well-formed UTF-8 character at `index`, its code point in `point`; 0 if there is
/// none.
std::size_t utf8_length(std::string_view text, std::size_t index, std::uint32_t& point) {
    const unsigned first = byte_at(text, index);
    point = first;
    if (first < 0x80U) return 1;
    std::size_t length = 0;
    if (first >= 0xC2U && first <= 0xDFU) length = 2;
    if (first >= 0xE0U && first <= 0xEFU) length = 3;
    if (first >= 0xF0U && first <= 0xF4U) length = 4;
    if (length == 0) return 0;
    point = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const unsigned next = byte_at(text, index + i);
        if (!is_continuation(next)) return 0;
        point = (point << 6U) | (next & 0x3FU);
    }
    const bool overlong = (length == 3 && point < 0x800U) || (length == 4 && point < 0x10000U);
    const bool surrogate = point >= 0xD800U && point <= 0xDFFFU;
    return overlong || surrogate || point > 0x10FFFFU ? 0 : length;
}

bool is_printable(std::uint32_t point) {
    if (point == '\t' || point == '\n' || point == 0x85U) return true;
    return point >= 0x20U && !(point >= 0x7FU && point <= 0x9FU) && point != 0xFFFEU &&
           point != 0xFFFFU;
}

YamlPosition place_of(std::string_view text, std::size_t index) {
    const std::string_view before = text.substr(0, index);
    const std::size_t line_begin = before.rfind('\n') + 1;  // 0 when there is none
    return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
            static_cast<int>(index - line_begin) + 1};
}

bool all_of_digits(std::string_view text, int base) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [base](char c) {
        if (base == 16 && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) return true;
        return c >= '0' && c <= (base == 8 ? '7' : '9');
    });
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

std::string_view without_sign(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return text;
}

std::string_view skip_digits(std::string_view text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    return text.substr(static_cast<std::size_t>(end - text.begin()));
}

bool is_number(std::string_view text) {
    text = without_sign(text);
    if (is_one_of(text, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})) return true;
    std::string_view rest = skip_digits(text);
    std::size_t digits = text.size() - rest.size();
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        const std::string_view after = skip_digits(rest);
        digits += rest.size() - after.size();
        rest = after;
    }
    if (digits == 0) return false;
    if (rest.empty()) return true;
    if (rest.front() != 'e' && rest.front() != 'E') return false;
    return all_of_digits(without_sign(rest.substr(1)), 10);
}

/// Levenshtein distance, where two swapped neighbours count once.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before;
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    std::vector<std::size_t> next(b.size() + 1);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        next[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            next[j] = std::min({row[j] + 1, next[j - 1] + 1, change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                next[j] = std::min(next[j], before[j - 2] + 1);
            }
        }
        before = row;
        row = next;
    }
    return row[b.size()];
}

}  // namespace

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<BadCharacter> find_bad_character(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const unsigned byte = byte_at(text, i);
        if ((byte >= 0x20U && byte < 0x7FU) || byte == '\n') {
            ++i;
            continue;
        }
        std::uint32_t point = 0;
        const std::size_t length = utf8_length(text, i, point);
        if (length == 0) {
            return BadCharacter{place_of(text, i),
                                fmt::format("expected UTF-8 text, found the byte 0x{:02X}", byte)};
        }
        const bool line_end = point == '\r' && byte_at(text, i + 1) == '\n';
        if (!is_printable(point) && !line_end) {
            return BadCharacter{place_of(text, i),
                                fmt::format("expected printable text, found the control "
                                            "character U+{:04X}; remove it, or write it as "
                                            "an escape in double quotes",
                                            point)};
        }
        i += length;
    }
    return std::nullopt;
}

YamlType plain_type(std::string_view text) {
    // Most are strings, which their first character tells.
    const char first = text.empty() ? '~' : text.front();
    if (!is_digit(first) && std::string_view("+-.~nNtTfF").find(first) == std::string_view::npos) {
        return YamlType::string;
    }
    if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return YamlType::null;
    if (is_one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) {
        return YamlType::boolean;
    }
    if (all_of_digits(without_sign(text), 10)) return YamlType::integer;
    if (text.starts_with("0o") && all_of_digits(text.substr(2), 8)) return YamlType::integer;
    if (text.starts_with("0x") && all_of_digits(text.substr(2), 16)) return YamlType::integer;
    return is_number(text) ? YamlType::number : YamlType::string;
}

std::string clipped(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return std::string(text);
    std::size_t end = bytes_max;
    while (end > 0 && is_continuation(byte_at(text, end)))
        --end;
    return std::string(text.substr(0, end)) + "…";
}

std::string quoted(std::string_view text) {
    std::string shown = "`";
    for (const char c : clipped(text, quoted_bytes_max)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20U || byte == 0x7FU) {
            shown += fmt::format("\\x{:02x}", byte);
        } else {
            shown += c;
        }
    }
    return shown + "`";
}

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
    if (name.size() > suggestion_bytes_max) return {};
    candidates = candidates.first(std::min(candidates.size(), candidates_max));
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(1, std::min<std::size_t>(3, name.size() / 3));
    ++best_distance;
    for (const std::string_view candidate : candidates) {
        if (candidate.size() > name.size() + 3 || name.size() > candidate.size() + 3) continue;
        const std::size_t found = distance(name, candidate);
        if (found < best_distance) {
            best = candidate;
            best_distance = found;
        }
    }
    return best;
}

bool is_plain_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
               c == '_' || c == '-';
    });
}

std::string_view trimmed(std::string_view text) {
    constexpr char blanks[] = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string in_lower_case(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

std::string in_upper_case(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

bool is_engine_name(std::string_view text) {
    return is_plain_name(text) && text.front() != '.' && text.front() != '_' && text.front() != '-';
}

}  // namespace nap
