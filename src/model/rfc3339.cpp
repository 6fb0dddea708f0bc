#include "model/rfc3339.hpp"

#include <cstdint>
#include <cstdio>

namespace nap {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Takes exactly `count` digits, which must not exceed `max`.
std::optional<int> take_number(std::string_view& text, std::size_t count, int max) {
    if (text.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(0, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    if (value > max) return std::nullopt;
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char wanted) {
    if (!text.starts_with(wanted)) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
    const auto year = take_number(text, 4, 9999);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = take_number(text, 2, 12);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_number(text, 2, 31);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date};
}

std::optional<seconds> take_clock(std::string_view& text) {
    const auto hour = take_number(text, 2, 23);
    if (!hour || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2, 59);
    if (!minute || !take(text, ':')) return std::nullopt;
    const auto second = take_number(text, 2, 60);
    if (!second) return std::nullopt;
    return hours{*hour} + minutes{*minute} + seconds{*second};
}

/// Digits past the ninth are dropped.
std::optional<nanoseconds> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return nanoseconds{0};
    std::int64_t value = 0;
    std::int64_t unit = 1'000'000'000;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
        unit /= 10;
        value += unit * (text[digits] - '0');
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    return nanoseconds{value};
}

std::optional<minutes> take_offset(std::string_view& text) {
    if (take(text, 'Z') || take(text, 'z')) return minutes{0};
    const bool is_west = take(text, '-');
    if (!is_west && !take(text, '+')) return std::nullopt;
    const auto hour = take_number(text, 2, 23);
    if (!hour || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2, 59);
    if (!minute) return std::nullopt;
    const minutes offset = hours{*hour} + minutes{*minute};
    return is_west ? -offset : offset;
}

}  // namespace

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
    const auto date = take_date(text);
    if (!date || (!take(text, 'T') && !take(text, 't') && !take(text, ' '))) return std::nullopt;
    const auto clock = take_clock(text);
    if (!clock) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    const std::chrono::sys_seconds whole = *date + *clock - *offset;
    static constexpr std::chrono::sys_days year_one{std::chrono::year{1} / 1 / 1};
    if (whole == year_one && fraction->count() == 0) return TimePoint{};
    static constexpr auto limit = std::chrono::duration_cast<seconds>(nanoseconds::max());
    const seconds since_epoch = whole.time_since_epoch();
    if (since_epoch >= limit || since_epoch <= -limit) return std::nullopt;
    return TimePoint{since_epoch} + *fraction;
}

std::string format_rfc3339(TimePoint time) {
    const auto at = std::chrono::floor<milliseconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{at - day};
    char text[64];
    const int size = std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace nap
