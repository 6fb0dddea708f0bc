#include "model/hosts_block.hpp"

#include <gtest/gtest.h>

namespace nap::test {
namespace {

const std::string engines = "127.0.0.1\tlocalhost\n::1\tlocalhost # nap: begin\n";
const std::string block = "172.17.0.2\tredis db\n";

TEST(HostsBlock, IsAppendedReplacedAndTakenOut) {
    const std::string plain = "127.0.0.1\tlocalhost\n";
    EXPECT_EQ(extract_hosts_block(plain), "");
    const std::string with = replace_hosts_block(plain, block);
    EXPECT_TRUE(with.starts_with(plain));
    EXPECT_EQ(extract_hosts_block(with), block);
    EXPECT_EQ(replace_hosts_block(with, block), with);
    EXPECT_EQ(extract_hosts_block(replace_hosts_block(with, "1.2.3.4\tx\n")), "1.2.3.4\tx\n");
    EXPECT_EQ(replace_hosts_block(with, ""), plain);
}

TEST(HostsBlock, OtherLinesStayByteForByte) {
    const std::string before = "# mine\r\n\n 10.0.0.1 a\n";
    const std::string after = "10.0.0.2\tb\n\n# last, without an end";
    const std::string with = replace_hosts_block(before, block) + after;
    EXPECT_EQ(replace_hosts_block(with, ""), before + after);
    const std::string changed = replace_hosts_block(with, "9.9.9.9 z\n");
    EXPECT_TRUE(changed.starts_with(before));
    EXPECT_TRUE(changed.ends_with(after));
}

TEST(HostsBlock, ALastLineWithoutAnEndIsEnded) {
    EXPECT_EQ(replace_hosts_block("10.0.0.1 a", "x\n"),
              "10.0.0.1 a\n# nap: begin\nx\n# nap: end\n");
    EXPECT_EQ(replace_hosts_block("", "x"), "# nap: begin\nx\n# nap: end\n");
}

TEST(HostsBlock, AMarkerInsideALineIsNone) {
    EXPECT_EQ(extract_hosts_block(engines), "");
    const std::string once = replace_hosts_block(engines, block);
    EXPECT_EQ(extract_hosts_block(once), block);
    EXPECT_EQ(replace_hosts_block(once, block), once) << "or it grows with every look";
}

TEST(HostsBlock, ABlockCutShortSwallowsNothing) {
    const std::string cut = "127.0.0.1 localhost\n# nap: begin\n10.0.0.1 db\n10.9.9.9 foreign\n";
    EXPECT_EQ(extract_hosts_block(cut), "");
    const std::string once = replace_hosts_block(cut, block);
    EXPECT_EQ(extract_hosts_block(once), block);
    EXPECT_EQ(replace_hosts_block(once, ""), cut) << "every other line stays";
}

}  // namespace
}  // namespace nap::test
