#include "model/rfc3339.hpp"

#include <gtest/gtest.h>

namespace nap {

namespace {

TimePoint at(std::int64_t nanos) {
    return TimePoint{nanoseconds{nanos}};
}

}  // namespace

TEST(Rfc3339, ReadsWhatEnginesWrite) {
    EXPECT_EQ(parse_rfc3339("2026-11-21T04:01:22.528655754Z"), at(1'795'233'682'528'655'754));
    EXPECT_EQ(parse_rfc3339("2026-11-21T04:01:22Z"), at(1'795'233'682'000'000'000));
    EXPECT_EQ(parse_rfc3339("2026-11-21T05:31:22.5+01:30"), at(1'795'233'682'500'000'000));
    EXPECT_EQ(parse_rfc3339("2026-11-20T23:01:22-05:00"), at(1'795'233'682'000'000'000));
    EXPECT_EQ(parse_rfc3339("1970-01-01t00:00:00.0000000019z"), at(1));
    EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.5Z"), at(-500'000'000));
    EXPECT_EQ(parse_rfc3339("0001-01-01T00:00:00Z"), TimePoint{});
}

TEST(Rfc3339, RefusesTheRest) {
    for (const char* text :
         {"", "now", "2026-11-21", "2026-11-21T04:01:22", "2026-13-01T00:00:00Z",
          "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
          "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+1:00",
          "0001-01-02T00:00:00Z", "9999-01-01T00:00:00Z", "+026-01-01T00:00:00Z"}) {
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
    }
}

TEST(Rfc3339, WritesUtcToTheMillisecond) {
    EXPECT_EQ(format_rfc3339(at(1'795'233'682'528'655'754)), "2026-11-21T04:01:22.528Z");
    EXPECT_EQ(format_rfc3339(TimePoint{}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_rfc3339(at(-1)), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(parse_rfc3339(format_rfc3339(at(1'709'164'800'123'000'000))),
              at(1'709'164'800'123'000'000));
}

}  // namespace nap
