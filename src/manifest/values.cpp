#include "manifest/values.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "manifest/text.hpp"

namespace nap {
namespace {

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
constexpr std::string_view blank = " \t\r\n";

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr Unit duration_units[] = {
    {"ns", 1},
    {"us", 1'000},
    {"µs", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60 * 1'000'000'000LL},
    {"h", 3'600 * 1'000'000'000LL},
};

/// A `b` or `ib` may follow, as in Docker's own commands; they mean the same.
constexpr Unit byte_units[] = {
    {"", 1}, {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"t", 1LL << 40}, {"p", 1LL << 50},
};

const Unit* find_unit(std::span<const Unit> units, std::string_view name) {
    const auto found = std::find_if(units.begin(), units.end(),
                                    [&](const Unit& unit) { return unit.name == name; });
    return found == units.end() ? nullptr : &*found;
}

Error malformed(std::string message) {
    return {Errc::malformed, std::move(message)};
}

/// A decimal such as `12` or `1.5`; the fraction is kept to six digits, which is finer than any
/// unit here needs and cannot overflow.
struct Decimal {
    std::int64_t whole = 0;
    std::int64_t millionths = 0;

    [[nodiscard]] std::optional<std::int64_t> times(std::int64_t unit) const {
        if (whole > (int64_max - unit) / unit) return std::nullopt;
        // In two parts, as millionths * unit alone may overflow.
        const std::int64_t high = unit / 1'000'000 * millionths;
        const std::int64_t low = unit % 1'000'000 * millionths / 1'000'000;
        return whole * unit + high + low;
    }
};

/// Takes the decimal `text` starts with off it.
std::optional<Decimal> take_decimal(std::string_view& text) {
    Decimal value;
    std::size_t digits = 0;
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
        if (value.whole > (int64_max - 9) / 10) return std::nullopt;
        value.whole = value.whole * 10 + (text.front() - '0');
    }
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        std::int64_t place = 100'000;
        for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
            value.millionths += place * (text.front() - '0');
            place /= 10;
        }
    }
    return digits == 0 ? std::nullopt : std::optional(value);
}

/// What split_command has read so far.
struct Splitter {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;

    void put(char c) {
        word += c;
        in_word = true;
    }

    void end_word() {
        if (in_word) words.push_back(std::move(word));
        word.clear();
        in_word = false;
    }

    /// A backslash and the character after it.
    void escaped(char c) {
        const bool plain_in_quotes = quote == '"' && c != '"' && c != '\\' && c != '$' && c != '`';
        if (c == '\n') return;
        if (plain_in_quotes) put('\\');
        put(c);
    }

    void in_quotes(char c) {
        if (c == quote) {
            quote = 0;
        } else {
            put(c);
        }
    }

    void next(char c) {
        if (quote != 0) {
            in_quotes(c);
        } else if (c == '\'' || c == '"') {
            quote = c;
            in_word = true;
        } else if (blank.find(c) != std::string_view::npos) {
            end_word();
        } else {
            put(c);
        }
    }
};

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
    constexpr char expected[] = "expected a duration from 0s to 292 years, as `1m30s` or `500ms`";
    std::string_view rest = text;
    std::int64_t total_ns = 0;
    while (!rest.empty()) {
        const auto number = take_decimal(rest);
        if (!number) return malformed(expected);
        const auto unit_end =
            std::find_if(rest.begin(), rest.end(), [](char c) { return is_digit(c) || c == '.'; });
        const auto unit_size = static_cast<std::size_t>(unit_end - rest.begin());
        if (unit_size == 0) {
            return malformed(
                "expected a duration with a unit (us, ms, s, m, h), found a bare "
                "number; add the unit, as `10s`");
        }
        const Unit* unit = find_unit(duration_units, rest.substr(0, unit_size));
        if (unit == nullptr) return malformed(expected);
        const auto part = number->times(unit->factor);
        if (!part || *part > int64_max - total_ns) return malformed(expected);
        total_ns += *part;
        rest.remove_prefix(unit_size);
    }
    constexpr std::int64_t ns_per_ms = 1'000'000;
    const std::int64_t ms = total_ns / ns_per_ms + (total_ns % ns_per_ms == 0 ? 0 : 1);
    // Rounded up it has to fit too, however it is written: the engine counts in nanoseconds.
    const bool fits = ms <= int64_max / ns_per_ms - 2;
    if (text.empty() || !fits) return malformed(expected);
    return milliseconds(ms);
}

Result<std::int64_t> parse_bytes(std::string_view text) {
    constexpr char expected[] =
        "expected a number of bytes, as `512m` (units: b, k, m, g, t, also as kb or kib)";
    const auto number = take_decimal(text);
    if (!number) return malformed(expected);
    if (text.starts_with(' ')) text.remove_prefix(1);
    std::string unit_name = in_lower_case(std::string(text));
    if (unit_name.ends_with('b')) unit_name.pop_back();
    if (unit_name.size() == 2 && unit_name.ends_with('i')) unit_name.pop_back();
    const Unit* unit = find_unit(byte_units, unit_name);
    if (unit == nullptr) return malformed(expected);
    const auto bytes = number->times(unit->factor);
    if (!bytes) return malformed(expected);
    return *bytes;
}

Result<std::int64_t> parse_nano_cpus(std::string_view text) {
    constexpr char expected[] = "expected a number of cores, as `0.5`";
    const auto number = take_decimal(text);
    if (!number || !text.empty()) return malformed(expected);
    const auto nano_cpus = number->times(1'000'000'000);
    if (!nano_cpus) return malformed(expected);
    return *nano_cpus;
}

Result<std::vector<std::string>> split_command(std::string_view text) {
    Splitter splitter;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || splitter.quote == '\'') {
            splitter.next(text[i]);
            continue;
        }
        if (++i == text.size()) return malformed("a backslash at the end escapes nothing");
        splitter.escaped(text[i]);
    }
    if (splitter.quote != 0) {
        return malformed(splitter.quote == '"' ? "a double quote is not closed"
                                               : "a single quote is not closed");
    }
    splitter.end_word();
    return std::move(splitter.words);
}

std::optional<int> parse_whole(std::string_view text, int min, int max) {
    int value = 0;
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (value < min || value > max) return std::nullopt;
    return value;
}

bool is_signal(std::string_view text) {
    static constexpr std::string_view names[] = {
        "HUP",   "INT",  "QUIT", "ILL",  "TRAP", "ABRT",  "BUS",    "FPE",    "KILL",
        "USR1",  "SEGV", "USR2", "PIPE", "ALRM", "TERM",  "STKFLT", "CHLD",   "CONT",
        "STOP",  "TSTP", "TTIN", "TTOU", "URG",  "XCPU",  "XFSZ",   "VTALRM", "PROF",
        "WINCH", "IO",   "POLL", "PWR",  "SYS",  "RTMIN", "RTMAX"};
    if (parse_whole(text, 1, 64)) return true;
    if (text.starts_with("SIG")) text.remove_prefix(3);
    if (std::find(std::begin(names), std::end(names), text) != std::end(names)) return true;
    constexpr std::size_t prefix = 6;
    const bool after_min = text.starts_with("RTMIN+");
    const bool before_max = text.starts_with("RTMAX-");
    if (!after_min && !before_max) return false;
    return parse_whole(text.substr(prefix), 1, after_min ? 15 : 14).has_value();
}

bool is_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return text.find('\0') == std::string::npos &&
           (inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
            inet_pton(AF_INET6, text.c_str(), address.data()) == 1);
}

bool is_absolute(std::string_view path) {
    return path.starts_with('/');
}

}  // namespace nap
