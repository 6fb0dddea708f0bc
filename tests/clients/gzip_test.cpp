#include "clients/gzip.hpp"

#include <gtest/gtest.h>

#include "clients/base64.hpp"

namespace nap::test {
namespace {

/// `printf 'hello\n' | gzip -n`
const std::string hello = *decode_base64("H4sIAAAAAAAAA8tIzcnJ5wIAIDA6NgYAAAA=");

TEST(Unpacked, LeavesAloneWhatIsNotGzip) {
    EXPECT_EQ(*unpacked("services: {}\n", 3), "services: {}\n");
    EXPECT_EQ(*unpacked("", 3), "");
}

TEST(Unpacked, UnpacksOneOrSeveralParts) {
    EXPECT_EQ(*unpacked(hello, 6), "hello\n");
    EXPECT_EQ(*unpacked(hello + hello, 12), "hello\nhello\n");
}

TEST(Unpacked, StopsAtTheLimit) {
    EXPECT_EQ(unpacked(hello, 5).error().code, Errc::too_large);
    EXPECT_EQ(unpacked(hello + hello, 11).error().code, Errc::too_large);
}

TEST(Unpacked, SaysWhatIsBroken) {
    for (std::size_t length = 2; length < hello.size(); ++length) {
        EXPECT_EQ(unpacked(hello.substr(0, length), 100).error().code, Errc::malformed) << length;
    }
    std::string damaged = hello;
    damaged[damaged.size() - 6] ^= 1;
    EXPECT_EQ(unpacked(damaged, 100).error().code, Errc::malformed);
}

}  // namespace
}  // namespace nap::test
