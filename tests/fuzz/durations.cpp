#include "fuzz.hpp"
#include "manifest/values.hpp"

namespace nap::fuzz {

void durations(std::string_view input) {
    const auto read = parse_duration(input);
    if (!read) {
        require(read.error().code == Errc::malformed && !read.error().message.empty(),
                "an error says what was expected", input);
        return;
    }
    const std::int64_t ms = read->count();
    require(ms >= 0, "a negative duration", input);
    const auto again = parse_duration(std::to_string(ms) + "ms");
    require(again && *again == *read, "milliseconds read otherwise", input);
    // Parts add up.
    const auto longer = parse_duration("1s" + std::string(input));
    require(!longer || longer->count() == ms + 1'000, "1s more is not 1s more", input);
    constexpr std::int64_t near_the_end = 9'223'372'036'854 - 2'000;
    require(longer || ms >= near_the_end, "1s more is refused", input);
}

}  // namespace nap::fuzz
