#include "manifest/env_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nap {
namespace {

using testing::HasSubstr;

/// All lines as `KEY=value`, one a line, `KEY` alone without a value; then the errors.
std::string read(std::string_view text, bool raw = false) {
    Variables variables(AppId("shop"));
    variables.set_default("OUTER", "outer");
    YamlBudget budget;
    ErrorSink errors("e.env");
    const EnvReading how{variables, budget, errors};
    std::string all;
    for (const EnvLine& line :
         raw ? read_raw_env_file(0, text, how) : read_env_file(0, text, how)) {
        all += line.key + (line.value ? "=" + *line.value : "") + "\n";
    }
    for (const ManifestError& error : errors.take())
        all += to_string(error) + "\n";
    return all;
}

struct EnvCase {
    const char* text;
    const char* lines;

    friend void PrintTo(const EnvCase& c, std::ostream* out) { *out << c.text; }
};

class EnvFile : public testing::TestWithParam<EnvCase> {};

TEST_P(EnvFile, reads_as) {
    EXPECT_EQ(read(GetParam().text), GetParam().lines);
}

INSTANTIATE_TEST_SUITE_P(
    quoting, EnvFile,
    testing::Values(
        EnvCase{"", ""}, EnvCase{"\n# a comment\n  # another\n\n", ""}, EnvCase{"A=1", "A=1\n"},
        EnvCase{"A=1\nB=2\n", "A=1\nB=2\n"}, EnvCase{"A=1\r\nB=2\r\n", "A=1\nB=2\n"},
        EnvCase{"\xEF\xBB\xBF"
                "A=1",
                "A=1\n"},
        EnvCase{"A=", "A=\n"}, EnvCase{"A=\nB=2", "A=\nB=2\n"}, EnvCase{"  A = 1  \n", "A=1\n"},
        EnvCase{"A: 1\nB:\n", "A=1\nB=\n"}, EnvCase{"export A=1\nexport\tB=2", "A=1\nB=2\n"},
        EnvCase{"export=1\nexport = 2", "export=1\nexport=2\n"}, EnvCase{"export A\nB", "A\nB\n"},
        EnvCase{"A=a=b", "A=a=b\n"}, EnvCase{"A=a b  c", "A=a b  c\n"},
        EnvCase{"A=VAL # comment", "A=VAL\n"}, EnvCase{"A=VAL# not one", "A=VAL# not one\n"},
        EnvCase{"A= # comment", "A=\n"}, EnvCase{"A=#x", "A=#x\n"},
        EnvCase{"A=a'b\"c", "A=a'b\"c\n"}, EnvCase{"A='VAL'", "A=VAL\n"},
        EnvCase{"A=\"VAL\"", "A=VAL\n"}, EnvCase{"A= 'VAL' # c", "A=VAL\n"},
        EnvCase{"A=\"VAL # no\" # c", "A=VAL # no\n"}, EnvCase{"A=''", "A=\n"},
        EnvCase{"A='Let\\'s go'", "A=Let's go\n"},
        EnvCase{"A=\"{\\\"x\\\": 1}\"", "A={\"x\": 1}\n"}, EnvCase{"A='a\\tb'", "A=a\\tb\n"},
        EnvCase{"A=\"a\\tb\\n\\\\c\"", "A=a\tb\n\\c\n"}, EnvCase{"A=a\\tb", "A=a\\tb\n"},
        EnvCase{"A=\"a\\qb\"", "A=a\\qb\n"}, EnvCase{"A=\"a\nb\"\nC=1", "A=a\nb\nC=1\n"},
        EnvCase{"A='a\nb'\nC=1", "A=a\nb\nC=1\n"}, EnvCase{"A.b-c=1", "A.b-c=1\n"},
        EnvCase{"A=1\nA=2", "A=1\nA=2\n"}));

INSTANTIATE_TEST_SUITE_P(
    variables, EnvFile,
    testing::Values(EnvCase{"A=$OUTER", "A=outer\n"}, EnvCase{"A=\"<${OUTER}>\"", "A=<outer>\n"},
                    EnvCase{"A='$OUTER'", "A=$OUTER\n"}, EnvCase{"A=1\nB=${A}2", "A=1\nB=12\n"},
                    EnvCase{"A=${X:-d # e}",
                            "e.env:1:1: A: expected `}` at the end of `${…`; close it\n"},
                    EnvCase{"A=\"${X:-d # e}\"", "A=d # e\n"},
                    EnvCase{"A=\"\\$OUTER\"", "A=$OUTER\n"}, EnvCase{"A=$$OUTER", "A=$OUTER\n"},
                    EnvCase{"OUTER=own\nA=$OUTER", "OUTER=own\nA=outer\n"}));

INSTANTIATE_TEST_SUITE_P(
    errors, EnvFile,
    testing::Values(EnvCase{"A=1\nB C=2\nD=3",
                            "A=1\nD=3\ne.env:2:1: expected `KEY=value`, found something else\n"},
                    EnvCase{"=x", "e.env:1:1: expected `KEY=value`, found something else\n"},
                    EnvCase{"A='x\nB=1",
                            "e.env:1:3: a quote that is not closed; close it, or escape it with a "
                            "backslash\n"},
                    EnvCase{"A='x' y\nB=1",
                            "B=1\ne.env:1:7: expected the end of the line after the closing "
                            "quote\n"},
                    EnvCase{"A=\"x\ny\"\nB='z",
                            "A=x\ny\ne.env:3:3: a quote that is not closed; close it, or "
                            "escape it with a backslash\n"},
                    EnvCase{"\n  A=${X?need}",
                            "e.env:2:3: A: the variable `X` is not set: need; set it in "
                            "`.env`\n"}));

TEST(manifest_env_file, raw_lines_are_taken_as_they_are) {
    EXPECT_EQ(read("# c\n A='$X' # y\nB=\"z\"\nC\n\nD=\r\n", true), "A='$X' # y\nB=\"z\"\nC\nD=\n");
    EXPECT_EQ(read("A B=1\n=x\nC=1", true),
              "C=1\ne.env:1:1: expected `KEY=value`, found something else\n"
              "e.env:2:1: expected `KEY=value`, found something else\n");
}

TEST(manifest_env_file, is_text) {
    EXPECT_EQ(read("A=1\nB=x\xFF\n"), "e.env:2:4: expected UTF-8 text, found the byte 0xFF\n");
    EXPECT_EQ(read("A=\xC3", true), "e.env:1:3: expected UTF-8 text, found the byte 0xC3\n");
}

TEST(manifest_env_file, any_bytes_come_to_an_end) {
    const std::string good = "A=1\nexport B='x\\'y'\nC=\"${A:-\\n}\" # c\nD: e\n";
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char c : {'\0', '\n', '\r', '"', '\'', '\\', '$', '{', '#', '=', ' ', '\xFF'}) {
            std::string text = good;
            text[i] = c;
            read(text);
            read(text.substr(0, i + 1));
            read(text, true);
        }
    }
}

}  // namespace
}  // namespace nap
