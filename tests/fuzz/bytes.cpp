#include <algorithm>

#include "fuzz.hpp"
#include "manifest/text.hpp"
#include "manifest/values.hpp"

namespace nap::fuzz {
namespace {

void require_amount(std::string_view input, Result<std::int64_t> (*parse)(std::string_view),
                    std::int64_t unit) {
    const auto read = parse(input);
    if (!read) {
        require(read.error().code == Errc::malformed && !read.error().message.empty(),
                "an error says what was expected", input);
        return;
    }
    require(*read >= 0, "a negative amount", input);
    if (*read % unit != 0) return;
    const auto again = parse(std::to_string(*read / unit));
    require(again && *again == *read, "the plain number reads otherwise", input);
}

}  // namespace

void bytes(std::string_view input) {
    require_amount(input, parse_bytes, 1);
    require_amount(input, parse_nano_cpus, 1'000'000'000);
    const bool digits = !input.empty() && std::all_of(input.begin(), input.end(), is_digit);
    const std::string text(input);
    const auto plain = parse_bytes(input);
    const auto kilo = parse_bytes(text + "k");
    if (digits && plain && kilo) require(*kilo == 1024 * *plain, "k is 1024", input);
    std::string upper(text);
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    const auto shouted = parse_bytes(upper);
    require(shouted.has_value() == plain.has_value() && (!plain || *shouted == *plain),
            "upper case reads otherwise", input);
    const auto whole = parse_whole(input, 0, 1'000'000);
    require(!whole || (plain && *plain == *whole), "a whole number is not its bytes", input);
}

}  // namespace nap::fuzz
