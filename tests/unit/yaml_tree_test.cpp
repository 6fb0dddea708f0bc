#include "manifest/yaml_tree.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "manifest/text.hpp"
#include "manifest/yaml_field.hpp"

namespace nap {
namespace {

constexpr std::size_t bytes_max = 256 * 1024;

YamlDocument read(const std::string& text) {
    return read_yaml("f.yml", text, bytes_max);
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

/// The tree as compact text, quoted scalars with quotes.
std::string show(const YamlNode& node) {
    std::string text;
    switch (node.kind) {
        case YamlKind::scalar:
            return node.plain ? node.text : "'" + node.text + "'";
        case YamlKind::sequence:
            for (const YamlNode& item : node.items)
                text += (text.empty() ? "" : ",") + show(item);
            return "[" + text + "]";
        case YamlKind::mapping:
            break;
    }
    for (const YamlEntry& entry : node.entries) {
        text += (text.empty() ? "" : ",") + entry.key + ":" + show(entry.value);
    }
    return "{" + text + "}";
}

struct GoodCase {
    const char* text;
    const char* tree;

    friend void PrintTo(const GoodCase& good, std::ostream* out) { *out << good.text; }
};

class YamlTreeGood : public testing::TestWithParam<GoodCase> {};

TEST_P(YamlTreeGood, reads_as) {
    const YamlDocument document = read(GetParam().text);
    ASSERT_TRUE(document.root) << GetParam().text << "\n" << to_string(document.errors.at(0));
    EXPECT_TRUE(document.errors.empty()) << to_string(document.errors.at(0));
    EXPECT_EQ(show(*document.root), GetParam().tree);
}

INSTANTIATE_TEST_SUITE_P(
    yaml, YamlTreeGood,
    testing::Values(
        GoodCase{"a: 1\nb: 'x'\nc: \"y\"", "{a:1,b:'x',c:'y'}"},
        GoodCase{"z: 1\na: 2", "{z:1,a:2}"}, GoodCase{"- 1\n- [2, {a: b}]", "[1,[2,{a:b}]]"},
        GoodCase{"\xEF\xBB\xBF"
                 "a: 1",
                 "{a:1}"},
        GoodCase{"a: 1\r\nb: 2\r\n", "{a:1,b:2}"}, GoodCase{"--- {a: 1}\n...\n", "{a:1}"},
        GoodCase{"{\n\t\"a\": [1, true, null, \"\\u00e9\\/\"]\n}", "{a:[1,true,,'é/']}"},
        GoodCase{"a: |\n  x\n  y\n", "{a:'x\ny\n'}"}, GoodCase{"a: !!str 1", "{a:'1'}"},
        GoodCase{"a: ! 1", "{a:'1'}"}, GoodCase{"a: !!int 1", "{a:1}"},
        GoodCase{"a: !!map {b: !!seq [1]}", "{a:{b:[1]}}"},
        GoodCase{"a: &x {p: 1}\nb: *x", "{a:{p:1},b:{p:1}}"},
        GoodCase{"a: &x 1\nb: &x 2\nc: *x", "{a:1,b:2,c:2}"},
        GoodCase{"a: &x k\nb: {*x : 1}", "{a:k,b:{k:1}}"},
        GoodCase{"b: {<<: {p: 1, q: 2}, q: 3}", "{b:{q:3,p:1}}"},
        GoodCase{"a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}", "{a:{p:1,q:2},b:{q:3,p:1}}"},
        GoodCase{"a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y], r: 3}",
                 "{a:{p:1},b:{p:2,q:2},c:{r:3,p:1,q:2}}"},
        GoodCase{"a: {'<<': 1}", "{a:{<<:1}}"}, GoodCase{"80: 80:80", "{80:80:80}"}));

struct BadCase {
    std::string text;
    int line;
    int column;
    const char* message;

    friend void PrintTo(const BadCase& bad, std::ostream* out) { *out << bad.text.substr(0, 80); }
};

class YamlTreeBad : public testing::TestWithParam<BadCase> {};

TEST_P(YamlTreeBad, is_refused_where_it_stands) {
    const YamlDocument document = read(GetParam().text);
    ASSERT_FALSE(document.errors.empty());
    const ManifestError& error = document.errors.front();
    EXPECT_EQ(error.file, "f.yml");
    EXPECT_EQ(error.line, GetParam().line) << error.message;
    EXPECT_EQ(error.column, GetParam().column) << error.message;
    EXPECT_NE(error.message.find(GetParam().message), std::string::npos) << error.message;
}

INSTANTIATE_TEST_SUITE_P(
    yaml, YamlTreeBad,
    testing::Values(
        BadCase{"", 1, 1, "empty document"}, BadCase{"# nothing\n", 1, 1, "empty document"},
        BadCase{"---\n", 1, 1, "empty document"}, BadCase{"~", 1, 1, "empty document"},
        BadCase{"a: 1\nb: 2\na: 3", 3, 1, "`a` is already set at line 1, column 1"},
        BadCase{"a: {x: 1, 'x': 2}", 1, 11, "already set at line 1, column 5"},
        BadCase{"a: {<<: {b: 1}, <<: {c: 1}}", 1, 17, "`<<` is already set"},
        BadCase{"a: {<<: 1}", 1, 9, "expects a mapping"},
        BadCase{"a: {<<: [1]}", 1, 10, "expects a mapping"},
        BadCase{"{a: 1}\nb: 2", 2, 1, "or `---` before another document"},
        BadCase{"a: !reset 1", 1, 1, "have no meaning here"},
        BadCase{"a: !mine 1", 1, 4, "the tag `!mine` does not fit"},
        BadCase{"a: !mine {b: 1}", 1, 4, "the tag `!mine` is not supported"},
        BadCase{"a: !mine [1]", 1, 4, "the tag `!mine` is not supported"},
        BadCase{"a: !!binary aGk=", 1, 4, "is not supported"},
        BadCase{"a: !!int x", 1, 4, "does not fit"},
        BadCase{"[1]: 2", 1, 1, "expected a name as the key"},
        BadCase{"? {a: 1}\n: 2", 1, 3, "expected a name as the key"},
        BadCase{"~: 1", 1, 1, "expected a name as the key"},
        BadCase{"a: 1\n---\nb: 2", 2, 1, "found another document"},
        BadCase{"'a' b", 1, 5, "end of the file"}, BadCase{"a: *x", 1, 4, "expected an alias"},
        BadCase{"a: &x [*x]", 1, 8, "inside itself"}, BadCase{"a: b: c", 1, 5, "quote the value"},
        BadCase{"a: [1", 1, 4, "expected `,` or `]`"}, BadCase{"a: {b: 1", 1, 4, "`,` or `}`"},
        BadCase{"a: 'x", 1, 6, "closing quote"}, BadCase{"a: 1\n]", 2, 1, "closing bracket"},
        BadCase{"a: 1\n  b: 2", 2, 4, "check the indentation"},
        BadCase{"a: \"\\q\"", 1, 7, "cannot be read as YAML"},
        BadCase{"a: \"x\\0y\"", 1, 4, "NUL character"},
        BadCase{"a: x\xFFy", 1, 5, "expected UTF-8 text, found the byte 0xFF"},
        BadCase{"a: \xC0\x80", 1, 4, "expected UTF-8"},
        BadCase{"a: \xED\xA0\x80", 1, 4, "expected UTF-8"},
        BadCase{"a: \xF4\x90\x80\x80", 1, 4, "expected UTF-8"},
        BadCase{"a: \xE2\x82", 1, 4, "expected UTF-8"},
        BadCase{std::string("a: 1\nb\0", 7), 2, 2, "control character U+0000"},
        BadCase{"a: \x1b[0m", 1, 4, "control character U+001B"},
        BadCase{"a: 1\rb: 2", 1, 5, "control character U+000D"},
        BadCase{"a: \xC2\x80", 1, 4, "control character U+0080"},
        BadCase{repeated("a", bytes_max + 1), 1, 1, "at most 262144 are accepted"},
        BadCase{repeated("[", 65) + repeated("]", 65), 1, 65, "more than 64 levels"},
        BadCase{"[" + repeated("a,", 100'001) + "]", 1, 200'000, "more than 100000 values"}));

TEST(yaml_tree, reports_all_duplicates_and_keeps_the_tree) {
    const YamlDocument document = read("a: 1\na: 2\nb: 3\nb: 4\n");
    ASSERT_TRUE(document.root);
    EXPECT_EQ(show(*document.root), "{a:1,b:3}");
    ASSERT_EQ(document.errors.size(), 2U);
    EXPECT_EQ(document.errors[1].line, 4);
}

TEST(yaml_tree, a_quote_is_closed_before_the_end_of_the_file) {
    for (const char* text : {"a: \"b\n", "a: 'b\nc: d\n", "a: b\nc: !!str \"d\n\n", "a: 'b''\n",
                             "a: \"b\\\"\n", "- 'a\n", "\"a\n"}) {
        const YamlDocument document = read(text);
        ASSERT_EQ(document.errors.size(), 1U) << text;
        EXPECT_EQ(document.errors[0].message, "expected a closing quote, found the end of the file")
            << text;
        EXPECT_GT(document.errors[0].line, 0) << text;
    }
    for (const char* text : {"a: 'b\n  c'\n", "a: !!str 'it''s'\n", "a: \"b\\\n  c\"\n",
                             "a: 'b'''\n", "a: &x\n  \"b\"\n", "a: |\n  'b\n", "a: b'\n"}) {
        EXPECT_TRUE(read(text).errors.empty()) << text;
    }
}

TEST(yaml_tree, knows_where_values_stand) {
    const YamlDocument document = read("a:\n  - x\n  - k: v\nempty:\n\n\nlast: 1\n");
    ASSERT_TRUE(document.root);
    const YamlNode* list = document.root->find("a");
    ASSERT_NE(list, nullptr);
    EXPECT_EQ(list->items[1].find("k")->position.line, 3);
    EXPECT_EQ(list->items[1].find("k")->position.column, 8);
    EXPECT_EQ(document.root->find("empty")->position.line, 4);
    EXPECT_EQ(document.root->find("nothing"), nullptr);
}

TEST(yaml_tree, aliases_cost_no_more_than_a_large_manifest) {
    std::string laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n";
    for (char c = 'b'; c < 'z'; ++c) {
        const std::string before = "*" + std::string(1, static_cast<char>(c - 1)) + ",";
        laughs += std::string(1, c) + ": &" + c + " [" + repeated(before, 9) + "]\n";
    }
    const std::string heavy =
        "a: &a '" + std::string(200'000, 'x') + "'\nb: [" + repeated("*a,", 15'000) + "]";
    std::string deep = "a0: &a0 [x]\n";
    for (int i = 1; i < 80; ++i) {
        const std::string n = std::to_string(i);
        deep += "a" + n + ": &a" + n + " [*a" + std::to_string(i - 1) + "]\n";
    }
    for (const std::string& text : {laughs, heavy, deep}) {
        const auto start = std::chrono::steady_clock::now();
        const YamlDocument document = read(text);
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
        EXPECT_FALSE(document.root);
        ASSERT_EQ(document.errors.size(), 1U);
        EXPECT_GT(document.errors[0].line, 0);
    }
}

TEST(yaml_tree, types_scalars_by_the_core_schema) {
    const std::pair<const char*, YamlType> cases[] = {
        {"", YamlType::null},        {"~", YamlType::null},        {"null", YamlType::null},
        {"true", YamlType::boolean}, {"False", YamlType::boolean}, {"yes", YamlType::string},
        {"no", YamlType::string},    {"on", YamlType::string},     {"22:22", YamlType::string},
        {"0", YamlType::integer},    {"-12", YamlType::integer},   {"+3", YamlType::integer},
        {"0x1F", YamlType::integer}, {"0o17", YamlType::integer},  {"0o8", YamlType::string},
        {"0x", YamlType::string},    {"1.5", YamlType::number},    {".5", YamlType::number},
        {"1.", YamlType::number},    {"1e3", YamlType::number},    {"-1.5E-3", YamlType::number},
        {".inf", YamlType::number},  {"-.Inf", YamlType::number},  {".nan", YamlType::number},
        {"1.2.3", YamlType::string}, {"1e", YamlType::string},     {".", YamlType::string},
        {"-", YamlType::string},     {"1_000", YamlType::string},  {"2020-01-01", YamlType::string},
        {"nUlL", YamlType::string},  {"tRue", YamlType::string},
    };
    for (const auto& [text, type] : cases) {
        YamlNode node;
        node.text = text;
        node.plain = true;
        EXPECT_EQ(node.type(), type) << text;
        node.plain = false;
        EXPECT_EQ(node.type(), YamlType::string) << text;
    }
}

TEST(yaml_field, reads_and_reports) {
    const YamlDocument document =
        read("s: x\nn: 3\nh: 0x10\nq: '7'\nb: true\nl: [a, 1]\nm: {}\nbig: 99999999999999999999\n");
    ASSERT_TRUE(document.root);
    ErrorSink errors("f.yml");
    const YamlField root{*document.root, "", errors};
    EXPECT_EQ(root.find("s")->string(), "x");
    EXPECT_EQ(root.find("n")->integer(0, 3), 3);
    EXPECT_EQ(root.find("h")->integer(0, 99), 16);
    EXPECT_EQ(root.find("q")->integer(0, 99), 7);
    EXPECT_EQ(root.find("b")->boolean(), true);
    EXPECT_EQ(root.find("n")->text(), "3");
    EXPECT_TRUE(errors.empty());
    EXPECT_FALSE(root.find("b")->string());
    EXPECT_FALSE(root.find("n")->integer(4, 9));
    EXPECT_FALSE(root.find("big")->integer(0, 9));
    EXPECT_FALSE(root.find("s")->boolean());
    EXPECT_FALSE(root.find("m")->text());
    EXPECT_FALSE(root.find("m")->expect_sequence());
    EXPECT_EQ(root.find("l")->strings(), std::vector<std::string>{"a"});
    const auto found = errors.take();
    ASSERT_EQ(found.size(), 7U);
    EXPECT_EQ(to_string(found[0]), "f.yml:1:4: s: expected `true` or `false`, found a string");
    EXPECT_EQ(found[3].path, "l[1]");
    EXPECT_EQ(found[3].message, "expected a string, found an integer; put it in quotes");
}

TEST(yaml_field, error_list_is_bounded) {
    ErrorSink errors("f.yml");
    for (int i = 0; i < 1000; ++i) {
        errors.add({1000 - i, 1}, std::string(500, 'p'), std::string(5000, 'm'));
    }
    EXPECT_TRUE(errors.full());
    const auto found = errors.take();
    ASSERT_EQ(found.size(), ErrorSink::errors_max + 1);
    EXPECT_LT(found[0].line, found[1].line);
    EXPECT_LT(found[0].path.size() + found[0].message.size(), 700U);
    EXPECT_EQ(found.back().message, "and 500 more errors, which are not listed");
}

TEST(manifest_text, suggests_only_what_is_near) {
    const std::string_view names[] = {"image", "ports", "volumes"};
    EXPECT_EQ(nearest("imagee", names), "image");
    EXPECT_EQ(nearest("iamge", names), "image");
    EXPECT_EQ(nearest("port", names), "ports");
    EXPECT_EQ(nearest("something", names), "");
    EXPECT_EQ(nearest(std::string(1000, 'x'), names), "");
    EXPECT_EQ(quoted("a\x01"
                     "b"),
              "`a\\x01b`");
    EXPECT_EQ(clipped("ééé", 3), "é…");
}

}  // namespace
}  // namespace nap
